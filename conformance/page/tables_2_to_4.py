"""Tables 2 to 4, as far as no schema can say it: how a body is written and what it holds."""

from __future__ import annotations

import json
import re
from enum import Enum

from conformance.contract.clauses import SHOULD, TO_EXECUTE, Clause, Fixture, StatusCodes, Table
from conformance.page.call import MISSING, Call
from conformance.page.ids import same_id
from conformance.page.json_text import JsonText, NotJson, NotKnown
from conformance.page.registry import acceptance_clause, input_clause

BEFORE_A_COLON = re.compile(r'"\s+:')
PAGE_FIELDS = {
    (): {"checkpoint"},
    ("checkpoint",): {"plan_id", "parameters"},
    ("checkpoint", "parameters"): {"auto_trigger", "resources"},
}


@input_clause("S400.not-json", StatusCodes(400), answers={400})
def not_json(call: Call) -> bool | None:
    """A body that is not JSON, nor an extension of it, or no body at all, is refused with 400."""
    if isinstance(call.json, NotKnown):
        return None
    if isinstance(call.json, JsonText) and call.json.marked:
        return None  # readers may ignore a byte order mark, or refuse it (RFC 8259, 8.1)
    if isinstance(call.json, NotJson):
        return call.is_operation
    return False


@input_clause("S400.extended-json", StatusCodes(400), answers={400}, level=SHOULD)
def extended_json(call: Call) -> bool:
    """A body with NaN, Infinity, comments, trailing commas, single quotes, or control characters
    or unknown escapes in its strings, or in UTF-16 or UTF-32, is refused with 400: readers may take
    these (RFC 8259, sections 8.1 and 9), but they are not JSON.
    """
    return call.is_operation and isinstance(call.json, JsonText) and bool(call.json.extended)


@input_clause("T2.body.media-type", Table(2), answers={200, 400, 415})
def other_media_type(call: Call) -> bool:
    """A body without a Content-Type, or with one other than JSON in UTF-8, is executed or refused
    with 400 or 415.
    """
    # Types have no case (RFC 9110, 8.3.1), but the page does not say so: another case is open too,
    # and so are parameters other than the usual charset.
    return call.is_operation and not call.is_of_json


@input_clause("T2.body.repeated-name", Table(2), answers={200, 400, 404})
def repeated_name(call: Call) -> bool:
    """A body with a duplicate key is executed or refused with 400, or with 404 if the value that
    counts does not exist.
    """
    return isinstance(call.json, JsonText) and bool(call.json.repeated)


@input_clause("T2.body.unknown-field", Table(2), answers={200, 400})
def unknown_field(call: Call) -> bool:
    """A field that the tables do not have is ignored, or the request is refused with 400."""
    for path, names in PAGE_FIELDS.items():
        value = call.field(*path) if path else call.body
        if isinstance(value, dict) and not value.keys() <= names:
            return True
    return False


@input_clause(
    "T3.plan_id.spelling",
    Table(3, "plan_id"),
    answers={200, 400, 404},
    needs=(Fixture.PLAN,),
)
def plan_spelled_otherwise(call: Call) -> bool:
    """Another spelling of the policy's UUID is executed, or refused with 400 or 404."""
    return _other_spelling(call.plan_id, (call.fixtures.plan_id,))


@input_clause(
    "T4.resources.spelling",
    Table(4, "resources"),
    answers={200, 400, 404},
    needs=(Fixture.RESOURCE,),
)
def server_spelled_otherwise(call: Call) -> bool:
    """Another spelling of a server's UUID is executed, or refused with 400 or 404."""
    servers = call.fixtures.resources
    return any(_other_spelling(server, servers) for server in call.named_servers)


@input_clause("T4.resources.empty", Table(4, "resources"), answers={200, 400})
def empty_resources(call: Call) -> bool:
    """An empty list of resources is executed or refused with 400."""
    return isinstance(call.resources, list) and not call.resources


