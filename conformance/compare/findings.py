"""Collects what a comparison finds, each difference once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from conformance.compare.holding import VendorSchema
from conformance.compare.mending import Change
from conformance.compare.model import (
    Difference,
    Direction,
    Inconclusive,
    Note,
    Obstacle,
    Patch,
    Severity,
    Side,
    Witness,
    severity_of,
)
from conformance.compare.schemas import ROOT, Converter
from conformance.compare.source import Source
from conformance.compare.vendor import Node, Vendor
from conformance.contract import Contract
from conformance.contract.clauses import Clause

MOST_OBSTACLES: Final = 100
"""Obstacles that are told; each holds a pointer, which may be long."""


@dataclass
class Findings:
    """What is known so far, with what cannot be read allowing everything (`wide`) or nothing."""

    source: Source
    vendor: Vendor
    contract: Contract
    clauses: Mapping[str, Clause]
    wide: bool = True
    differences: list[Difference] = field(default_factory=list)
    laxer: list[Difference] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    proved: set[str] = field(default_factory=set)
    tried: dict[str, str] = field(default_factory=dict)
    """The pointers of the schemas that neither a proof nor a witness was found for, by clause."""
    unread: list[Obstacle] = field(default_factory=list)
    """What was read for more, or for less, than it may say."""

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
        only_in: Side | None = None,
        change: Change | None = None,
    ) -> None:
        """Note a difference.

        `warning` says why it is no error, though the clause is a must. `only_in` is needed where it
        is not the contract that allows a request, or the document that allows a response.
        """
        clause = self.clauses[clause_id]
        severity = Severity.WARNING if warning else severity_of(clause)
        place = self.source.place(pointer)
        witness = replace(witness, schema=self.source.named(witness.schema))
        usual = Side.CONTRACT if direction is Direction.REQUEST else Side.DOCUMENT
        found = Difference(
            direction,
            clause,
            severity,
            place,
            message,
            witness,
            only_in or usual,
            statuses,
            warning,
            self._patch(change),
        )
        is_laxer = direction is Direction.REQUEST and only_in is Side.DOCUMENT
        known = self.laxer if is_laxer else self.differences
        same = [d for d in known if (d.direction, d.clause.id, d.place)
                == (direction, clause_id, place)]  # fmt: skip
        if not same:
            known.append(found)

    def _patch(self, change: Change | None) -> Patch | None:
        if change is None:
            return None
        return Patch(self.source.place(change.pointer), tuple(change.fields.items()))

    def cannot(self, pointer: str, problem: str) -> None:
        """Note that something could not be compared."""
        self.hinders(Obstacle(self.source.place(pointer), problem))

    def hinders(self, obstacle: Obstacle) -> None:
        """Note why something could not be compared."""
        if len(self.obstacles) < MOST_OBSTACLES and obstacle not in self.obstacles:
            self.obstacles.append(obstacle)

    def note(self, told: str, pointer: str) -> None:
        """Note what decides nothing, at the first place where it was met."""
        self.notes.setdefault(told, Note(told, self.source.place(pointer)))

    def schema(self, node: Node | None, pointer: str, *, for_answers: bool) -> VendorSchema | None:
        """A schema of the vendor's, ready to be held against values; None where it cannot be.

        Where the document has none (`node` is None) every value is allowed. Raises UsageError.
        """
        if node is None:
            return VendorSchema(pointer, {ROOT: {}})
        converter = Converter(self.vendor, for_answers, self.wide)
        document = converter.document(node)
        for obstacle in converter.obstacles:
            self.hinders(obstacle)
        self.unread += converter.unread
        for told, pointer in converter.notes.items():
            self.note(told, pointer)
        if not converter.is_readable:
            return None
        schema = VendorSchema(node.pointer, document, converter)
        try:
            schema.check()
        except Inconclusive as problem:
            self.cannot(problem.pointer, str(problem))
            return None
        return schema
