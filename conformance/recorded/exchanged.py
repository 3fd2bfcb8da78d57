"""What a request and its response say together: without secrets, as they are judged."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct, structs

from conformance.model import Headers, Request, Response, TransportFailure
from conformance.page.answer import request_ids
from conformance.recorded.addresses import endpoint_in
from conformance.recorded.doubles import Content
from conformance.recorded.entry import failure
from conformance.recorded.hiding import Hider, hider_of_headers
from conformance.recorded.messages import Came, Sent

MOST_REMEMBERED = 512
WORDS = ("protection_plan", "resource_graph", "application/json")
"""Long words of the page, which are nobody's secret."""


class Pair(Struct, frozen=True, eq=False):
    """A request and its response, or why none came.

    `said` are the texts in them but for their headers, and `hide` is what hides the secrets in
    those.

    `digest` tells it from others that began at the same moment. `remembered` is whether the next
    that is written like it is the same object.
    """

    sent: Sent
    came: Came
    failure: TransportFailure | None
    said: tuple[str, ...]
    hide: Hider
    digest: str
    remembered: bool


class Entry(NamedTuple):
    """What an entry says: a request and a response, whether all headers of the request are there,
    when it was sent, how long it took, in seconds, and by which connection.
    """

    pair: Pair
    has_all_headers: bool
    started: float
    duration: float
    connection: str

    @property
    def endpoint(self) -> str:
        """Where the request went."""
        return endpoint_in(self.pair.sent.place)


class Exchanged(Struct, frozen=True, eq=False):
    """What passed in an exchange, as it is judged."""

    request: Request
    response: Response | None
    failure: TransportFailure | None
    content: Content


def paired(sent: Sent, came: Came, ids: tuple[str, ...], *, ours: bool) -> Pair:
    """A request with its response; `ids` are no secrets, though a cookie may hold them.

    `ours` is what this suite recorded itself. Raises Unusable where no response came for no reason
    of the target's.
    """
    if sent.remembered and came.remembered:
        return _known_pair(sent, came, ids, ours, remembered=True)
    return _pair(sent, came, ids, ours, remembered=False)


def _pair(sent: Sent, came: Came, ids: tuple[str, ...], ours: bool, *, remembered: bool) -> Pair:
    public = (*WORDS, *ids, sent.place["project"], sent.place["provider"])
    hide = hider_of_headers(sent.headers, came.headers, public, ours)
    failed = None if came.response else failure(came.error)
    said = _said(sent, came.response)
    return Pair(sent, came, failed, said, hide, _digest(sent, came.response, said), remembered)


_known_pair = lru_cache(maxsize=MOST_REMEMBERED)(_pair)


def exchanged(pair: Pair, stand_in: str | None, *, has_all_headers: bool) -> Exchanged:
    """What passed, without secrets; what recurs is worked out once.

    `stand_in` stands for the token, also for one that was not recorded; None says that the headers
    are all there were.
    """
    work_out = _known if pair.remembered else _worked_out
    return work_out(pair, stand_in, has_all_headers)


def _worked_out(pair: Pair, stand_in: str | None, has_all_headers: bool) -> Exchanged:
    sent, response = pair.sent, pair.came.response
    hide = pair.hide.beside(pair.said)
    failed = pair.failure
    request = Request(
        sent.method,
        hide.url(sent.address),
        _headers(hide, sent, stand_in),
        hide.body(sent.body.data),
        sent.body.whole,
        has_all_headers,
    )
    shown = response and hide.response(response)
    failed = failed and structs.replace(failed, detail=hide.text(failed.detail))
    content = Content.of(request, shown, failed)
    return Exchanged(request, shown, failed, content)


_known = lru_cache(maxsize=MOST_REMEMBERED)(_worked_out)


def _headers(hide: Hider, sent: Sent, stand_in: str | None) -> Headers:
    if stand_in is None:
        return hide.headers(sent.headers)
    shown = hide.headers(sent.headers, stand_in)
    return shown if sent.token else (*shown, ("X-Auth-Token", stand_in))


def _said(sent: Sent, came: Response | None) -> tuple[str, ...]:
    body = sent.body.data.decode("latin-1")
    if came is None:
        return sent.address, body
    return sent.address, body, came.reason, came.body.decode("latin-1")


def _digest(sent: Sent, came: Response | None, said: tuple[str, ...]) -> str:
    ids = [mark for each in request_ids(came.headers) for mark in each] if came else []
    what = "\0".join((str(came.status) if came else "", sent.token or str(None), *said, *ids))
    return blake2b(what.encode("utf-8", "replace"), digest_size=4).hexdigest()
