"""When a rejected token may have expired, by what else the run knows of it."""

from __future__ import annotations

import pytest
from judge_helpers import FIXTURES, exchange, refusal, request
from msgspec.structs import replace

from conformance.judge.expiry import may_have_expired
from conformance.judge.observations import Observations
from conformance.model import Ending, JournalFooter, Spent, Tolerances
from conformance.page.authentication import FRESH
from conformance.page.backup_list import BackupList
from conformance.page.call import TokenState

AT = 1000.0
"""When the request was sent that was rejected; its response came after a second."""


@pytest.mark.parametrize(
    ("worked", "renewed", "fresh", "may"),
    [
        ((), (), (), True),
        ((-10,), (), (), True),
        ((-10, 0.5), (), (), True),
        ((-10, 1), (), (), False),
        ((-10, 30, 40), (), (), False),
        ((-10, 30), (20,), (), True),
        ((-10, 30), (35,), (), False),
        ((-10, 30), (-5,), (), False),
        ((-10, 30), (-5, 20), (), True),
        ((-10,), (-5,), (-5,), False),
        ((-10, -3), (-5,), (-5,), False),
        ((-3,), (-5,), (-5,), True),
        ((), (-5,), (-5,), True),
        ((-100,), (-FRESH,), (-FRESH,), True),
        ((-100,), (0,), (0,), False),
        ((-10,), (5,), (5,), True),
        ((-100,), (-90, -5), (-90, -5), False),
    ],
)
def test_a_token_may_have_expired_where_nothing_shows_that_it_was_good(
    worked: tuple[float, ...], renewed: tuple[float, ...], fresh: tuple[float, ...], may: bool
) -> None:
    """All times are in seconds from when the request was sent."""
    seen = Observations.of((), BackupList(FIXTURES, Tolerances()))
    seen.token_worked = [AT + each for each in worked]
    rejected = replace(exchange(request(), refusal(401)), started=AT, duration=1.0)
    spent = Spent(1, 1)
    footer = JournalFooter(
        Ending.COMPLETE,
        AT + 60,
        spent,
        spent,
        renewals=tuple(AT + each for each in renewed),
        fresh=tuple(AT + each for each in fresh),
    )
    assert may_have_expired(seen, rejected, TokenState.GOOD, footer) is may


def test_only_the_good_token_is_taken_anew() -> None:
    seen = Observations.of((), BackupList(FIXTURES, Tolerances()))
    seen.token_worked = [AT - 10]
    rejected = replace(exchange(request(), refusal(401)), started=AT, duration=1.0)
    footer = JournalFooter(Ending.COMPLETE, AT + 60, Spent(1, 1), Spent(1, 1), fresh=(AT - 5,))
    assert may_have_expired(seen, rejected, TokenState.FORBIDDEN, footer)
