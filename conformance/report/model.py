"""All that a report is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from conformance.backups.fates import Fate, Outcome, outcomes
from conformance.gate.model import Gate
from conformance.gate.outcome import Excuses, decide, exit_code
from conformance.judge.verdicts import Judgement
from conformance.model import Deletion, Exchange, JournalFooter, JournalHeader

INTERRUPTED = frozenset({129, 130, 143})
"""The exit codes of a run that SIGHUP, SIGINT or SIGTERM ended."""


class Report(Struct, frozen=True):
    """A judged run: header and footer of its journal, its exchanges, and the judgement on them.

    `exit_code` is that of the command; `warnings` are lines for the reader, broken `should` clauses
    not among them (those stand in the judgement). `unlisted` counts exchanges that were judged and
    not kept: of a recording, `exchanges` has those that some finding needs, and of a run all but
    those that followed its backups. `gate` is what waivers
    and a baseline came to, where either was given. `deletions` are those of what the run created;
    None where nobody asked for any.
    """

    header: JournalHeader
    footer: JournalFooter
    exchanges: Sequence[Exchange]
    judgement: Judgement
    exit_code: int
    strict: bool = False
    warnings: tuple[str, ...] = ()
    unlisted: int = 0
    gate: Gate | None = None
    deletions: Sequence[Deletion] | None = None

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of each checkpoint that the run created."""
        return outcomes(self.judgement.executions, self.deletions or ())

    @property
    def left(self) -> tuple[Outcome, ...]:
        """The checkpoints that were to be deleted, and are not."""
        is_asked = self.deletions is not None
        return tuple(each for each in self.outcomes if is_asked and each.fate is Fate.LEFT)

    @property
    def judged(self) -> int:
        """How many exchanges were judged."""
        return len(self.exchanges) + self.unlisted

    @property
    def notes(self) -> tuple[str, ...]:
        """The warnings, the remarks of the judge and those of the gate among them."""
        return self.warnings + self.judgement.remarks + (self.gate.notes if self.gate else ())


def gated(report: Report, excuses: Excuses, today: date) -> Report:
    """The report with what the gate decided, and the exit code that follows from it."""
    if not excuses.are_given:
        return report
    gate = decide(report.judgement, report.header, excuses, today, strict=report.strict)
    code = report.exit_code
    if code not in INTERRUPTED:
        code = exit_code(report.judgement, gate, strict=report.strict)
        code = with_leftovers(code, report.left)
    return replace(report, gate=gate, exit_code=code)


def with_leftovers(code: int, left: Sequence[Outcome]) -> int:
    """The exit code of a run of which something is left that was to be deleted."""
    return 3 if code == 0 and left else code
