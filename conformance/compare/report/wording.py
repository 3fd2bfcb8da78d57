"""The words that the reports share. Foreign text comes out of here on one line, and harmless."""

from __future__ import annotations

import json
from typing import Final

import yaml

from conformance.compare.model import (
    Cause,
    Comparison,
    Difference,
    Note,
    Part,
    Patch,
    Place,
    Severity,
)
from conformance.text import counted, encodable, shorten, visible_line

LONGEST: Final = 400
LONGEST_WITNESS: Final = 4000
"""Characters of a witness; one with very many servers is whole in the JSON report only."""


def line(text: str, limit: int = LONGEST) -> str:
    """Foreign text on one line, at most `limit` characters of it."""
    return visible_line(shorten(text, limit))


def where(place: Place) -> str:
    """A place as `file:line:column`, as editors and terminals read it."""
    spot = f":{place.line}:{place.column}" if place.line else ""
    return line(f"{place.file}{spot}")


def title(cause: Cause) -> str:
    """The clauses of a cause: the first, and how many more."""
    more = len(cause.clauses) - 1
    return f"{cause.clauses[0]} and {more} more" if more else cause.clauses[0]


def relation(found: Difference) -> str:
    """Which side has, or allows, what the other does not."""
    has, has_not = found.only_in, found.only_in.other
    value = found.witness.value
    match found.witness.part:
        case Part.STATUS:
            told = f"has the status {value}"
        case Part.MEDIA_TYPE:
            told = f"has {found.direction.value}s in {value}"
        case Part.URL if found.witness.path:
            told = f"allows a request without {found.witness.path}"
        case Part.URL:
            told = f"has {value}"
        case Part.HEADER:
            told = f"allows a request with {value}"
        case Part.PARAMETER:
            told = f"allows {found.witness.path} = {value}"
        case _:
            told = f"allows this {found.direction.value}"
    return line(f"the {has.value} {told}, the {has_not.value} does not")


def statuses(cause: Cause) -> str:
    """The statuses of the responses that a cause is about; empty for a request."""
    told = cause.statuses
    return f" ({'status' if len(told) == 1 else 'statuses'} {', '.join(told)})" if told else ""


def messages(cause: Cause) -> list[str]:
    """What differs: a line for each clause, which is named where there are several."""
    told = {each.clause.id: each.message for each in cause.differences}
    if len(told) == 1:
        return [line(message) for message in told.values()]
    return [f"{clause}: {line(message)}" for clause, message in told.items()]


def witness(found: Difference, limit: int = LONGEST_WITNESS) -> str:
    """The witness of a difference, with what it is."""
    told = found.witness
    if told.part is not Part.BODY:
        return line(f"{told.part.value} {told.value}", limit)
    if told.path == "no body":
        return "a response without a body"
    text = json.dumps(told.value, ensure_ascii=False)
    more = "" if len(text) <= limit else " (cut here, and whole in the JSON report)"
    return f"{line(f'body {encodable(text)}', limit)}{more}"


def patch(change: Patch) -> list[str]:
    """The lines to paste into an object of the document, or to remove from it."""
    is_json = change.place.file.lower().endswith(".json")
    told = []
    for name, value in change.fields:
        if value is None:
            told.append(f"remove {name}")
        elif is_json:
            told.append(json.dumps({name: value}, ensure_ascii=False)[1:-1])
        else:
            text = yaml.safe_dump({name: value}, default_flow_style=True, allow_unicode=True,
                                  sort_keys=False, width=10_000)  # fmt: skip
            told.append(text.strip()[1:-1])
    return [line(each) for each in told]


def weight(found: Difference) -> str:
    """How much a difference weighs, and why."""
    because = f" ({found.because})" if found.because else ""
    return f"{found.severity.value}{because}"


def laxness(found: Difference) -> str:
    """What a document allows in requests that the contract has refused."""
    codes = " or ".join(map(str, sorted(found.clause.answers)))
    return f"{line(found.message)}; the contract has such a request refused with {codes}"


def note(told: Note) -> str:
    """A note, with its place."""
    return f"{where(told.place)}: {line(told.text)}" if told.place else line(told.text)


def headline(comparison: Comparison) -> str:
    """The outcome in a few words."""
    errors, warnings = (len(comparison.of(severity)) for severity in Severity)
    told = [counted(errors, "error")] if errors else []
    told += [counted(warnings, "warning")] if warnings else []
    told += [f"{len(comparison.obstacles)} not compared"] if comparison.obstacles else []
    causes = len(comparison.causes)
    of_causes = f", of {counted(causes, 'cause')}" if causes < errors + warnings else ""
    word = comparison.verdict.capitalize()
    return f"{word}: {', '.join(told)}{of_causes}" if told else f"{word}: no difference"


def coverage(comparison: Comparison) -> str:
    """What is known of the responses besides the differences."""
    told = f"{counted(comparison.proved, 'clause')} on responses proved to be kept"
    if comparison.tried:
        told += f"; neither proof nor witness for {', '.join(comparison.tried)}"
    if comparison.laxer:
        told += f"; laxer than the contract in {counted(len(comparison.laxer), 'point')}"
    return told
