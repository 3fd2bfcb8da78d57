"""The words that the reports share. Foreign text comes out of here on one line, and harmless."""

from __future__ import annotations

from typing import Final

from conformance.compare.model import Comparison, Difference, Direction, Part, Place, Severity
from conformance.contract.schema import excerpt
from conformance.text import counted, shorten, visible_line

PROMISES: Final = {
    Direction.REQUEST: "the contract allows it, the vendor does not",
    Direction.RESPONSE: "the vendor allows it, the contract does not",
}
LONGEST: Final = 400


def line(text: str, limit: int = LONGEST) -> str:
    """Foreign text on one line, at most `limit` characters of it."""
    return visible_line(shorten(text, limit))


def where(place: Place) -> str:
    """A place as `file:line:column`, as editors and terminals read it."""
    spot = f":{place.line}:{place.column}" if place.line else ""
    return line(f"{place.file}{spot}")


def witness(found: Difference, limit: int = 200) -> str:
    """The witness of a difference, with what it is."""
    told = found.witness
    text = excerpt(told.value, limit) if told.part is Part.BODY else str(told.value)
    if told.part is Part.BODY and told.path == "no body":
        return "an answer without a body"
    return line(f"{told.part.value} {text}", limit + 20)


def weight(found: Difference) -> str:
    """How much a difference weighs, and why."""
    because = f" ({found.because})" if found.because else ""
    return f"{found.severity.value}{because}"


def statuses(found: Difference) -> str:
    """The statuses of the answers that a difference is about; empty for a request."""
    return f" (answer {', '.join(found.statuses)})" if found.statuses else ""


def headline(comparison: Comparison) -> str:
    """The outcome in a few words."""
    errors, warnings = (len(comparison.of(severity)) for severity in Severity)
    told = [counted(errors, "error")] if errors else []
    told += [counted(warnings, "warning")] if warnings else []
    told += [f"{len(comparison.obstacles)} not compared"] if comparison.obstacles else []
    word = comparison.verdict.capitalize()
    return f"{word}: {', '.join(told)}" if told else f"{word}: no difference"


def coverage(comparison: Comparison) -> str:
    """What is known of the answers besides the differences."""
    told = f"{counted(comparison.proved, 'clause')} on answers proved to be kept"
    if comparison.tried:
        told += f"; neither proof nor witness for {', '.join(comparison.tried)}"
    return told
