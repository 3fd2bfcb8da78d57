"""The detection matrix, fault by clause, as JSON, Markdown and one HTML page."""

from __future__ import annotations

import html
import json
from dataclasses import asdict
from pathlib import Path

from conformance import __version__
from conformance.contract import load_contract
from conformance.errors import UsageError
from conformance.files import replace_text
from conformance.page.catalogue import catalogue
from conformance.prove.proof import Proof
from conformance.prove.trial import SubjectKind, Trial

STYLE = """
:root { color-scheme: light dark; --ok: #2b7a4b; --bad: #b3261e; --follows: #b58900;
  --line: #8884; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-family: ui-serif, Georgia, serif; } table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left;
  vertical-align: top; }
code { font: .85em ui-monospace, monospace; } .grid { overflow: auto; max-height: 85vh; }
.grid td { padding: 0; text-align: center; width: .8rem; height: .8rem; font-size: .6rem; }
.grid th.row { font-weight: normal; white-space: nowrap; font-size: .75rem; padding: 0 .5rem 0 0; }
.grid tr:hover { background: #8883; }
.grid th.col { position: sticky; top: 0; background: Canvas; }
.grid th.col { writing-mode: vertical-rl; font-weight: normal; font-size: .65rem; padding: 0; }
.own { background: var(--ok); color: #fff; } .follows { background: var(--follows); color: #000; }
.strange { background: var(--bad); color: #fff; } .bad { color: var(--bad); }
"""


def as_json(proof: Proof) -> str:
    """The matrix with everything known of each trial."""
    record = {
        "suite": __version__,
        "contract": load_contract().sha256,
        "seconds": round(proof.seconds, 1),
        "problems": proof.problems,
        "trials": [{**asdict(trial), "problem": trial.problem} for trial in proof.trials],
    }
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


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
        lines += ["## Problems", "", *(f"* {_cell(problem)}" for problem in proof.problems), ""]
    lines += ["## Faults", "", "| fault | what is wrong | breaks | also fails | requests |"]
    lines += ["|---|---|---|---|---|"]
    for trial in in_document_order(proof.of(SubjectKind.FAULT)):
        others = [clause_id for clause_id in trial.failed if clause_id != trial.breaks]
        cells = [trial.subject.name, trial.summary, trial.breaks, ", ".join(others)]
        lines.append(f"| {' | '.join(map(_cell, cells))} | {trial.requests} |")
    lines += ["", "## Conforming variants", "", "| variant | how it differs | verdict | requests |"]
    lines += ["|---|---|---|---|"]
    for trial in proof.of(SubjectKind.VARIANT):
        cells = [trial.subject.name, trial.summary, trial.verdict]
        lines.append(f"| {' | '.join(map(_cell, cells))} | {trial.requests} |")
    return "\n".join(lines) + "\n"


def in_document_order(faults: list[Trial]) -> list[Trial]:
    """The faults in the order of the clauses they break."""
    places = {clause_id: place for place, clause_id in enumerate(catalogue(load_contract()))}
    return sorted(faults, key=lambda trial: places[trial.breaks])


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def as_html(proof: Proof) -> str:
    """The matrix as one page that needs nothing else."""
    faults = in_document_order(proof.of(SubjectKind.FAULT))
    shown = {clause_id for trial in faults for clause_id in (trial.breaks, *trial.failed)}
    columns = [clause_id for clause_id in catalogue(load_contract()) if clause_id in shown]
    head = "".join(f"<th class=col>{html.escape(clause_id)}</th>" for clause_id in columns)
    rows = "".join(_grid_row(trial, columns) for trial in faults)
    variants = "".join(
        f"<tr><td><code>{html.escape(t.subject.name)}</code><td>{html.escape(t.summary)}"
        f"<td>{html.escape(t.verdict)}<td>{t.requests}</tr>"
        for t in proof.of(SubjectKind.VARIANT)
    )
    problems = "".join(f"<li class=bad>{html.escape(problem)}</li>" for problem in proof.problems)
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Detection matrix</title>"
        f"<meta name=viewport content='width=device-width'><style>{STYLE}</style>"
        f"<h1>Detection matrix</h1><p>{html.escape(summary(proof))}</p><ul>{problems}</ul>"
        f"<h2>Faults by clause</h2><p>■ the clause a fault was written to break, "
        f"▪ one that follows, ✗ neither.</p>"
        f"<div class=grid><table><tr><th>{head}</tr>{rows}</table></div>"
        f"<h2>Conforming variants</h2><table><tr><th>variant<th>how it differs<th>verdict"
        f"<th>requests</tr>{variants}</table>\n"
    )


def _grid_row(trial: Trial, columns: list[str]) -> str:
    cells = "".join(_grid_cell(trial, clause_id) for clause_id in columns)
    title = html.escape(trial.summary, quote=True)
    name = html.escape(trial.subject.name)
    return f'<tr><th class=row title="{title}">{name}</th>{cells}</tr>'


def _grid_cell(trial: Trial, clause_id: str) -> str:
    if clause_id not in trial.failed:
        return "<td class=strange>✗" if clause_id == trial.breaks else "<td>"
    if clause_id == trial.breaks:
        return "<td class=own>■"
    return "<td class=follows>▪" if clause_id in trial.follows else "<td class=strange>✗"


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
