"""The difference between two runs: what got better, worse, newly seen, no longer seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from conformance.contract.clauses import Level
from conformance.diff.reading import PastClause, PastRun
from conformance.gate.change import ChangeKind, change_of
from conformance.judge.verdicts import Status
from conformance.text import counted


@dataclass(frozen=True, slots=True)
class Change:
    """A clause on which two runs differ."""

    kind: ChangeKind
    old: PastClause
    new: PastClause


@dataclass(frozen=True, slots=True)
class Difference:
    """Two runs, and on which clauses they differ: the worst first, then as in the document.

    `notes` say what else differs, so that more than the target may be behind a change. With
    `strict` a `should` counts as a `must` does.
    """

    old: PastRun
    new: PastRun
    changes: Sequence[Change]
    only_old: Sequence[str]
    only_new: Sequence[str]
    notes: Sequence[str]
    strict: bool = False

    def having(self, kind: ChangeKind) -> list[Change]:
        """The changes of a kind."""
        return [change for change in self.changes if change.kind is kind]

    def counting(self, kind: ChangeKind) -> list[Change]:
        """The changes of a kind that the exit code depends on."""
        return [each for each in self.having(kind) if self.strict or each.new.level is Level.MUST]

    @property
    def exit_code(self) -> int:
        """1 where something that counts got worse, 3 where it is no longer seen, else 0."""
        if self.counting(ChangeKind.WORSE):
            return 1
        return 3 if self.counting(ChangeKind.UNSEEN) else 0

    @property
    def headline(self) -> str:
        """How many clauses changed, and how."""
        found = [(kind, len(self.having(kind))) for kind in ChangeKind]
        if not any(number for _, number in found):
            return "No clause has changed"
        told = ", ".join(f"{number} {kind.value}" for kind, number in found if number)
        return f"{counted(len(self.changes), 'clause')} changed: {told}"


def difference(old: PastRun, new: PastRun, *, strict: bool = False) -> Difference:
    """On which clauses two runs differ.

    What only one of them tested, of the same contract, was not exercised in the other.
    """
    before = {clause.id: clause for clause in old.clauses}
    now = {clause.id: clause for clause in new.clauses}
    if old.contract == new.contract:
        before, now = {**_left_out(now), **before}, {**_left_out(before), **now}
    changes = [
        Change(kind, before[name], clause)
        for name, clause in now.items()
        if name in before and (kind := change_of(before[name].status, clause.status))
    ]
    order = list(ChangeKind)
    return Difference(
        old=old,
        new=new,
        changes=sorted(changes, key=lambda change: order.index(change.kind)),
        only_old=[name for name in before if name not in now],
        only_new=[name for name in now if name not in before],
        notes=_notes(old, new),
        strict=strict,
    )


def _left_out(clauses: Mapping[str, PastClause]) -> dict[str, PastClause]:
    """The same clauses as a run has them that did not test them (`--only`)."""
    gone = {"status": Status.NOT_EXERCISED, "reason": "not tested in this run", "evidence": ()}
    return {name: msgspec.structs.replace(each, **gone) for name, each in clauses.items()}


def _notes(old: PastRun, new: PastRun) -> list[str]:
    pairs = {
        "endpoints": (old.target.endpoint, new.target.endpoint),
        "profiles": (old.profile, new.profile),
        "versions of the contract": (old.contract.sha256[:12], new.contract.sha256[:12]),
    }
    return [f"other {what}: {a}, then {b}" for what, (a, b) in pairs.items() if a != b]


def told(clause: PastClause) -> list[str]:
    """What a run says of a clause, in lines: its status, and what broke it or why it is unknown."""
    lines = [clause.status.value.replace("_", " ")]
    for finding in clause.evidence[:1]:
        where = f"{finding.exchange}, probe {finding.probe}" if finding.probe else finding.exchange
        lines += [f"expected: {finding.expected}", f"received: {finding.received} ({where})"]
    if not clause.evidence and clause.reason:
        lines.append(clause.reason)
    return lines
