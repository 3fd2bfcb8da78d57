"""What became of the records that a run created, by what their deletion came to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct

from conformance.contract.linked_pages import linked_pages
from conformance.model import NEVER_SENT, Deletion, Exchange, Failure
from conformance.page.answer import error_code
from conformance.page.backups import listed
from conformance.page.error_codes import CodeKind, published_reason
from conformance.text import shorten

ACCEPTED = frozenset({200, 202, 204})
"""The page says 200; others that mean the same are taken as well, since nothing is judged."""
NOT_FOUND = 404
LONGEST = 80


class Fate(Enum):
    """What became of a record."""

    DELETED = "deleted"
    GONE = "gone already"
    LEFT = "not deleted"


class Outcome(Struct, frozen=True):
    """What became of a record, and why it is left where it is; empty where nothing was tried."""

    record: str
    fate: Fate
    why: str = ""


def outcomes(records: Iterable[str], deletions: Sequence[Deletion]) -> tuple[Outcome, ...]:
    """What became of each record, in their order, by the deletions in theirs."""
    tried: defaultdict[str, list[Deletion]] = defaultdict(list)
    for each in deletions:
        tried[each.record].append(each)
    has_deleted = any(each.exchange and is_accepted(each.exchange) for each in deletions)
    return tuple(outcome_of(name, tried[name], has_deleted=has_deleted) for name in records)


def outcome_of(record: str, attempts: Sequence[Deletion], *, has_deleted: bool) -> Outcome:
    """What became of a record by the attempts to delete it, and the looks at what is left of it.

    A record counts as gone where the target says so with the published code, where a request whose
    response was lost may have deleted it, or where the list of backups has none of it any more. A
    404 without a code says so of a target that `has_deleted` another: it knows the operation.
    """
    may_be_gone = has_deleted
    for exchange in (each.exchange for each in attempts):
        if exchange is not None and is_accepted(exchange):
            return Outcome(record, Fate.DELETED)
        if exchange is not None and _says_gone(exchange, may_be_gone=may_be_gone):
            return Outcome(record, Fate.GONE)
        may_be_gone = may_be_gone or _was_lost(exchange)
    return Outcome(record, Fate.LEFT, _why(attempts[-1].exchange) if attempts else "")


def is_accepted(exchange: Exchange) -> bool:
    """Whether a target says that it deletes, or has deleted."""
    return exchange.request.method == "DELETE" and _status(exchange) in ACCEPTED


def _says_gone(exchange: Exchange, *, may_be_gone: bool) -> bool:
    if is_not_found(exchange):
        return may_be_gone or _code(exchange) in linked_pages().gone
    return listed(exchange) == ()  # one that shows other records does not heed the filter


def _was_lost(exchange: Exchange | None) -> bool:
    """Whether a request may have deleted something without saying so."""
    if exchange is None:
        return True
    return exchange.failure is not None and exchange.failure.kind not in NEVER_SENT


def is_busy(exchange: Exchange) -> bool:
    """Whether a deletion is refused for as long as something else goes on with the backup."""
    if exchange.response is None:
        return False
    said = published_reason(exchange.response)
    return said is not None and said[0] is CodeKind.BUSY


def may_be_busy(exchange: Exchange) -> bool:
    """Whether a deletion is refused without a code, and with a status that may mean "busy".

    OpenStack Karbor 1.6 responds with 500 for a checkpoint that is still protecting.
    """
    return _status(exchange) in (400, 409, 500) and not _code(exchange)


def is_not_found(exchange: Exchange) -> bool:
    """Whether a deletion met a 404: there is no such record, or nothing at that address."""
    return exchange.request.method == "DELETE" and _status(exchange) == NOT_FOUND


def _status(exchange: Exchange) -> int | None:
    return exchange.response.status if exchange.response else None


def _code(exchange: Exchange) -> str:
    return (error_code(exchange.response) if exchange.response else None) or ""


def _why(exchange: Exchange | None) -> str:
    """Why a record is left, as far as the last exchange about it tells."""
    if exchange is None:
        return Failure.LOST.value
    told = shorten(exchange.outcome, LONGEST)
    if is_busy(exchange):
        return f"{told}: it is still being backed up, restored or deleted"
    code = _code(exchange)
    if code in linked_pages().kept:
        return f"{told}: an image was made from it ({code})"
    if may_be_busy(exchange):
        return f"{told}: it may still be being backed up"
    return f"{told}: {shorten(code, LONGEST)}" if code else told
