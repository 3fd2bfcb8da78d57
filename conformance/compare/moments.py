"""`created_at` of a vendor's responses: whether any value that is allowed can be right.

The contract's schema has any text there, as no schema can say what denotes a moment. A document
that narrows it to texts that cannot be right allows no response that is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from conformance.compare.answers import NOWHERE, Promise, with_value
from conformance.compare.findings import Findings
from conformance.compare.generating import NothingFound, drawn
from conformance.compare.holding import Path, VendorSchema
from conformance.compare.model import Direction, Part, Witness
from conformance.contract.schema import dotted
from conformance.page.moments import read_moment

CREATED_AT: Final[Path] = ("checkpoint", "created_at")
TEXT: Final[dict[str, Any]] = {"type": "string"}
NO_MOMENTS: Final[tuple[dict[str, Any], ...]] = (
    {"maxLength": 9},
    *({"format": name} for name in ("date", "time", "duration", "uuid")),
)
"""Schemas of texts none of which `read_moment` takes for a moment: it needs a day and a time."""
SHORT: Final = ("2016-12-06", "21:20:29Z", "")
NO_MOMENT: Final = (
    "whether T6.created_at.moment can be kept is not known: no form of a moment that was tried is "
    "allowed; say what form it has by `format: date-time` or an example"
)


def compare_moments(
    findings: Findings, schema: VendorSchema, promise: Promise, statuses: tuple[str, ...]
) -> None:
    """Note where no value of `created_at` that the vendor's schema allows can be right.

    Note as well one that is wrong where the schema says of every value what it is.
    """
    if schema.never_meets(_where(TEXT)):
        return  # another clause has it
    named = [each for each in schema.constants if isinstance(each, str)]
    wrong = [{"enum": named}, *NO_MOMENTS]
    if not _is_beyond(schema, wrong):
        _note(findings, schema, _value(schema, promise, named), statuses)
    elif not _is_beyond(schema, [*wrong, {"format": "date-time"}]):
        others = [text for text in (*named, *SHORT) if read_moment(text) is None]
        _note(findings, schema, _allowed(schema, promise, others), statuses)
    elif _is_refused(schema, promise):
        findings.cannot(schema.spot(CREATED_AT), NO_MOMENT)


def _is_beyond(schema: VendorSchema, kinds: list[dict[str, Any]]) -> bool:
    """Whether a schema may allow a text in `created_at` that is of none of some kinds."""
    return not schema.never_meets(_where({**TEXT, "not": {"anyOf": kinds}}))


def _where(element: dict[str, Any]) -> dict[str, Any]:
    """The schema of responses with a `created_at` of a kind."""
    inner = {"type": "object", "required": [CREATED_AT[1]], "properties": {CREATED_AT[1]: element}}
    return {"type": "object", "required": [CREATED_AT[0]], "properties": {CREATED_AT[0]: inner}}


def _value(schema: VendorSchema, promise: Promise, named: list[str]) -> Any:
    """A response that is allowed, the more wrong the better; NOWHERE where none is found."""
    ordered = sorted(named, key=lambda text: read_moment(text) is not None)
    value = _allowed(schema, promise, [*ordered, *SHORT])
    if value is not NOWHERE:
        return value
    try:
        return drawn(schema, _where(TEXT), lambda value: True)
    except NothingFound:
        return NOWHERE


def _allowed(schema: VendorSchema, promise: Promise, texts: list[str]) -> Any:
    """An example with one of some texts in `created_at` that is allowed; else NOWHERE."""
    values = (with_value(base, CREATED_AT, each) for base, each in product(promise.examples, texts))
    return next(filter(schema.accepts, values), NOWHERE)


def _note(findings: Findings, schema: VendorSchema, value: Any, statuses: tuple[str, ...]) -> None:
    if value is NOWHERE:
        return
    text = value[CREATED_AT[0]][CREATED_AT[1]]
    is_moment = read_moment(text) is not None
    expected = "the time of the execution" if is_moment else "a date and a time"
    findings.differs(
        Direction.RESPONSE,
        "T6.created_at.fresh" if is_moment else "T6.created_at.moment",
        schema.spot(CREATED_AT),
        f'{dotted(CREATED_AT)}: the contract expects {expected}; the document allows "{text}"',
        Witness(Part.BODY, value, dotted(CREATED_AT), schema.pointer),
        statuses=statuses,
    )


def _is_refused(schema: VendorSchema, promise: Promise) -> bool:
    """Whether every moment is refused in responses that are right otherwise."""
    for base in promise.examples:
        refusals = (schema.refusals(with_value(base, CREATED_AT, each)) for each in moments())
        if all(found and {each.path for each in found} == {CREATED_AT} for found in refusals):
            return True
    return False


def moments() -> Iterator[str]:
    """One moment in the forms that are read as one, the usual ones first."""
    fractions = ("", *(f".{'123456789'[:digits]}" for digits in (6, 3, *range(1, 10))))
    offsets = ("", "Z", "+00:00", "+0000", "+00", " UTC", " GMT", " +0000", " +00:00")
    for offset, fraction, between in product(offsets, fractions, "T "):
        yield f"2026-01-15{between}21:20:29{fraction}{offset}"
        yield f"2026/01/15{between}21:20:29{fraction}{offset}"
        yield f"20260115{between}212029{fraction}{offset}"
    for offset in offsets:
        yield f"2026-01-15T21:20{offset}"
        yield f"2026-01-15 21:20{offset}"
        yield f"20260115212029{offset}"
        yield f"2026-W03-4T21:20:29{offset}"
        yield f"2026-015T21:20:29{offset}"
    for zone in ("", " GMT", " UTC", " +0000"):
        yield f"Thu, 15 Jan 2026 21:20:29{zone}"
        yield f"15 Jan 2026 21:20:29{zone}"
    yield "Thu Jan 15 21:20:29 2026"
    for digits in ("", "123", "123456", "123456789", ".123", ".123456"):
        yield f"1768512029{digits}"
