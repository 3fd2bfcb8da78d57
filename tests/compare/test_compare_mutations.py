"""Every incompatible change is found: clause, direction, severity, and a witness that holds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from compare_documents import VERSIONS, Document, compared
from compare_mutations import MUTATIONS, Mutation
from openapi_schema_validator import (
    OAS30ReadValidator,
    OAS30WriteValidator,
    OAS31Validator,
    oas30_format_checker,
    oas31_format_checker,
)

from conformance.compare.findings import Findings
from conformance.compare.model import Comparison, Difference, Direction, Part, Severity
from conformance.compare.source import Source, parse_source
from conformance.compare.vendor import Node, Vendor
from conformance.contract import load_contract
from conformance.page.catalogue import catalogue

CONTRACT = load_contract()
CASES = [
    pytest.param(mutation, version, id=f"{version} {mutation.name}")
    for mutation in MUTATIONS
    for version in mutation.versions
]


def source_of(document: Document) -> Source:
    return parse_source(json.dumps(document).encode(), "vendor.json")


def mutated(mutation: Mutation, version: str) -> Document:
    document = VERSIONS[version]()
    mutation.change(document)
    return document


def test_there_are_enough_mutations() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 60


@pytest.mark.parametrize(("mutation", "version"), CASES)
def test_a_mutation_is_found_and_its_witness_holds(mutation: Mutation, version: str) -> None:
    document = mutated(mutation, version)
    comparison = compared(document)
    found = {(d.direction.value, d.clause.id, d.severity.value) for d in comparison.differences}
    assert found == mutation.expected
    is_error = any(severity == "error" for _, _, severity in found)
    assert comparison.exit_code == (1 if is_error else 3 if comparison.obstacles else 0)
    assert replace(comparison, strict=True).exit_code == 1
    warns = [d.severity is Severity.WARNING for d in comparison.differences]
    assert warns == sorted(warns), "errors come first"
    vendor = Vendor(source_of(document))
    for difference in comparison.differences:
        check(document, vendor, comparison, difference)


def check(
    document: Document, vendor: Vendor, comparison: Comparison, difference: Difference
) -> None:
    """What a difference claims is so, by validators that are not this suite's."""
    assert difference.place.line > 0
    assert vendor.at(difference.place.pointer.removesuffix("/responses"), "")
    witness = difference.witness
    if witness.part is not Part.BODY or witness.path == "no body":
        return
    is_request = difference.direction is Direction.REQUEST
    allows = vendor_allows(vendor, witness.schema, witness.value, for_answers=not is_request)
    if is_request:
        assert CONTRACT.request.breaches(witness.value) == []
        assert not allows
    else:
        schema = CONTRACT.error if difference.clause.id.startswith("EC.") else CONTRACT.response
        broken = [breach.clause for breach in schema.breaches(witness.value)]
        assert allows
        assert difference.clause.id in broken
        assert len(broken) == 1 or len(comparison.differences) > 1, "one place is wrong, no other"


def vendor_allows(vendor: Vendor, pointer: str, value: Any, *, for_answers: bool) -> bool:
    document = vendor.source.document
    if "swagger" in document:  # no other validator knows this version
        findings = Findings(vendor.source, vendor, CONTRACT, catalogue(CONTRACT))
        node: Node = findings.vendor.at(pointer, pointer)
        schema = findings.schema(node, pointer, for_answers=for_answers)
        assert schema is not None
        return schema.accepts(value)
    whole = {"$ref": f"#{pointer}", "components": document["components"],
             "paths": document["paths"]}  # fmt: skip
    if document["openapi"].startswith("3.1"):
        if not for_answers and hides(document, "readOnly", value):
            return False
        plain = without(document, "writeOnly") if for_answers else document
        whole = {**whole, "components": plain["components"]}
        return bool(OAS31Validator(whole, format_checker=oas31_format_checker).is_valid(value))
    kind = OAS30ReadValidator if for_answers else OAS30WriteValidator
    return bool(kind(whole, format_checker=oas30_format_checker).is_valid(value))


def hides(document: Document, keyword: str, value: Any) -> bool:
    """Whether a request holds a field that is for responses only."""
    properties = document["components"]["schemas"]["checkpoint_req"]["properties"]
    return any(
        properties[name].get(keyword) for name in value.get("checkpoint", {}) if name in properties
    )


def without(document: Document, keyword: str) -> Document:
    """The document without the fields that are for the other direction only."""
    copy: Document = json.loads(json.dumps(document))
    for schema in copy["components"]["schemas"].values():
        properties = schema.get("properties", {})
        for name in [name for name in properties if properties[name].get(keyword)]:
            del properties[name]
            schema["required"] = [each for each in schema["required"] if each != name]
    return copy
