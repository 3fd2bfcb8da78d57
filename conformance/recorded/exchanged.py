"""What a request and its response say together: without secrets, as they are judged."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from msgspec import Struct, structs

from conformance.model import Headers, Request, Response, TransportFailure
from conformance.recorded.doubles import Content
from conformance.recorded.entry import failure
from conformance.recorded.hiding import Hider, hider
from conformance.recorded.messages import Came, Sent

WORDS = ("protection_plan", "resource_graph", "application/json")
"""Long words of the page, which are nobody's secret."""


class Exchanged(Struct, frozen=True, eq=False):
    """What passed in an exchange; `digest` tells it from others that began at the same moment."""

    request: Request
    response: Response | None
    failure: TransportFailure | None
    content: Content
    digest: str


def exchanged(
    sent: Sent,
    came: Came,
    ids: tuple[str, ...],
    stand_in: str | None,
    has_all_headers: bool,
    ours: bool,
) -> Exchanged:
    """What passed, without secrets; what recurs is worked out once.

    `ids` are no secrets, though a cookie may hold them. `stand_in` stands for the token, also for
    one that was not recorded; None says that the headers are all there were. `ours` is what this
    suite recorded itself. Raises Unusable where no response came for no reason of the target's.
    """
    work_out = _known if sent.remembered and came.remembered else _worked_out
    return work_out(sent, came, ids, stand_in, has_all_headers, ours)


def _worked_out(
    sent: Sent,
    came: Came,
    ids: tuple[str, ...],
    stand_in: str | None,
    has_all_headers: bool,
    ours: bool,
) -> Exchanged:
    response, said = came.response, _said(sent, came.response)
    public = (*WORDS, *ids, sent.place["project"], sent.place["provider"])
    hide = hider(sent.headers, came.headers, said, public, ours=ours)
    failed = None if response else failure(came.error)
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
    return Exchanged(request, shown, failed, content, _digest(sent, response, said))


_known = lru_cache(maxsize=512)(_worked_out)


def _headers(hide: Hider, sent: Sent, stand_in: str | None) -> Headers:
    if stand_in is None:
        return hide.headers(sent.headers)
    shown = hide.headers(sent.headers, stand_in)
    return shown if sent.token else (*shown, ("X-Auth-Token", stand_in))


def _said(sent: Sent, came: Response | None) -> tuple[str, ...]:
    """All that is said in an exchange but for its headers."""
    body = sent.body.data.decode("latin-1")
    if came is None:
        return sent.address, body
    return sent.address, body, came.reason, came.body.decode("latin-1")


def _digest(sent: Sent, came: Response | None, said: tuple[str, ...]) -> str:
    status = str(came.status) if came else ""
    what = "\0".join((status, sent.token or str(None), *said))
    return blake2b(what.encode("utf-8", "replace"), digest_size=4).hexdigest()
