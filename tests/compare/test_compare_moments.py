"""`created_at` of a vendor's document: no response can be right where no moment is allowed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from compare_documents import VERSIONS, Document, field, nullable, replace

from conformance.compare.comparing import compare
from conformance.compare.model import Comparison
from conformance.compare.moments import moments
from conformance.compare.source import parse_source
from conformance.page.moments import read_moment

ALL = ("2.0", "3.0", "3.1")


def compared(document: Document) -> Comparison:
    return compare(parse_source(json.dumps(document, indent=1).encode(), "v.json"))


def with_created_at(version: str, **keywords: Any) -> Document:
    document = VERSIONS[version]()
    replace(field(document, "checkpoint_resp", "created_at"), {"type": "string", **keywords})
    return document


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    "keywords",
    [
        {"enum": ["now"]},
        {"enum": ["2016-12-06T21:20:29.898823", "never"]},
        {"pattern": "^(now|soon)$"},
        {"format": "date"},
        {"format": "uuid"},
        {"maxLength": 8},
    ],
)
def test_a_value_that_is_named_and_no_moment_is_an_error(
    version: str, keywords: dict[str, Any]
) -> None:
    comparison = compared(with_created_at(version, **keywords))
    (found,) = comparison.differences
    assert (found.clause.id, found.severity.value) == ("T6.created_at.moment", "error")
    assert found.place.pointer.endswith("/created_at")
    text = found.witness.value["checkpoint"]["created_at"]
    assert read_moment(text) is None
    assert text in found.message
    assert (found.witness.path, comparison.exit_code) == ("checkpoint.created_at", 1)


@pytest.mark.parametrize("version", ALL)
def test_a_moment_that_never_changes_is_an_error(version: str) -> None:
    comparison = compared(with_created_at(version, enum=["2016-12-06T21:20:29.898823"]))
    (found,) = comparison.differences
    assert (found.clause.id, found.severity.value) == ("T6.created_at.fresh", "error")


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    "keywords",
    [
        {},
        {"format": "date-time"},
        {"minLength": 20},
        {"maxLength": 16},
        {"pattern": "^[0-9]{13}$"},
        {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}[+-][0-9]{4}$"},
        {"pattern": r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        {"pattern": "^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$"},
        {"pattern": "^[0-9]{8}T[0-9]{6}Z$"},
    ],
)
def test_any_form_of_a_moment_is_right(version: str, keywords: dict[str, Any]) -> None:
    comparison = compared(with_created_at(version, **keywords))
    assert (comparison.differences, comparison.obstacles, comparison.exit_code) == ((), (), 0)


def test_a_form_that_is_not_known_is_inconclusive() -> None:
    comparison = compared(with_created_at("3.1", pattern="^[a-z]{30}$"))
    assert (comparison.differences, comparison.exit_code) == ((), 3)
    (obstacle,) = comparison.obstacles
    assert "T6.created_at.moment" in obstacle.problem
    assert obstacle.place.pointer.endswith("/created_at")


@pytest.mark.parametrize(
    "other", [{"enum": ["now"]}, {"format": "date"}, {"maxLength": 0}, {"pattern": "^never$"}]
)
def test_what_is_named_beside_moments_is_an_error(other: dict[str, Any]) -> None:
    document = with_created_at("3.1")
    kinds = [{"type": "string", "format": "date-time"}, {"type": "string", **other}]
    replace(field(document, "checkpoint_resp", "created_at"), {"anyOf": kinds})
    (found,) = compared(document).differences
    assert found.clause.id == "T6.created_at.moment"


def test_a_moment_that_is_named_beside_others_is_right() -> None:
    document = with_created_at("3.1")
    kinds = [
        {"type": "string", "format": "date-time"},
        {"type": "string", "enum": ["2016-12-06T21:20:29.898823"]},
    ]
    replace(field(document, "checkpoint_resp", "created_at"), {"anyOf": kinds})
    assert compared(document).differences == ()


def test_the_forms_that_are_tried_are_moments() -> None:
    assert all(read_moment(each) for each in moments())


def test_a_type_that_is_wrong_is_one_error() -> None:
    document = with_created_at("3.0")
    replace(field(document, "checkpoint_resp", "created_at"), {"type": "integer"})
    (found,) = compared(document).differences
    assert found.clause.id == "T6.created_at.type"


def test_null_beside_a_word_is_told_besides() -> None:
    document = with_created_at("3.1", enum=["now", None])
    nullable(document, field(document, "checkpoint_resp", "created_at"))
    found = {each.clause.id for each in compared(document).differences}
    assert found == {"T6.created_at.type", "T6.created_at.moment"}
