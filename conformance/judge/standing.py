"""What executions in a recording show of its tokens and ids: that they were good for a while.

A token that expired, a policy that was deleted: neither comes back. A refusal between two
executions that show both is due to nothing of the kind.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import replace

from msgspec import Struct, field

from conformance.model import Exchange
from conformance.page.call import Call
from conformance.page.ids import canonical
from conformance.page.json_text import NotKnown

OFTEN = 2
"""Refusals between other executions that are no accident: a permission may be taken and given."""

REJECTED = frozenset({401, 403})

MOST_KEPT = 1000
"""Tokens, ids and pairs of them that are remembered: those that were good last."""

Shown = tuple[int, int, str]
"""A token by its number, an id, or both: that the token may do something to what the id names.

Before them the number of the recording: each has a clock of its own.
"""


class Worked(Struct):
    """Executions that show one thing: when they ended, in order, and when the last one began.

    `projects` are those that they were for.
    """

    ended: list[float] = field(default_factory=list)
    last: float = -math.inf
    projects: set[str] = field(default_factory=set)


class Standing:
    """When executions in a recording showed a token or an id to be good."""

    def __init__(self) -> None:
        self._worked: dict[Shown, Worked] = {}

    def executed(self, exchange: Exchange, call: Call) -> None:
        """Take in an execution; of a run of our own nothing has to be found out."""
        if not exchange.recording:
            return
        for each in _shown(exchange, _ids(call)):
            worked = self._worked[each] = self._worked.pop(each, Worked())
            insort(worked.ended, exchange.ended)
            worked.last = max(worked.last, exchange.started)
            worked.projects.add(call.project_id or "")
            if len(self._worked) > MOST_KEPT:
                del self._worked[next(iter(self._worked))]

    def times(self, refused: Iterable[Exchange], call: Call) -> int:
        """How often what a refusal hangs on was shown to be good before it and after it.

        Those between the same executions count once. `call` is one of the requests.
        """
        places = {self._place(each, call) for each in refused}
        return len(places - {None})

    def went_beyond(self, project: str | None) -> bool:
        """Whether a token for which a project was executed was good for another one, too."""
        projects: dict[int, set[str]] = {}
        for token, each in self._tokens:
            projects[token] = projects.get(token, set()) | each.projects
        return any(project in each and len(each) > 1 for each in projects.values())

    def renewed(self, exchange: Exchange) -> bool:
        """Whether a token that was rejected gave way to another one, as a token that expired."""
        is_rejected = exchange.response is not None and exchange.response.status in REJECTED
        return is_rejected and any(
            each.last >= exchange.ended for token, each in self._tokens if token != exchange.token
        )

    @property
    def _tokens(self) -> Iterator[tuple[int, Worked]]:
        return (
            (token, each) for (_, token, name), each in self._worked.items() if token and not name
        )

    def _place(self, exchange: Exchange, call: Call) -> tuple[int, ...] | None:
        """Behind how many executions a refusal came, of those that show what it hangs on.

        None where it does not stand between two.
        """
        hangs_on = _hangs_on(exchange, _ids(replace(call, request=exchange.request)))
        worked = [self._worked.get(each, Worked()) for each in hangs_on]
        places = [bisect_right(each.ended, exchange.started) for each in worked]
        is_between = all(places) and all(each.last >= exchange.ended for each in worked)
        return tuple(places) if places and is_between else None


def _shown(exchange: Exchange, ids: list[str]) -> list[Shown]:
    """What an execution shows to be good: ids, a token, and its rights to them."""
    alone = [(exchange.recording, 0, name) for name in dict.fromkeys(ids)]
    by_token = [(exchange.recording, exchange.token, name) for name in ("", *dict.fromkeys(ids))]
    return [*(by_token if exchange.token else ()), *alone]


def _hangs_on(exchange: Exchange, ids: list[str]) -> list[Shown]:
    """What may be wrong where a request gets its status: the token, its rights, or an id."""
    status = exchange.response.status if exchange.response else 0
    if status not in REJECTED:
        return [(exchange.recording, 0, name) for name in ids]
    names = ("", *ids) if status == 403 else ("",)
    return [(exchange.recording, exchange.token, name) for name in names if exchange.token]


def _ids(call: Call) -> list[str]:
    try:
        return [canonical(each) for each in call.named_ids]
    except NotKnown:
        return []
