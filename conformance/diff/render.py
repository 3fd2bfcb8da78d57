"""A difference as Markdown, JSON, HTML, and on a console."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance import __version__, markup
from conformance.diff.difference import Change, Difference, told
from conformance.diff.reading import PastClause, PastRun
from conformance.gate.change import ChangeKind
from conformance.report.html import digest, environment, style_of
from conformance.report.json_text import json_text, schema_in
from conformance.report.labels import Label
from conformance.report.printer import OUTCOMES, STYLES, Printer
from conformance.text import named, shorten, visible_line

if TYPE_CHECKING:
    from jinja2 import Template
    from rich.console import Console

SCHEMA_VERSION: Final = "1.0"
TEMPLATES: Final = Path(__file__).with_name("templates")
LONGEST: Final = 300
LABELS: Final = {
    ChangeKind.WORSE: Label.FAILED,
    ChangeKind.UNSEEN: Label.INCONCLUSIVE,
    ChangeKind.BETTER: Label.PASSED,
    ChangeKind.SEEN: Label.PASSED,
}
"""What a change looks like."""


def print_difference(found: Difference, console: Console) -> None:
    """Tell `console` what changed, the worst first, the result last."""
    printer = Printer(console)

    def say(head: str, said: str, style: str = "") -> None:
        printer.hang(printer.text(head, style), printer.text(said))

    for change in found.changes:
        kind = LABELS[change.kind]
        head = printer.sign(kind) + printer.text(f"{change.kind.value}  ", STYLES[kind])
        printer.hang(head, printer.text(f"{change.new.id} ({change.new.level.value})"))
        say("    ", change.new.statement)
        for when, clause in (("before", change.old), ("now", change.new)):
            for number, line in enumerate(told(clause)):
                text = shorten(visible_line(line), LONGEST)
                say(" " * 12 if number else f"    {when:8}", text)
        console.print()
    for note in notes(found):
        say("note  ", visible_line(note), "dim")
    printer.outcome(found.headline, found.exit_code)


def notes(found: Difference) -> list[str]:
    """What else differs between the runs."""
    only = {"first": found.only_old, "second": found.only_new}
    return [
        *found.notes,
        *(f"only in the {which} run: {named(names)}" for which, names in only.items() if names),
    ]


def as_markdown(found: Difference) -> str:
    """The difference as GitHub-flavoured Markdown."""
    parts = [f"## {markup.prose(found.headline)}", _runs(found)]
    parts += [f"- {markup.prose(note, LONGEST)}" for note in notes(found)]
    for kind in ChangeKind:
        if changes := found.having(kind):
            parts.append(f"### {kind.value.capitalize()} ({len(changes)})")
            table = [markup.heading(["clause", "before", "now"]), *map(_row, changes)]
            parts.append("\n".join(table))
    return "\n\n".join(parts) + "\n"


def _runs(found: Difference) -> str:
    runs = {"before": found.old, "now": found.new}
    return "\n".join(
        f"- {when}: {markup.code(run.target.endpoint)}, {run.verdict.value}, "
        f"{markup.prose(run.finished_at)}"
        for when, run in runs.items()
    )


def _row(change: Change) -> str:
    new = change.new
    about = f"{markup.code(new.id)} ({new.level.value})<br>{markup.statement(new.statement)}"
    sides = ("<br>".join(markup.prose(line, LONGEST) for line in told(c)) for c in _sides(change))
    return markup.row([about, *sides])


def _sides(change: Change) -> tuple[PastClause, PastClause]:
    return change.old, change.new


def as_html(found: Difference) -> str:
    """The difference as one HTML page that loads nothing."""
    style = style_of(TEMPLATES / "diff.css")
    page = _template().render(
        found=found,
        kinds=ChangeKind,
        labels=LABELS,
        tone=OUTCOMES.get(found.exit_code, Label.INCONCLUSIVE).slug,
        notes=notes(found),
        told=told,
        version=__version__,
        style=style,
        policy=f"default-src 'none'; style-src {digest(style)}",
    )
    return page + "\n"


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment(TEMPLATES).get_template("diff.html.j2")


def load_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every difference in JSON keeps."""
    return schema_in(Path(__file__).with_name("diff.schema.json"))


def as_json(found: Difference) -> str:
    """The difference as JSON text."""
    return json_text(
        {
            "schema_version": SCHEMA_VERSION,
            "suite": {"name": "csbs-conformance", "version": __version__},
            "exit_code": found.exit_code,
            "strict": found.strict,
            "before": _run_record(found.old),
            "now": _run_record(found.new),
            "changes": [
                {
                    "kind": change.kind.value.replace(" ", "_"),
                    "clause": change.new.id,
                    "level": change.new.level.value,
                    "source": change.new.source,
                    "statement": change.new.statement,
                    "before": _clause_record(change.old),
                    "now": _clause_record(change.new),
                }
                for change in found.changes
            ],
            "only_before": list(found.only_old),
            "only_now": list(found.only_new),
            "notes": list(found.notes),
        }
    )


def _run_record(run: PastRun) -> dict[str, Any]:
    return {
        "endpoint": run.target.endpoint,
        "profile": run.profile,
        "finished_at": run.finished_at,
        "contract": {"sha256": run.contract.sha256},
        "verdict": run.verdict.value,
    }


def _clause_record(clause: PastClause) -> dict[str, Any]:
    return {
        "status": clause.status.value,
        "reason": clause.reason,
        "evidence": [
            {
                "exchange": finding.exchange,
                "probe": finding.probe,
                "expected": finding.expected,
                "received": finding.received,
            }
            for finding in clause.evidence
        ],
    }
