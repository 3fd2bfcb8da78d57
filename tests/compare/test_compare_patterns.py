"""Patterns that a few texts match are read as enumerations; what stays unproved is said."""

from __future__ import annotations

import json
import re

import pytest
from compare_documents import VERSIONS, Document, field, parameter_schema, replace

from conformance.compare import answers
from conformance.compare.comparing import compare
from conformance.compare.generating import NothingFound
from conformance.compare.model import Comparison
from conformance.compare.patterns import translated, words_of
from conformance.compare.source import parse_source

STATUSES = "protecting|deleting|available|error"


def compared(document: Document, *, strict: bool = False) -> Comparison:
    return compare(parse_source(json.dumps(document, indent=1).encode(), "v.json"), strict=strict)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("^on$", {"on"}),
        ("^(on|off)$", {"on", "off"}),
        ("^(?:on|off)$", {"on", "off"}),
        ("^on$|^off$", {"on", "off"}),
        ("^((protect|delet)ing|error)$", {"protecting", "deleting", "error"}),
        ("^(on|off)?$", {"", "on", "off"}),
        ("^[ab]-?[0-2]$", {f"{a}{dash}{n}" for a in "ab" for dash in ("", "-") for n in "012"}),
        (r"^OS::Nova\.Server\/[\]x]$", {"OS::Nova.Server/]", "OS::Nova.Server/x"}),
        ("^$", {""}),
    ],
)
def test_a_pattern_of_a_few_texts_is_read_as_these(pattern: str, words: set[str]) -> None:
    found = words_of(pattern)
    assert found is not None
    assert set(found) == words
    assert all(re.search(pattern, word) for word in words)


@pytest.mark.parametrize(
    "pattern",
    [
        "on", "^on", "on$", "^on|off$", "^(on|off)", "^on*$", "^on+$", "^o.$", "^[^a]$", "^o{2}$",
        r"^\d$", r"^\x61$", r"^\a$", "(?i)^on$", "^(?i:on)$", "^(?=on)on$", "^(on$", "^on)$",
        "^[a-]$", "^[[:alpha:]]$", "^[a&&b]$", "^[z-a]$", "^[a$", "^a$b$", "^^?on$", "", "|",
        "^[0-9][0-9][0-9]$", "(" * 5000, "^" + "(a|b)" * 5000 + "$", r"^on\Z", "^on\\",
        r"^(a)\1$", "^?on$", "^on{1}$",
    ],
)  # fmt: skip
def test_any_other_pattern_is_not_read(pattern: str) -> None:
    assert words_of(pattern) is None


@pytest.mark.parametrize("version", ["2.0", "3.0", "3.1"])
@pytest.mark.parametrize(
    "pattern", [f"^({STATUSES})$", f"^(?:{STATUSES})$", "^error$|^(protect|delet)ing$"]
)
def test_a_pattern_of_the_right_texts_is_proved_to_be_right(version: str, pattern: str) -> None:
    document = VERSIONS[version]()
    replace(field(document, "checkpoint_resp", "status"), {"type": "string", "pattern": pattern})
    kind = {"type": "string", "pattern": "^OS::Nova::Server$"}
    replace(field(document, "resource", "type"), kind)
    comparison = compared(document)
    assert (comparison.exit_code, comparison.differences, comparison.tried) == (0, (), ())
    assert comparison.proved == compared(VERSIONS[version]()).proved


def test_a_pattern_of_texts_does_not_bind_what_is_no_text() -> None:
    document = VERSIONS["3.1"]()
    element = {"type": ["string", "null"], "pattern": f"^({STATUSES})$"}
    replace(field(document, "checkpoint_resp", "status"), element)
    found = compared(document).differences
    assert [each.clause.id for each in found] == ["T6.status.type"]


