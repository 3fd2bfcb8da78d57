"""Authentication: asking for less than a token is laxer, asking for more is a warning."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from compare_documents import VERSIONS, Document, post

from conformance.compare.comparing import compare
from conformance.compare.model import Comparison
from conformance.compare.source import parse_source

ALL = ("2.0", "3.0", "3.1")


def compared(document: Document) -> Comparison:
    return compare(parse_source(json.dumps(document, indent=1).encode(), "v.json"))


def with_header(document: Document, *, required: bool) -> None:
    kind: dict[str, Any] = {"type": "string"}
    told = kind if "swagger" in document else {"schema": kind}
    header = {"name": "X-Auth-Token", "in": "header", "required": required, **told}
    post(document)["parameters"].append(header)


def no_security(document: Document) -> None:
    post(document)["security"] = []


def any_or_none(document: Document) -> None:
    document["security"] = [{"token": []}, {}]


def not_a_word(document: Document) -> None:
    del document["security"]


def an_optional_header(document: Document) -> None:
    del document["security"]
    with_header(document, required=False)


def an_optional_header_beside_none(document: Document) -> None:
    post(document)["security"] = [{}]
    with_header(document, required=False)


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    "change",
    [no_security, any_or_none, not_a_word, an_optional_header, an_optional_header_beside_none],
)
def test_a_document_that_asks_for_no_token_is_laxer(
    change: Callable[[Document], None], version: str
) -> None:
    document = VERSIONS[version]()
    change(document)
    comparison = compared(document)
    assert (comparison.differences, comparison.exit_code) == ((), 0)
    (found,) = comparison.laxer
    assert found.clause.id == "S401.no-token"
    assert found.place.line > 0


def a_mandatory_header(document: Document) -> None:
    del document["security"]
    with_header(document, required=True)


def a_mandatory_header_beside_none(document: Document) -> None:
    post(document)["security"] = []
    with_header(document, required=True)


def an_optional_header_beside_a_scheme(document: Document) -> None:
    with_header(document, required=False)


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    "change",
    [a_mandatory_header, a_mandatory_header_beside_none, an_optional_header_beside_a_scheme],
)
def test_a_token_that_is_asked_for_somewhere_is_no_remark(
    change: Callable[[Document], None], version: str
) -> None:
    document = VERSIONS[version]()
    change(document)
    comparison = compared(document)
    assert (comparison.differences, comparison.laxer, comparison.exit_code) == ((), (), 0)


@pytest.mark.parametrize("version", ALL)
def test_a_key_beside_the_token_is_a_warning(version: str) -> None:
    document = VERSIONS[version]()
    parts = document if "swagger" in document else document["components"]
    name = "securityDefinitions" if "swagger" in document else "securitySchemes"
    parts[name]["gateway"] = {"type": "apiKey", "in": "header", "name": "X-Api-Key"}
    document["security"] = [{"token": [], "gateway": []}]
    comparison = compared(document)
    (found,) = comparison.differences
    assert (found.clause.id, found.severity.value) == ("S200.executed", "warning")
    assert "authentication" in found.because
    assert comparison.exit_code == 0


@pytest.mark.parametrize("version", ALL)
def test_a_scheme_that_is_not_defined_is_a_note(version: str) -> None:
    document = VERSIONS[version]()
    document["security"] = [{"nowhere": []}]
    post(document).pop("security", None)
    comparison = compared(document)
    assert comparison.exit_code == 0
    assert any("'nowhere', which the document does not define" in n.text for n in comparison.notes)
