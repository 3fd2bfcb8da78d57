"""Whether a rejection of a token that should be good is the token's fault: it may have expired."""

from __future__ import annotations

import math
from bisect import bisect_left

from conformance.judge.observations import Observations
from conformance.model import Exchange, JournalFooter
from conformance.page.authentication import FRESH
from conformance.page.call import TokenState

EXPIRED = "the token was rejected from then on: it may have expired"


def may_have_expired(
    seen: Observations, exchange: Exchange, token: TokenState, footer: JournalFooter
) -> bool:
    """Whether nothing shows that the token of an exchange was still good when it was rejected.

    What shows it: the same token worked afterwards, or it had just taken the place of one that
    worked and was then rejected.
    """
    if token is TokenState.GOOD and _was_fresh(seen, exchange, footer):
        return False
    until = next((at for at in footer.renewals if at > exchange.started), math.inf)
    place = bisect_left(seen.token_worked, exchange.ended)
    return place == len(seen.token_worked) or seen.token_worked[place] > until


def _was_fresh(seen: Observations, exchange: Exchange, footer: JournalFooter) -> bool:
    given = (at for at in footer.fresh if 0 <= exchange.started - at < FRESH)
    return any(seen.token_worked and seen.token_worked[0] < at for at in given)