@pytest.mark.parametrize("pattern", [f"^({STATUSES}|gone)$", f"^(x|{STATUSES})?$"])
def test_a_pattern_of_one_text_too_many_is_found(pattern: str) -> None:
    document = VERSIONS["3.0"]()
    replace(field(document, "checkpoint_resp", "status"), {"type": "string", "pattern": pattern})
    found = compared(document).differences
    assert [each.clause.id for each in found] == ["T6.status.values"]


def nothing_drawn(*_: object) -> None:
    raise NothingFound("tried in vain")


def test_a_must_without_proof_and_witness_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that no such pattern shows: with a look-ahead."""
    monkeypatch.setattr(answers, "drawn", nothing_drawn)
    document = VERSIONS["3.1"]()
    element = {"type": "string", "pattern": f"^(?=[a-z])({STATUSES})$"}
    replace(field(document, "checkpoint_resp", "status"), element)
    comparison = compared(document)
    assert (comparison.exit_code, comparison.tried) == (3, ("T6.status.values",))
    (obstacle,) = comparison.obstacles
    assert "T6.status.values" in obstacle.problem
    assert obstacle.place.pointer.endswith("/status")


def test_a_should_without_proof_and_witness_counts_with_strict_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answers, "drawn", nothing_drawn)
    document = VERSIONS["3.1"]()
    other = {"type": "object", "required": ["number"], "minProperties": 2}
    replace(field(document, "error", "error_code"), {"anyOf": [{"type": "string"}, other]})
    comparison = compared(document)
    assert (comparison.exit_code, comparison.tried) == (0, ("EC.error_code.type",))
    assert compared(document, strict=True).exit_code == 3


@pytest.mark.parametrize(
    ("pattern", "plain"),
    [
        (r"\Aon\z", "^on$"),
        (r"^on\Z", "^on$"),
        (r"^\\Aon\\\Z", r"^\\Aon\\$"),
        (r"^\Qa.b[\E\d$", r"^a\.b\[\d$"),
        (r"^\Q\d", r"^\\d"),
        (r"^[\p{XDigit}-]\p{XDigit}$", r"^[\p{AHex}-]\p{AHex}$"),
        (r"^\p{L}\w\.$", r"^\p{L}\w\.$"),
    ],
)
def test_what_other_dialects_write_is_translated(pattern: str, plain: str) -> None:
    assert translated(pattern) == plain


@pytest.mark.parametrize("pattern", [rf"\A({STATUSES})\z", rf"^(?:{STATUSES})\Z"])
def test_anchors_of_other_dialects_are_read(pattern: str) -> None:
    document = VERSIONS["3.0"]()
    replace(field(document, "checkpoint_resp", "status"), {"type": "string", "pattern": pattern})
    assert compared(document).exit_code == 0
    field(document, "checkpoint_resp", "status")["pattern"] = pattern.replace("error", "gone")
    assert [each.clause.id for each in compared(document).differences] == ["T6.status.values"]


@pytest.mark.parametrize(
    "pattern", [r"\A\p{XDigit}{8}(-\p{XDigit}{4}){3}-\p{XDigit}{12}\z", "^[a-"]
)
def test_the_form_of_ids_in_requests_is_the_vendors_where_it_cannot_be_read(pattern: str) -> None:
    document = VERSIONS["3.1"]()
    field(document, "checkpoint_req", "plan_id")["pattern"] = pattern
    field(document, "checkpoint_param", "resources", "items")["pattern"] = pattern
    comparison = compared(document)
    assert (comparison.exit_code, comparison.differences) == (0, ())
    field(document, "checkpoint_param", "auto_trigger")["type"] = "string"
    assert [each.clause.id for each in compared(document).differences] == ["T4.auto_trigger.type"]


def test_what_is_not_the_vendors_in_requests_is_inconclusive_where_it_cannot_be_read() -> None:
    document = VERSIONS["3.1"]()
    parameter_schema(document, "project_id")["pattern"] = "^[a-"
    assert compared(document).exit_code == 0
    assert compared(document, strict=True).exit_code == 3
    parameter_schema(document, "provider_id")["pattern"] = "^[a-"
    assert compared(document).exit_code == 3
