"""What is told on the terminal at the end of a run: the worst first, the verdict last."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.contract.clauses import Level
from conformance.report.backups import failures, summary
from conformance.report.deletions import Leftover, leftovers, surplus, surplus_title, title
from conformance.report.evidence import exchange_named
from conformance.report.labels import (
    Label,
    causes,
    excuse,
    explanation,
    figures,
    headline,
    labelled,
    tally,
    unlocks,
    untold,
    verdict_label,
)
from conformance.report.markdown import first_finding
from conformance.report.model import Report
from conformance.report.printer import Printer
from conformance.report.reproduction import reproduction
from conformance.text import (
    counted,
    duration,
    named,
    shorten,
    visible,
    visible_line,
    without_login,
)

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = 10
"""How many lines of a list are shown."""
LONGEST = 300
LONGEST_COMMAND = 4000
STYLES = {
    Label.PASSED: "green",
    Label.FAILED: "bold red",
    Label.WARNING: "yellow",
    Label.INCONCLUSIVE: "bold blue",
    Label.NOT_EXERCISED: "dim",
    Label.WAIVED: "yellow",
    Label.KNOWN: "yellow",
}


def print_report(
    report: Report, console: Console, report_dir: Path | None = None, *, can_delete: bool = False
) -> None:
    """Tell `console` how the run ended; `report_dir` is where the other reports were written.

    It `can_delete` where the command `delete` can delete there what is left of the run.
    """
    _ConsoleReport(report, console, report_dir, can_delete=can_delete).print()


class _ConsoleReport(Printer):
    """One report on its way to one console."""

    def __init__(
        self, report: Report, console: Console, report_dir: Path | None, *, can_delete: bool
    ) -> None:
        super().__init__(console)
        self.report = report
        self.report_dir = report_dir
        self.can_delete = can_delete
        self.only_ascii = not console.encoding.lower().startswith("utf")

    def print(self) -> None:
        """Print every part there is something to say in."""
        self._failures()
        self._inconclusive()
        self._excused("Waived", Label.WAIVED)
        self._excused("Known from the baseline", Label.KNOWN)
        self._warnings()
        self._counts()
        self._budget()
        self._checkpoints()
        self._where()
        self._verdict()

    def _failures(self) -> None:
        failed = labelled(self.report, Label.FAILED)
        self._heading("Failed", failed)
        for verdict in failed[:SHOWN]:
            clause = verdict.clause
            place = f"{clause.level.value}, {clause.source}"
            self._line(Label.FAILED, f"{clause.id}  ", (place, "dim"))
            self._say(clause.statement, indent=2)
            for finding in verdict.evidence[:1]:
                more = len(verdict.evidence) - 1
                also = f"  and {more} more" if more else ""
                self._say(finding.expected, head="expected  ", indent=2)
                self._say(finding.received, head="received  ", indent=2)
                self._say(f"{exchange_named(finding.exchange)}{also}", head="exchange  ", indent=2)
                if after := named([each.id for each in finding.earlier]):
                    self._say(after, head="after     ", indent=2)
            if not verdict.evidence and verdict.reason:
                self._say(verdict.reason, indent=2)
            self._blank()
        self._more(failed)
        self._reproduction()

    def _reproduction(self) -> None:
        """The command for the first failure, unwrapped, so that it can be copied."""
        first = first_finding(self.report)
        if first is None:
            return
        command = reproduction(first)
        if len(command) > LONGEST_COMMAND:
            self._say("The command that reproduces the first failure is long: see report.html.")
        else:
            self._say("To reproduce the first one:")
            self._unwrapped(visible(command))
        if self.report_dir is not None:
            script = visible_line(str(self.report_dir / "reproduce.sh"))
            self._unwrapped(f"To reproduce any of them: sh {script} CLAUSE")
        self._blank()

    def _inconclusive(self) -> None:
        verdicts = labelled(self.report, Label.INCONCLUSIVE)
        self._heading("Inconclusive", verdicts)
        found = causes(self.report)
        for cause in found[:SHOWN]:
            self._line(Label.INCONCLUSIVE, f"{cause.named}  {cause.told}")
            if cause.unlock:
                self._say(f"unlock with {cause.unlock}", indent=2)
        self._more(found)
        self._blank(verdicts)

    def _excused(self, title: str, kind: Label) -> None:
        verdicts = labelled(self.report, kind)
        self._heading(title, verdicts)
        for verdict in verdicts[:SHOWN]:
            self._line(kind, f"{verdict.clause.id}  {excuse(self.report, verdict)}", bare=True)
            self._say(verdict.reason, indent=2)
        self._more(verdicts)
        self._blank(verdicts)

    def _warnings(self) -> None:
        verdicts = labelled(self.report, Label.WARNING)
        notes = self.report.notes
        self._heading("Warnings", [*verdicts, *notes])
        for verdict in verdicts[:SHOWN]:
            self._line(Label.WARNING, f"{verdict.clause.id}  {verdict.reason}")
        self._more(verdicts)
        for note in notes[:SHOWN]:
            self._line(Label.WARNING, note)
        self._more(notes)
        self._blank([*verdicts, *notes])

    def _counts(self) -> None:
        for level in Level:
            counts = tally(self.report, level)
            told = [f"{number} {kind.word}" for kind, number in counts.items() if number]
            self._fact(level.value, ", ".join(told) or "none judged")
        for unlock, number in list(unlocks(self.report).items())[:SHOWN]:
            self._fact("", f"{unlock} would unlock {counted(number, 'clause')}")
        if self.report.gate and (mended := self.report.gate.mended):
            self._fact("mended", f"{named(mended)}, broken in the baseline")

    def _budget(self) -> None:
        footer, header = self.report.footer, self.report.header
        self._fact("target", without_login(header.fixtures.endpoint))
        for name, number, beside in figures(self.report):
            self._fact(name, f"{number} {beside}")
        took = duration(footer.finished_at - header.started_at)
        self._fact("took", f"{took}; {footer.ending.value}; seed {header.seed}")

    def _checkpoints(self) -> None:
        ids = self.report.judgement.executions
        if ids:
            self._blank()
            self.console.print(self.text(title(self.report), "bold"), highlight=False)
        if self.report.deletions is None:
            for name in ids[:SHOWN]:
                self._say(name, indent=2)
            self._more(ids)
        self._leftovers(leftovers(self.report))
        self._how_to_delete()
        self._backups()
        self._surplus()
        if more := untold(self.report):
            self._blank([] if ids else [True])
            self._say(f"up to {counted(more, 'checkpoint')} may exist whose id no response told")

    def _backups(self) -> None:
        """How far the backups are, and which failed."""
        backups = self.report.judgement.backups
        if backups:
            self._say(summary(backups), indent=2)
        failed = failures(backups)
        for told in failed[:SHOWN]:
            self._say(told, indent=2)
        self._more(failed)

    def _leftovers(self, left: Sequence[Leftover]) -> None:
        """What is not deleted, with the commands that would delete it, unwrapped."""
        for each in left[:SHOWN]:
            self._say(f"{each.record}  {each.why}", indent=2)
            if each.command:
                self._unwrapped(visible(each.command))
        self._more(left)

    def _how_to_delete(self) -> None:
        """The command that deletes what the run created, unwrapped."""
        left = self.report.judgement.executions
        if self.report.deletions is not None:
            left = tuple(each.record for each in self.report.left)
        if left and self.can_delete and self.report_dir is not None:
            directory = shlex.quote(str(self.report_dir))
            self._unwrapped(visible_line(f"To delete them: csbs-conformance delete {directory}"))

    def _surplus(self) -> None:
        """What came up besides, with the commands that would delete it."""
        found = surplus(self.report.header.fixtures, self.report.judgement.surplus)
        if found:
            self._blank()
            self.console.print(self.text(surplus_title(len(found)), "bold"), highlight=False)
        self._leftovers(found)

    def _where(self) -> None:
        if self.report_dir is not None:
            self._blank()
            path = visible_line(str(self.report_dir / "report.html"))
            self._unwrapped(f"{'reports':<10} {path}")
            self._fact("", "and report.json, junit.xml, results.sarif, summary.md beside it")

    def _verdict(self) -> None:
        kind = verdict_label(self.report)
        self._blank()
        why = explanation(self.report)
        if why not in {cause.reason for cause in causes(self.report)}:  # it stands above
            self._say(why)
        code = f"  (exit code {self.report.exit_code})"
        self._line(kind, (headline(self.report), STYLES[kind]), (code, "dim"), bare=True)

    def _heading(self, title: str, items: Sequence[object]) -> None:
        if items:
            self.console.print(self.text(f"{title} ({len(items)})", "bold"), highlight=False)

    def _line(self, kind: Label, *pieces: str | tuple[str, str], bare: bool = False) -> None:
        """A line that begins with the symbol of `kind` and, unless `bare`, its word."""
        symbol = kind.plain if self.only_ascii else kind.symbol
        text = self.text("" if bare else f"{kind.word}  ", STYLES[kind])
        for piece in pieces:
            said, style = piece if isinstance(piece, tuple) else (piece, "")
            text.append_text(self.text(shorten(visible_line(said), LONGEST), style))
        self.hang(self.text(f"{symbol} ", STYLES[kind]), text)

    def _fact(self, name: str, value: str) -> None:
        self._say(value, head=f"{name:<10} ", style="dim")

    def _say(self, text: str, *, head: str = "", style: str = "", indent: int = 0) -> None:
        """A text on as many lines as it takes, the `head` before it on the first."""
        said = self.text(shorten(visible_line(text), LONGEST))
        self.hang(self.text(" " * indent + head, style), said)

    def _more(self, items: Sequence[object]) -> None:
        if len(items) > SHOWN:
            self._say(f"… and {len(items) - SHOWN} more, see report.html", indent=2)

    def _blank(self, items: Iterable[object] = (True,)) -> None:
        if any(True for _ in items):
            self.console.print()

    def _unwrapped(self, said: str) -> None:
        """Print what will be copied: lines are not broken."""
        self.console.print(self.text(said), soft_wrap=True, highlight=False)
