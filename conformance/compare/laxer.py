"""Bodies of requests that the contract has refused, and the vendor's document allows.

Such a document is laxer than the contract. An implementation may refuse what its schema allows, so
that this is told and decides nothing.
"""

from __future__ import annotations

from conformance.compare.answers import expectation, neighbours
from conformance.compare.breaking import breakables
from conformance.compare.findings import Findings
from conformance.compare.holding import VendorSchema
from conformance.compare.mending import narrowing
from conformance.compare.model import Direction, Part, Side, Witness


def compare_refusals(findings: Findings, schema: VendorSchema) -> None:
    """Note every clause for which the vendor allows one of the page's requests with it broken."""
    contract = findings.contract
    examples = contract.document["components"]["examples"]
    bases = [each["value"] for name, each in examples.items() if name.startswith("request_")]
    allowed = [base for base in reversed(bases) if schema.accepts(base)]
    for breakable in breakables(contract.request, {"$ref": "#/components/schemas/request"}):
        path, keyword = breakable.path, breakable.keyword
        for value in (each for base in allowed for each in neighbours(base, breakable, ())):
            if not schema.accepts(value):  # which is told at less cost than the breaches
                continue
            breaches = contract.request.breaches(value)
            if [breach.clause for breach in breaches] == [breakable.clause]:
                findings.differs(
                    Direction.REQUEST,
                    breakable.clause,
                    schema.spot(path[:-1] if keyword == "required" else path),
                    expectation(breaches[0]),
                    Witness(Part.BODY, value, breaches[0].path, schema.pointer),
                    only_in=Side.DOCUMENT,
                    change=narrowing(schema, path, keyword, breakable.element, value),
                )
                break
