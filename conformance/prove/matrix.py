"""The detection matrix, fault by clause, as JSON, Markdown and one HTML page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from conformance import __version__
from conformance.contract import load_contract
from conformance.errors import UsageError
from conformance.files import replace_text
from conformance.markup import heading, prose, row, statement
from conformance.page.catalogue import catalogue
from conformance.prove.proof import Proof
from conformance.prove.trial import SubjectKind, Trial
from conformance.report.html import environment
from conformance.report.json_text import json_text

TEMPLATES: Final = Path(__file__).with_name("templates")


def as_json(proof: Proof) -> str:
    """The matrix with everything known of each trial."""
    record = {
        "suite": __version__,
        "contract": load_contract().sha256,
        "seconds": round(proof.seconds, 1),
        "problems": proof.problems,
        "trials": [{**asdict(trial), "problem": trial.problem} for trial in proof.trials],
    }
    return json_text(record)


def summary(proof: Proof) -> str:
    """The result in one paragraph of Markdown."""
    faults, variants = proof.of(SubjectKind.FAULT), proof.of(SubjectKind.VARIANT)
    bases = dict.fromkeys(trial.subject.base for trial in faults)
    caught = ", ".join(_caught_on(base, faults) for base in bases) or "none was tried"
    exact = sum(not trial.problem for trial in faults)
    accused = sum(trial.verdict == "violates" for trial in variants)
    smoke = sum(bool(trial.smoke_alone) for trial in faults)
    most = max((trial.requests for trial in proof.trials), default=0)
    executions = max((trial.executions for trial in proof.trials), default=0)
    return (
        f"Faults caught: {caught}; {exact} of {len(faults)} trials with exactly the declared "
        f"clauses. {accused} of {len(variants)} conforming variants accused. At most {most} "
        f"requests and {executions} executions a target. On {smoke} trials smoke decided a clause "
        f"that the whole plan did not. {proof.seconds:.0f} s."
    )


def _caught_on(base: str, faults: list[Trial]) -> str:
    shown = [trial for trial in faults if trial.subject.base == base and not trial.is_hidden]
    caught = sum(trial.breaks in trial.failed for trial in shown)
    return f"{caught} of {len(shown)} that show on the {base} base"


@dataclass(frozen=True, slots=True)
class Row:
    """A fault with its trials on all bases."""

    name: str
    trials: tuple[Trial, ...]

    @property
    def summary(self) -> str:
        """What is wrong in it."""
        return self.trials[0].summary

    @property
    def breaks(self) -> str:
        """The clause that it was written to break."""
        return self.trials[0].breaks

    @property
    def requests(self) -> int:
        """The most requests that a trial took."""
        return max(trial.requests for trial in self.trials)

    @property
    def hidden(self) -> str:
        """The bases on which it does not show."""
        return ", ".join(trial.subject.base for trial in self.trials if trial.is_hidden)

    @property
    def failed(self) -> dict[str, tuple[Trial, ...]]:
        """The clauses that failed, each with the trials in which it did."""
        ids = dict.fromkeys(clause_id for trial in self.trials for clause_id in trial.failed)
        return {name: tuple(t for t in self.trials if name in t.failed) for name in ids}

    @property
    def others(self) -> str:
        """The clauses that failed as well, with the bases where that was not on all."""
        return ", ".join(
            name + self._where(trials)
            for name, trials in self.failed.items()
            if name != self.breaks
        )

    def _where(self, trials: tuple[Trial, ...]) -> str:
        if trials == self.trials:
            return ""
        return f" ({', '.join(trial.subject.base for trial in trials)})"

    def mark(self, clause_id: str) -> str:
        """How a clause did: `own`, `follows`, `strange`, or empty where it neither failed nor had
        to.
        """
        if any(clause_id in _undeclared(trial) for trial in self.trials):
            return "strange"
        if clause_id not in self.failed:
            return ""
        return "own" if clause_id == self.breaks else "follows"


def _undeclared(trial: Trial) -> set[str]:
    """The clauses that failed and should not have, or the reverse."""
    declared = set() if trial.is_hidden else {trial.breaks, *trial.follows}
    return declared ^ set(trial.failed)


def rows(proof: Proof) -> list[Row]:
    """The faults in the order of the clauses they break."""
    places = {clause_id: place for place, clause_id in enumerate(catalogue(load_contract()))}
    trials: dict[str, list[Trial]] = {}
    for trial in proof.of(SubjectKind.FAULT):
        trials.setdefault(trial.subject.name, []).append(trial)
    found = [Row(name, tuple(each)) for name, each in trials.items()]
    return sorted(found, key=lambda each: places[each.breaks])


def as_markdown(proof: Proof) -> str:
    """The matrix as a page of tables."""
    lines = ["# Detection matrix", "", summary(proof), ""]
    if proof.problems:
        problems = (f"* {prose(problem, None)}" for problem in proof.problems)
        lines += ["## Problems", "", *problems, ""]
    lines += ["## Faults", ""]
    told = ["fault", "what is wrong", "breaks", "also fails", "hidden on", "requests"]
    lines += [heading(told)]
    for each in rows(proof):
        lines.append(
            _row(each.name, each.summary, each.breaks, each.others, each.hidden, str(each.requests))
        )
    lines += ["", "## Conforming variants", ""]
    lines += [heading(["variant", "how it differs", "verdict", "requests"])]
    for trial in proof.of(SubjectKind.VARIANT):
        lines.append(_row(trial.subject.name, trial.summary, trial.verdict, str(trial.requests)))
    return "\n".join(lines) + "\n"


def _row(name: str, summary: str, *told: str) -> str:
    return row([prose(name), statement(summary.replace("``", "`"), None), *told])


def as_html(proof: Proof) -> str:
    """The matrix as one page that needs nothing else."""
    faults = rows(proof)
    shown = {clause_id for each in faults for clause_id in (each.breaks, *each.failed)}
    page = (
        environment(TEMPLATES)
        .get_template("matrix.html.j2")
        .render(
            summary=summary(proof),
            problems=proof.problems,
            columns=[clause_id for clause_id in catalogue(load_contract()) if clause_id in shown],
            faults=faults,
            marks={"own": "■", "follows": "▪", "strange": "✗", "": ""},
            variants=proof.of(SubjectKind.VARIANT),
        )
    )
    return page + "\n"


def write_matrix(proof: Proof, directory: Path) -> list[Path]:
    """Write the three forms. Raises UsageError where the directory cannot be written."""
    written = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for suffix, render in (("json", as_json), ("md", as_markdown), ("html", as_html)):
            written.append(replace_text(directory / f"matrix.{suffix}", render(proof)))
    except OSError as error:
        raise UsageError(
            f"--report-dir {directory}: {error.strerror}; give a directory that can be written"
        ) from None
    return written
