"""The detection matrix, fault by clause, as JSON, Markdown and one HTML page."""

from __future__ import annotations

from dataclasses import asdict
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
    caught = sum(trial.breaks in trial.failed for trial in faults)
    exact = sum(not trial.problem for trial in faults)
    accused = sum(trial.verdict == "violates" for trial in variants)
    most = max((trial.requests for trial in proof.trials), default=0)
    executions = max((trial.executions for trial in proof.trials), default=0)
    return (
        f"{caught} of {len(faults)} faults caught, {exact} with exactly the declared clauses; "
        f"{accused} of {len(variants)} conforming variants accused; at most {most} requests and "
        f"{executions} executions a target; {proof.seconds:.0f} s."
    )


def as_markdown(proof: Proof) -> str:
    """The matrix as a page of tables."""
    lines = ["# Detection matrix", "", summary(proof), ""]
    if proof.problems:
        problems = (f"* {prose(problem, None)}" for problem in proof.problems)
        lines += ["## Problems", "", *problems, ""]
    lines += ["## Faults", ""]
    lines += [heading(["fault", "what is wrong", "breaks", "also fails", "requests"])]
    for trial in in_document_order(proof.of(SubjectKind.FAULT)):
        others = ", ".join(clause_id for clause_id in trial.failed if clause_id != trial.breaks)
        lines.append(_row(trial, trial.breaks, others))
    lines += ["", "## Conforming variants", ""]
    lines += [heading(["variant", "how it differs", "verdict", "requests"])]
    lines += [_row(trial, trial.verdict) for trial in proof.of(SubjectKind.VARIANT)]
    return "\n".join(lines) + "\n"


def _row(trial: Trial, *told: str) -> str:
    summary = statement(trial.summary.replace("``", "`"), None)
    return row([prose(trial.subject.name), summary, *told, str(trial.requests)])


def in_document_order(faults: list[Trial]) -> list[Trial]:
    """The faults in the order of the clauses they break."""
    places = {clause_id: place for place, clause_id in enumerate(catalogue(load_contract()))}
    return sorted(faults, key=lambda trial: places[trial.breaks])


def as_html(proof: Proof) -> str:
    """The matrix as one page that needs nothing else."""
    faults = in_document_order(proof.of(SubjectKind.FAULT))
    shown = {clause_id for trial in faults for clause_id in (trial.breaks, *trial.failed)}
    page = (
        environment(TEMPLATES)
        .get_template("matrix.html.j2")
        .render(
            summary=summary(proof),
            problems=proof.problems,
            columns=[clause_id for clause_id in catalogue(load_contract()) if clause_id in shown],
            faults=faults,
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
