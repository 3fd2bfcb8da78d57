"""Tables 5 to 8, as far as no schema can say it: what an execution answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from hashlib import blake2b

from conformance.contract.clauses import SHOULD, Table
from conformance.model import header_values
from conformance.page.answer import Execution, NotReached, Sighting, Undecided
from conformance.page.call import Call
from conformance.page.error_codes import is_json_media_type
from conformance.page.ids import canonical, same_id
from conformance.page.json_text import NotJson, NotKnown, TooDeep
from conformance.page.moments import distance, read_moment, read_moments
from conformance.page.registry import Received, execution_clause, exempt, memory_clause

EMPTY = "an empty string"
NO_WEIGHT = re.compile(r"q=0(\.0{0,3})?")
COARSE, COARSER = 1.2, 61.2
"""Seconds for which clocks may stand still: those that are read once a second, or once a minute."""
EXAMPLE_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", re.ASCII)


@execution_clause("T5.body.media-type", Table(5))
def media_type(execution: Execution) -> Received | None:
    """The response says that it is JSON."""
    if is_json_media_type(execution.media_type):
        return None
    return "Content-Type: application/json", execution.media_type or "no Content-Type"


@execution_clause("T5.body.json", Table(5))
def body_is_json(execution: Execution) -> Received | None:
    """The body of the response is one JSON text in UTF-8."""
    if isinstance(execution.json, NotJson):
        return "a JSON body", str(execution.json)
    if isinstance(execution.json, TooDeep):
        raise Undecided(f"the response is {execution.json}")
    execution.body  # noqa: B018  (not reached where it is not known)
    return None


@execution_clause("T5.body.coding", Table(5), level=SHOULD)
def coding_is_accepted(execution: Execution) -> Received | None:
    """The body has a content coding that the request accepts, or none (RFC 9110, 12.5.3)."""
    came = _listed(execution.header("Content-Encoding") or "")
    sent = execution.call.request
    accepted = header_values(sent.headers, "Accept-Encoding")
    if not sent.all_headers and not accepted:
        raise NotReached
    strange = [coding for coding in came if not _accepts(accepted, coding)]
    return (", ".join(accepted) or "no coding", ", ".join(strange)) if strange else None


def _accepts(values: Sequence[str], coding: str) -> bool:
    """Whether the values of Accept-Encoding have a content coding; without any, all are right."""
    if not values or coding == "identity":
        return True
    weights = {}
    for each in _listed(",".join(values)):
        name, *parameters = (part.strip() for part in each.split(";"))
        weights[name.removeprefix("x-")] = parameters
    parameters = weights.get(coding.removeprefix("x-"), weights.get("*", ["q=0"]))
    return not any(NO_WEIGHT.fullmatch(parameter) for parameter in parameters)


def _listed(value: str) -> list[str]:
    """The elements of a list in a header, in lower case (RFC 9110, section 5.6.1)."""
    return [each for part in value.split(",") if (each := part.strip().lower())]


@execution_clause("T5.body.byte-order-mark", Table(5), level=SHOULD)
def no_byte_order_mark(execution: Execution) -> Received | None:
    """The body does not begin with a byte order mark (RFC 8259, section 8.1)."""
    return ("JSON text at once", "a byte order mark") if execution.body.marked else None


@execution_clause("T5.body.repeated-name", Table(5), level=SHOULD)
def no_repeated_name(execution: Execution) -> Received | None:
    """No object has a duplicate key (RFC 8259, section 4)."""
    repeated = execution.body.repeated
    return ("every name once", f"{', '.join(repeated)} more than once") if repeated else None


@execution_clause("T6.created_at.moment", Table(6, "created_at"))
def created_at_is_a_moment(execution: Execution) -> Received | None:
    """`created_at` denotes a real moment: a date and a time that exist."""
    text = execution.text(execution.checkpoint, "created_at")
    if read_moment(text) is not None:
        return None
    return "a date and time, such as 2016-12-06T21:20:29.898823", text or EMPTY


@execution_clause("T6.created_at.fresh", Table(6, "created_at"))
def created_at_is_now(execution: Execution) -> Received | None:
    """`created_at` is the time of this execution, within tolerance of our clock or the response's.

    Without an offset, any legal UTC offset is allowed.
    """
    text = execution.text(execution.checkpoint, "created_at")
    moments = read_moments(text)
    if not moments:
        raise NotReached
    exchange = execution.exchange
    away = min(distance(each, exchange.started, exchange.ended) for each in moments)
    if away > execution.tolerances.clock:
        date = _clock(execution.header("Date"))
        if date is not None:
            others = (distance(each, date - exchange.duration, date + 1) for each in moments)
            away = min(away, *others)
        elif exchange.recording:
            raise NotReached  # the clock of who recorded it may be wrong
    if away <= execution.tolerances.clock:
        return None
    return f"a time within {execution.tolerances.clock:g} s of now", f"{text}, {away:.0f} s away"


@execution_clause("T6.created_at.form", Table(6, "created_at"), level=SHOULD)
def created_at_has_the_form_of_the_example(execution: Execution) -> Received | None:
    """`created_at` is written like the example: microseconds, no offset."""
    text = execution.text(execution.checkpoint, "created_at")
    return (
        None
        if EXAMPLE_FORM.fullmatch(text)
        else ("the form of 2016-12-06T21:20:29.898823", text or EMPTY)
    )


@memory_clause("T6.created_at.own", Table(6, "created_at"))
def created_at_never_stands_still(
    execution: Execution, first: dict[bytes, Sighting]
) -> tuple[str, str, str] | None:
    """`created_at` is not that of an execution that had long ended when this one was asked for.

    Whoever edits a recording may have written one moment for all. A moment that is not now breaks
    another line.
    """
    text = execution.text(execution.checkpoint, "created_at")
    moment = read_moment(text)
    if execution.exchange.recording or moment is None or created_at_is_now(execution):
        raise NotReached
    seen = Sighting.of(execution)
    earlier = first.setdefault(_digest(text), seen)
    between = seen.started - earlier.ended
    if between < (COARSE if moment.second or moment.microsecond else COARSER):
        return None
    return f"another time than {earlier.name}, {between:.1f} s before", text, earlier.name


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


@memory_clause("T6.id.unique", Table(6, "id"))
def checkpoint_ids_never_repeat(
    execution: Execution, first: dict[bytes, Sighting]
) -> tuple[str, str, str] | None:
    """Every execution gets a backup record id of its own."""
    name = execution.text(execution.checkpoint, "id")
    digest = _digest(canonical(name))
    seen = Sighting.of(execution)
    earlier = first.setdefault(digest, seen)
    if earlier.name == seen.name:
        return None
    if earlier.may_be(seen):
        raise Undecided(f"{earlier.name} and {seen.name} may be one exchange, recorded twice")
    return f"an id other than that of {earlier.name}", name or EMPTY, earlier.name


@execution_clause("T6.project_id.echo", Table(6, "project_id"))
def project_id_is_the_requests(execution: Execution) -> Received | None:
    """`project_id` is the project of the request."""
    return _echo(execution.text(execution.checkpoint, "project_id"), execution.call.project_id)


@execution_clause("T7.id.echo", Table(7, "id"))
def plan_id_is_the_requests(execution: Execution) -> Received | None:
    """`protection_plan.id` is the policy of the request."""
    return _echo(execution.text(execution.protection_plan, "id"), execution.call.plan_id)


@exempt("T7.resources.not-empty")
def no_server_was_asked_for(call: Call) -> bool | None:
    """Whoever executes an empty list of servers may list none."""
    try:
        return isinstance(call.resources, list) and not call.resources
    except NotKnown:
        return None


@execution_clause("T7.resources.asked", Table(7, "resources"))
def servers_asked_for_are_listed(execution: Execution) -> Received | None:
    """`resources` holds every server that was asked for; it may hold the whole policy."""
    asked = execution.call.named_servers
    listed = execution.protection_plan.get("resources")
    if not asked or not isinstance(listed, list):
        raise NotReached
    ids = [execution.text(item, "id") for item in listed if isinstance(item, dict)]
    absent = [
        server
        for server in asked
        if server not in ids and not any(same_id(server, found) for found in ids)
    ]
    return (f"{', '.join(asked)}", f"no {', '.join(absent)}") if absent else None


def _echo(received: str, sent: object) -> Received | None:
    if not isinstance(sent, str):
        raise NotReached
    return None if same_id(received, sent) else (sent, received or EMPTY)


@lru_cache(maxsize=256)
def _clock(value: str | None) -> float | None:
    """A response's own clock, in seconds since the epoch (RFC 9110, section 6.6.1)."""
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
