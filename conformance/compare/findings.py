"""Collects what a comparison finds, each difference once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from conformance.compare.holding import VendorSchema
from conformance.compare.model import (
    Difference,
    Direction,
    Inconclusive,
    Obstacle,
    Severity,
    Witness,
    severity_of,
)
from conformance.compare.schemas import ROOT, Converter
from conformance.compare.source import Source
from conformance.compare.vendor import Node, Vendor
from conformance.contract import Contract
from conformance.contract.clauses import Clause


@dataclass
class Findings:
    """What is known so far."""

    source: Source
    vendor: Vendor
    contract: Contract
    clauses: Mapping[str, Clause]
    differences: list[Difference] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    proved: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)

    def differs(
        self,
        direction: Direction,
        clause_id: str,
        pointer: str,
        message: str,
        witness: Witness,
        *,
        statuses: tuple[str, ...] = (),
        warning: str = "",
    ) -> None:
        """Note a difference. `warning` says why it is no error, though the clause is a must."""
        clause = self.clauses[clause_id]
        severity = Severity.WARNING if warning else severity_of(clause)
        place = self.source.place(pointer)
        witness = replace(witness, schema=self.source.named(witness.schema))
        found = Difference(direction, clause, severity, place, message, witness, statuses, warning)
        same = [d for d in self.differences if (d.direction, d.clause.id, d.place)
                == (direction, clause_id, place)]  # fmt: skip
        if not same:
            self.differences.append(found)

    def cannot(self, pointer: str, problem: str) -> None:
        """Note that something could not be compared."""
        self._cannot(Obstacle(self.source.place(pointer), problem))

    def _cannot(self, obstacle: Obstacle) -> None:
        if obstacle not in self.obstacles:
            self.obstacles.append(obstacle)

    def schema(self, node: Node | None, pointer: str, *, for_answers: bool) -> VendorSchema | None:
        """A schema of the vendor's, ready to be held against values; None where it cannot be.

        Where the document has none (`node` is None) every value is allowed. Raises UsageError.
        """
        if node is None:
            return VendorSchema(pointer, {ROOT: {}})
        converter = Converter(self.vendor, for_answers)
        document = converter.document(node)
        for obstacle in converter.obstacles:
            self._cannot(obstacle)
        self.notes |= converter.notes
        if not converter.is_readable:
            return None
        schema = VendorSchema(node.pointer, document, converter)
        try:
            schema.check()
        except Inconclusive as problem:
            self.cannot(problem.pointer, str(problem))
            return None
        return schema
