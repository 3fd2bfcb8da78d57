"""Exchanges that stand in a recording twice: a page and its service worker saw them, or a browser
and a proxy, or two files overlap.

Same bytes both ways, as far as they are known, and one inside the other in time: that is one
exchange. (Where that is not sure, both are judged, and whether the id of a checkpoint was given out
twice is left open: see Sighting.)
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import urlsplit

from msgspec.structs import replace

from conformance.model import Exchange, Request, Response, TransportFailure, header
from conformance.page.answer import differ, marks
from conformance.page.oracle import EXECUTED
from conformance.recorded.hiding import AUTH_TOKEN

SLACK = 0.002
"""Seconds by which clocks may round."""
MOST_HELD = 64
"""Exchanges of which the better view is awaited at once."""
MOST_REMEMBERED = 65_536
MOST_ALIKE = 8

Said = tuple[str, bytes | None, bytes | None]


class Content(NamedTuple):
    """What tells an exchange from others that were under way at once.

    `said` has the operation with the status, the body that was sent and the one that came; a body
    that is not known is None.
    """

    said: Said
    date: str | None
    executed: bool

    @classmethod
    def of(cls, sent: Request, came: Response | None, failure: TransportFailure | None) -> Content:
        """What was said in an exchange."""
        date = header(came.headers, "Date") if came else None
        outcome = str(came.status if came else failure)
        said = (
            f"{sent.method} {urlsplit(sent.url).path} {outcome}",
            _digest(sent),
            _digest(came) if came else b"",
        )
        return cls(said, date, came is not None and came.status == EXECUTED)


class View(NamedTuple):
    """An exchange as a recording shows it: when it was, and what was said both ways."""

    started: float
    ended: float
    content: Content
    marks: tuple[tuple[str, str], ...] = ()

    @property
    def said(self) -> Said:
        """What was said, without when."""
        return self.content.said

    def is_of(self, other: View) -> bool:
        """Whether two views are of one exchange.

        Of refusals, which give out no id, it is enough that they were under way at once.
        """
        if self.said[0] != other.said[0] or not _agree(self.said, other.said):
            return False
        return self.is_when(other)

    def is_when(self, other: View) -> bool:
        """Whether two views in which the same was said may be of one exchange, by their times."""
        if differ(self.marks, other.marks):
            return False
        date, other_date = self.content.date, other.content.date
        if date and other_date and date != other_date:
            return False
        if (self.started, self.ended) == (other.started, other.ended):
            return True
        if self.started == self.ended or other.started == other.ended:
            return False  # how long it took is not known
        if self.started > other.ended or other.started > self.ended:
            return False
        outer, inner = sorted((self, other), key=lambda view: (view.started, -view.ended))
        last = outer if self.content.executed else inner
        return inner.ended <= last.ended + SLACK


def _digest(message: Request | Response) -> bytes | None:
    return blake2b(message.body, digest_size=8).digest() if message.whole else None


def _agree(one: Said, other: Said) -> bool:
    """Whether the same was said, as far as both views know it, and they know some of it."""
    if one == other:
        return one[1] is not None or one[2] is not None
    known = [(a, b) for a, b in zip(one[1:], other[1:], strict=True) if None not in (a, b)]
    return bool(known) and all(a == b for a, b in known)


@dataclass(slots=True)
class Passed:
    """The last exchanges in which one thing was said, and when the latest of all of them ended."""

    views: deque[View] = field(default_factory=lambda: deque(maxlen=MOST_ALIKE))
    latest: float = -math.inf


class Doubles:
    """Lets each exchange through once; `found` counts the others.

    An exchange is held until no other can lie inside of it: two views of one are put together. A
    page does not see what its service worker adds, and a worker may not see what came.
    """

    def __init__(self) -> None:
        self.found = 0
        self._passed: dict[Said, Passed] = {}

    def left_out(self, exchanges: Iterable[tuple[Exchange, Content]]) -> Iterator[Exchange]:
        """The exchanges without those that were seen before."""
        held: list[tuple[View, Exchange]] = []
        for exchange, content in exchanges:
            if not exchange.recording:
                yield exchange  # this suite wrote it, once
                continue
            view = View(exchange.started, exchange.ended, content, marks(exchange))
            for place, (seen, other) in enumerate(held):
                if view.is_of(seen):
                    self.found += 1
                    outer = min(seen, view, key=lambda each: each.started - each.ended)
                    held[place] = outer, _together(other, exchange)
                    break
            else:
                if any(view.is_when(seen) for seen in self._alike(view)):
                    self.found += 1
                else:
                    held.append((view, exchange))
            while held and (len(held) > MOST_HELD or held[0][0].ended + SLACK < view.started):
                yield self._pass(*held.pop(0))
        for view, exchange in held:
            yield self._pass(view, exchange)

    def _alike(self, view: View) -> Iterable[View]:
        """Exchanges that were let through, in which the same was said as far as that is known, and
        which were under way at once with this one.
        """
        passed = self._passed.get(view.said)
        if passed is None or view.started > passed.latest or not _agree(view.said, view.said):
            return ()
        return passed.views

    def _pass(self, view: View, exchange: Exchange) -> Exchange:
        passed = self._passed.get(view.said)
        if passed is None:
            self._passed[view.said] = passed = Passed()
            if len(self._passed) > MOST_REMEMBERED:
                del self._passed[next(iter(self._passed))]
        passed.views.append(view)
        passed.latest = max(passed.latest, view.ended)
        return exchange


def _together(one: Exchange, other: Exchange) -> Exchange:
    """One exchange of two views: what each shows that the other does not."""
    sent = max(one.request, other.request, key=_headers_shown)
    asked = one.request if one.request.whole else other.request
    request = replace(sent, body=asked.body, whole=asked.whole)
    answer = one if one.response is None or one.response.whole else other
    return replace(one, request=request, response=answer.response)


def _headers_shown(request: Request) -> tuple[bool, bool, int]:
    has_token = header(request.headers, AUTH_TOKEN) is not None
    return request.all_headers, has_token, len(request.headers)