@input_clause(
    "T4.resources.duplicates",
    Table(4, "resources"),
    answers={200, 400},
    needs=(Fixture.RESOURCE,),
)
def duplicate_servers(call: Call) -> bool:
    """A server named twice is executed or refused with 400."""
    named = [_without_case(server) for server in call.named_servers]
    return len(set(named)) < len(named)


def _without_case(text: str) -> bytes:
    """An id with its ASCII letters in lower case: what else has a case grows with Unicode."""
    return text.encode("utf-8", "surrogatepass").lower()


def _other_spelling(value: object, ids: tuple[str | None, ...]) -> bool:
    if not isinstance(value, str) or value in ids:
        return False
    return any(known is not None and same_id(value, known) for known in ids)


class Shape(Enum):
    """What a valid request can look like, with the clause that its execution keeps."""

    NO_PARAMETERS = acceptance_clause(
        "T3.parameters.empty",
        Table(3, "parameters"),
        "Parameters without a field, `{}`, are executed: only the object is mandatory.",
        needs=TO_EXECUTE,
    )
    NO_AUTO_TRIGGER = acceptance_clause(
        "T4.auto_trigger.optional",
        Table(4, "auto_trigger"),
        "A request without `auto_trigger` is executed.",
        needs=TO_EXECUTE,
    )
    AUTO_TRIGGER = acceptance_clause(
        "T4.auto_trigger.values",
        Table(4, "auto_trigger"),
        "A request is executed whether `auto_trigger` is true or false.",
        needs=TO_EXECUTE,
    )
    NO_RESOURCES = acceptance_clause(
        "T4.resources.optional",
        Table(4, "resources"),
        "A request without `resources` is executed.",
        needs=TO_EXECUTE,
    )
    RESOURCES = acceptance_clause(
        "T4.resources.accepted",
        Table(4, "resources"),
        "A request for one or several servers of the policy is executed.",
        needs=(*TO_EXECUTE, Fixture.RESOURCE),
    )
    WRITTEN_OTHERWISE = acceptance_clause(
        "T2.body.json-forms",
        Table(2),
        "The same JSON in other white space, order or escapes, or with a charset, is executed.",
        needs=TO_EXECUTE,
    )

    @property
    def clause(self) -> Clause:
        """The clause that the execution of such a request keeps."""
        value: Clause = self.value
        return value


Feature = tuple[Shape, str]
"""A shape of a valid request, with what is particular about it."""


def features(call: Call) -> frozenset[Feature]:
    """The shapes of a valid request, each with what is particular about it."""
    found: set[Feature] = set()
    if call.auto_trigger is MISSING:
        found.add((Shape.NO_AUTO_TRIGGER, "no auto_trigger"))
    else:
        found.add((Shape.AUTO_TRIGGER, f"auto_trigger {json.dumps(call.auto_trigger)}"))
    if call.resources is MISSING:
        found.add((Shape.NO_RESOURCES, "no resources"))
    else:
        servers = "one server" if len(call.resources) == 1 else "several servers"
        found.add((Shape.RESOURCES, servers))
    if call.field("checkpoint", "parameters") == {}:
        found.add((Shape.NO_PARAMETERS, "parameters {}"))
    found.update((Shape.WRITTEN_OTHERWISE, form) for form in _forms(call))
    return frozenset(found)


def _forms(call: Call) -> list[str]:
    """How the body differs from the plainest way to write it."""
    text = call.sent_body.decode("utf-8", "replace")
    plain = json.dumps(call.body, ensure_ascii=False)
    forms = []
    if "\\u" in text and "\\u" not in plain:
        forms.append("escapes")
    if text == json.dumps(call.body, ensure_ascii=False, separators=(",", ":")):
        forms.append("no white space")
    forms.append(f"{next(iter(call.field('checkpoint')))} first")
    if BEFORE_A_COLON.search(text):
        forms.append("spaces before colons")
    if any(mark in text for mark in ("\n", "\t", "\r")):
        forms.append("white space")
    if call.media_type_parameters:
        forms.append("a charset")
    return forms
