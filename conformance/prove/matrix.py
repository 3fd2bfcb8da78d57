"""The detection matrix, fault by clause, as JSON, Markdown and one HTML page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from conformance import __version__
from conformance.contract import load_contract
from conformance.errors import UsageError
from conformance.files import replace_text
from conformance.judge.verdicts import Verdict
from conformance.markup import heading, prose, row, statement
from conformance.page.catalogue import catalogue
from conformance.prove.proof import Proof
from conformance.prove.trial import SubjectKind, Trial
from conformance.report.html import digest, environment, style_of
from conformance.report.json_text import json_text
from conformance.report.labels import VERDICTS, Label
from conformance.text import counted, duration

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

    @property
    def problem(self) -> str:
        """What the suite got wrong, on which bases; empty where it was right."""
        told: dict[str, list[str]] = {}
        for trial in self.trials:
            if trial.problem:
                told.setdefault(trial.problem, []).append(trial.subject.base)
        return "; ".join(f"{what} ({', '.join(bases)})" for what, bases in told.items())


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
    """The matrix as one page that needs nothing else; what the suite got wrong comes first."""
    script, style = _script(), style_of(TEMPLATES / "matrix.css")
    page = (
        environment(TEMPLATES)
        .get_template("matrix.html.j2")
        .render(
            headline=_headline(proof),
            summary=summary(proof),
            problems=proof.problems,
            figures=_figures(proof),
            faults=sorted(rows(proof), key=lambda each: not each.problem),
            variants=sorted(proof.of(SubjectKind.VARIANT), key=lambda each: not each.problem),
            failed=Label.FAILED.symbol,
            signs={verdict.value: VERDICTS[verdict][0].symbol for verdict in Verdict},
            version=__version__,
            policy=f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}",
            script=script,
            style=style,
        )
    )
    return page + "\n"


def _headline(proof: Proof) -> str:
    if proof.problems:
        return f"{counted(len(proof.problems), 'problem')}: the suite is wrong"
    return "Every fault caught, no variant accused"


def _figures(proof: Proof) -> list[tuple[str, str]]:
    trials = proof.trials
    return [
        ("trials", f"{len(trials):,}"),
        ("faults", f"{len(rows(proof)):,}"),
        ("variants", f"{len(proof.of(SubjectKind.VARIANT)):,}"),
        ("requests a target", f"at most {max((each.requests for each in trials), default=0)}"),
        ("executions a target", f"at most {max((each.executions for each in trials), default=0)}"),
        ("duration", duration(proof.seconds)),
        ("contract", load_contract().sha256[:12]),
    ]


@cache
def _script() -> Any:
    from markupsafe import Markup

    return Markup((TEMPLATES / "matrix.js").read_text(encoding="utf-8"))


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
