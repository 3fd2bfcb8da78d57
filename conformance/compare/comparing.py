"""One comparison from beginning to end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from conformance.compare.causes import causes_of
from conformance.compare.findings import Findings
from conformance.compare.matching import METHOD, Found, find_operations, methods_of
from conformance.compare.model import (
    Comparison,
    Difference,
    Direction,
    Note,
    Part,
    Severity,
    Witness,
    severity_of,
)
from conformance.compare.source import Source
from conformance.compare.surface import example_url
from conformance.compare.twofold import compare_twofold
from conformance.compare.validation import remarks
from conformance.compare.vendor import Vendor
from conformance.contract import PATH, load_contract
from conformance.errors import UsageError
from conformance.page.catalogue import catalogue


def compare(
    source: Source, operation: tuple[str, str] | None = None, *, strict: bool = False
) -> Comparison:
    """How a vendor's document differs from the contract.

    `operation` is the method and the path of the vendor's operation, where it cannot be told. With
    `strict` warnings count. Raises UsageError where the document is no OpenAPI, has no such
    operation, or has several of which not all have the same verdict.
    """
    vendor = Vendor(source)
    every = find_operations(vendor, operation)
    operations: Sequence[Found | None] = every or [None]
    comparisons = [_comparison(vendor, found, strict=strict) for found in operations]
    if len({each.exit_code for each in comparisons}) > 1:
        told = ", ".join(f"{each.operation} ({each.verdict})" for each in comparisons)
        raise UsageError(f"several operations fit: {told}; name one with --operation METHOD PATH")
    whole = _joined(comparisons)
    path = every[0].operation.path if every else ""
    return replace(whole, notes=(*whole.notes, *remarks(vendor, path)))


def _joined(comparisons: Sequence[Comparison]) -> Comparison:
    """The comparisons of several operations as one; what they share is told once."""
    first, *others = comparisons
    if not others:
        return first
    every = _each_once(each.differences for each in comparisons)
    differences = tuple(sorted(every, key=lambda each: each.severity is Severity.WARNING))
    return replace(
        first,
        operation=", ".join(each.operation for each in comparisons),
        differences=differences,
        causes=causes_of(differences),
        obstacles=tuple(dict.fromkeys(each for one in comparisons for each in one.obstacles)),
        notes=tuple(dict.fromkeys(each for one in comparisons for each in one.notes)),
        laxer=_each_once(one.laxer for one in comparisons),
        proved=min(each.proved for each in comparisons),
        tried=tuple(sorted({name for each in comparisons for name in each.tried})),
    )


def _each_once(parts: Iterable[Iterable[Difference]]) -> tuple[Difference, ...]:
    told = {(each.direction, each.clause.id, each.place): each for part in parts for each in part}
    return tuple(told.values())


def _comparison(vendor: Vendor, found: Found | None, *, strict: bool) -> Comparison:
    """How one operation differs; None stands for a path without the method."""
    source, contract = vendor.source, load_contract()
    findings = Findings(source, vendor, contract, catalogue(contract))
    if found is None:
        _no_such_method(findings)
        name, pointer = f"{METHOD.upper()} {PATH}", findings.differences[0].place.pointer
    else:
        compare_twofold(findings, found, strict=strict)
        for trouble in found.operation.troubles:
            findings.cannot(trouble.pointer, str(trouble))
        name = f"{found.operation.method.upper()} {found.operation.path}"
        pointer = source.named(found.operation.node.pointer)
    for where, told in vendor.notes.items():
        findings.note(told, where)
    notes = [*map(Note, source.text.notes), *findings.notes.values()]
    ordered = _ordered(findings)
    differing = {found.clause.id for found in findings.differences}
    unproved = {name: at for name, at in findings.tried.items() if name not in differing}
    _tell_unproved(findings, unproved, strict=strict)
    return Comparison(
        file=source.name,
        version=vendor.version.value,
        operation=name,
        pointer=pointer,
        differences=ordered,
        causes=causes_of(ordered),
        obstacles=tuple(findings.obstacles),
        notes=tuple(notes),
        laxer=tuple(findings.laxer),
        proved=len(findings.proved - findings.tried.keys() - differing),
        tried=tuple(sorted(unproved)),
        strict=strict,
    )


def _no_such_method(findings: Findings) -> None:
    methods = methods_of(findings.vendor)
    names = ", ".join(method.upper() for method, _ in methods)
    pointer = methods[0][1].pointer.rpartition("/")[0]
    told = f"the path has no POST, only {names}"
    witness = Witness(Part.URL, f"{METHOD.upper()} {example_url(findings)}")
    findings.differs(Direction.REQUEST, "URI.post", pointer, told, witness)


UNPROVED = (
    "no response that breaks {} was found, nor a proof that there is none; "
    "say what is allowed otherwise, such as by an enumeration"
)


def _tell_unproved(findings: Findings, unproved: Mapping[str, str], *, strict: bool) -> None:
    """What was neither proved nor shown is not known to be kept, where it weighs."""
    told: dict[str, list[str]] = {}
    for name, pointer in unproved.items():
        if strict or severity_of(findings.clauses[name]) is Severity.ERROR:
            told.setdefault(pointer, []).append(name)
    for pointer, names in told.items():
        if not any(each.place == findings.source.place(pointer) for each in findings.obstacles):
            findings.cannot(pointer, UNPROVED.format(", ".join(names)))


def _ordered(findings: Findings) -> tuple[Difference, ...]:
    """Errors first, each in the order of the document."""
    ranks: Mapping[str, int] = {name: rank for rank, name in enumerate(findings.clauses)}
    return tuple(
        sorted(
            findings.differences,
            key=lambda found: (found.severity is Severity.WARNING, ranks[found.clause.id]),
        )
    )
