"""Authentication: what a vendor's document asks for besides, or instead of, X-Auth-Token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from conformance.compare.findings import Findings
from conformance.compare.matching import Found
from conformance.compare.model import Direction, Part, Side, Witness
from conformance.compare.vendor import Node, Vendor, Version
from conformance.page.status_codes import IS_EXECUTED

TOKEN_HEADER: Final = "x-auth-token"
ANOTHER_PAGE: Final = "the page leaves authentication to another page"


def compare_security(findings: Findings, found: Found) -> None:
    """A token in X-Auth-Token must be enough. A document that asks for none is laxer.

    A requirement, none, an empty one and a parameter are ways to say the same.
    """
    operation = found.operation
    said = operation.security
    header = next(
        (p for p in operation.parameters
         if p.where == "header" and p.name.lower() == TOKEN_HEADER), None
    )  # fmt: skip
    if said is not None and not isinstance(said.value, list):
        return
    told = said.value if said is not None else []
    alternatives = [each for each in told if isinstance(each, dict)]
    if said is not None:
        _undefined(findings, alternatives, said)
    if not alternatives or {} in alternatives:
        if header is None or not header.required:
            node = said or (header.node if header else operation.node)
            findings.differs(
                Direction.REQUEST,
                "S401.no-token",
                node.pointer,
                "the document asks for no token",
                Witness(Part.HEADER, "no X-Auth-Token"),
                only_in=Side.DOCUMENT,
            )
    elif said and not header and not any(_is_token(operation.vendor, a) for a in alternatives):
        names = ", ".join(sorted({str(name) for each in alternatives for name in each}))
        findings.differs(
            Direction.REQUEST,
            IS_EXECUTED.id,
            said.pointer,
            f"a token in X-Auth-Token is not enough: {names}",
            Witness(Part.HEADER, "X-Auth-Token: {{token}}"),
            warning=ANOTHER_PAGE,
        )


def _undefined(findings: Findings, alternatives: Sequence[Mapping[str, Any]], said: Node) -> None:
    """Note the names of which the document does not say what they ask for: nothing is known."""
    known = _schemes(findings.vendor)
    for name in dict.fromkeys(str(name) for each in alternatives for name in each):
        if name not in known:
            told = f"`security` names {name[:60]!r}, which the document does not define"
            findings.note(f"{told}; it was ignored", said.pointer)


def _schemes(vendor: Vendor) -> Mapping[str, Node]:
    is_v2 = vendor.version is Version.V2
    parent = vendor.root if is_v2 else vendor.root.child("components")
    return parent.object("securityDefinitions" if is_v2 else "securitySchemes") if parent else {}


def _is_token(vendor: Vendor, alternative: Mapping[str, Any]) -> bool:
    """Whether an alternative asks for nothing but the header X-Auth-Token."""
    schemes = _schemes(vendor)
    for name in alternative:
        if name not in schemes:
            continue
        scheme = vendor.follow(schemes[name])
        told = (scheme.text("type"), scheme.text("in"), scheme.text("name").lower())
        if told != ("apiKey", "header", TOKEN_HEADER):
            return False
    return True
