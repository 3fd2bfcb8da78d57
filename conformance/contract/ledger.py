"""The ledger: where the page is silent or contradicts itself, and the reading taken here."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from conformance.kept import yaml_in


class Side(Struct, frozen=True):
    """What one place of the document says on a point."""

    where: str
    says: str


class Entry(Struct, frozen=True):
    """A point on which the document is silent or at odds with itself, and the decision."""

    point: str
    sides: tuple[Side, ...]
    decision: str
    clauses: tuple[str, ...]

    def concerns(self, clause_id: str) -> bool:
        """Whether a clause rests on this decision."""
        return any(fnmatchcase(clause_id, pattern) for pattern in self.clauses)


@lru_cache(maxsize=1)
def load_ledger() -> tuple[Entry, ...]:
    """Every entry, in the order of the document."""
    _, entries = yaml_in(Path(__file__).with_name("ledger.yaml"))
    return tuple(
        Entry(
            point=entry["point"],
            sides=tuple(Side(**side) for side in entry["sides"]),
            decision=entry["decision"],
            clauses=tuple(entry["clauses"]),
        )
        for entry in entries
    )
