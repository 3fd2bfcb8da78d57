"""What executions in a recording show of its tokens and ids: that they were good for a while.

A token that expired, a policy that was deleted: neither comes back. A refusal between two
executions that show both is due to nothing of the kind.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from conformance.model import Exchange
from conformance.page.call import Call, canonical
from conformance.page.json_text import NotKnown

OFTEN = 2
"""Refusals between other executions that are no accident: a permission may be taken and given."""

REJECTED = frozenset({401, 403})

Shown = tuple[int, int, str]
"""A token by its number, an id, or both: that the token may do something to what the id names.

Before them the number of the recording: each has a clock of its own.
"""


class Standing:
    """When executions in a recording showed a token or an id to be good.

    `projects` has those for which requests with each token were executed.
    """

    def __init__(self) -> None:
        self.projects: defaultdict[int, set[str]] = defaultdict(set)
        self._ended: defaultdict[Shown, list[float]] = defaultdict(list)
        self._last: dict[Shown, float] = {}

    def executed(self, exchange: Exchange, call: Call) -> None:
        """Take in an execution; of a run of our own nothing has to be found out."""
        if not exchange.recording:
            return
        if exchange.token:
            self.projects[exchange.token].add(call.project_id or "")
        names = ("", *_ids(call))
        shown = {(exchange.recording, who, name) for who in {0, exchange.token} for name in names}
        for each in shown - {(exchange.recording, 0, "")}:
            insort(self._ended[each], exchange.ended)
            self._last[each] = max(exchange.started, self._last.get(each, exchange.started))

    def times(self, refused: Iterable[Exchange], call: Call) -> int:
        """How often what a refusal hangs on was shown to be good before it and after it.

        Those between the same executions count once. `call` is one of the requests.
        """
        places = {self._place(each, call) for each in refused}
        return len(places - {None})

    def went_beyond(self, project: str | None) -> bool:
        """Whether a token for which a project was executed was good for another one, too."""
        return any(project in each and len(each) > 1 for each in self.projects.values())

    def renewed(self, exchange: Exchange) -> bool:
        """Whether a token that was rejected gave way to another one, as a token that expired."""
        is_rejected = exchange.response is not None and exchange.response.status in REJECTED
        return is_rejected and any(
            began >= exchange.ended
            for (_, token, name), began in self._last.items()
            if not name and token != exchange.token
        )

    def _place(self, exchange: Exchange, call: Call) -> tuple[int, ...] | None:
        """Behind how many executions a refusal came, of those that show what it hangs on.

        None where it does not stand between two.
        """
        hangs_on = _hangs_on(exchange, replace(call, request=exchange.request))
        if not all(self._last.get(each, 0) >= exchange.ended for each in hangs_on):
            return None
        places = [bisect_right(self._ended[each], exchange.started) for each in hangs_on]
        return tuple(places) if places and all(places) else None


def _hangs_on(exchange: Exchange, call: Call) -> list[Shown]:
    """What may be wrong where a request gets its status: the token, its rights, or an id."""
    status = exchange.response.status if exchange.response else 0
    if status not in REJECTED:
        return [(exchange.recording, 0, name) for name in _ids(call)]
    names = ("", *_ids(call)) if status == 403 else ("",)
    return [(exchange.recording, exchange.token, name) for name in names if exchange.token]


def _ids(call: Call) -> list[str]:
    try:
        return [canonical(each) for each in call.named_ids]
    except NotKnown:
        return []
