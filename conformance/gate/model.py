"""What excuses a clause, and what the gate makes of it. Plain immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct


class Waiver(Struct, frozen=True):
    """A clause that need not be kept for a while: why, and the last day (UTC) it holds."""

    clause: str
    reason: str
    expires: date


class WaiverState(StrEnum):
    """What a waiver came to in a run."""

    USED = "used"
    EXPIRED = "expired"
    UNNEEDED = "unneeded"
    UNSEEN = "unseen"


class ExcuseKind(StrEnum):
    """Why a clause does not count: someone waived it, or an earlier run did not find it kept."""

    WAIVED = "waived"
    KNOWN = "known"


class Excuse(Struct, frozen=True):
    """Why a clause does not count, in a line."""

    kind: ExcuseKind
    why: str


class Baseline(Struct, frozen=True):
    """What an earlier run found; `file` is the report it was read from.

    `broken`, `unseen` and `kept` are the clauses that failed, were inconclusive, and passed.
    """

    file: str
    finished_at: str
    contract: str
    endpoint: str
    project_id: str | None
    broken: frozenset[str]
    unseen: frozenset[str]
    kept: frozenset[str]


class Gate(Struct, frozen=True):
    """What the gate decided.

    `excuses` has the clauses that do not count, by id; `counting` the broken ones that do, and
    `mended` those that were broken in the baseline and are kept now. `notes` are for the reader.
    """

    excuses: Mapping[str, Excuse]
    counting: tuple[str, ...] = ()
    waivers: tuple[tuple[Waiver, WaiverState], ...] = ()
    baseline: Baseline | None = None
    mended: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def unneeded(self) -> tuple[str, ...]:
        """The clauses whose waivers can go."""
        return tuple(
            waiver.clause for waiver, state in self.waivers if state is WaiverState.UNNEEDED
        )

    def excused(self, kind: ExcuseKind) -> tuple[str, ...]:
        """The clauses that are excused in one of the two ways."""
        return tuple(name for name, excuse in self.excuses.items() if excuse.kind is kind)
