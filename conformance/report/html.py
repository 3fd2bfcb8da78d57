"""`report.html`: the document itself, each of its lines annotated with the verdict on it.

One file that loads nothing: styles and script are in it, and a content security policy forbids
the rest. What the target said is escaped and cannot become markup (`templates/report.html.j2`).
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance import __version__
from conformance.contract import load_contract
from conformance.contract.ledger import load_ledger
from conformance.report import exchange_markup
from conformance.report.backups import Stretch, lives
from conformance.report.backups import summary as summary_of_backups
from conformance.report.bounds import MOST_CHECKPOINTS
from conformance.report.clause_view import LONGEST, ClauseView, clause_view
from conformance.report.deletions import leftovers, summary, surplus
from conformance.report.exchange_log import ExchangeLog
from conformance.report.labels import (
    Label,
    by_section,
    causes,
    explanation,
    figures,
    headline,
    tally,
    unlocks,
    untold,
    verdict_label,
)
from conformance.report.model import Report
from conformance.report.outline import outline
from conformance.report.pieces import anchor, clause_link, mark, section_id, statement
from conformance.report.timeline import timeline
from conformance.text import (
    counted,
    duration,
    rfc3339,
    shorten,
    visible,
    without_login,
)

if TYPE_CHECKING:
    from jinja2 import Environment, Template

TEMPLATES = Path(__file__).with_name("templates")
LISTED = 12
"""How many broken clauses are open at once, and how many checkpoints are listed."""
ALL_IS_WELL = frozenset({Label.PASSED, Label.NOT_EXERCISED})
"""The labels of clauses with which nothing is wrong: a table that has no others is folded."""


def html_report(report: Report) -> str:
    """The report as one HTML page."""
    script, style = _asset("report.js"), _asset("report.css")
    values = {
        **_context(report),
        "policy": f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}",
        "script": script,
        "style": style,
    }
    return _rendered(_template(), values) + "\n"


def _rendered(template: Template, values: dict[str, Any]) -> str:
    """What a template makes of values, which it lets go of.

    Its macros refer to their context, and that to them: all exchanges of a run would be kept with
    it until Python looks for such circles.
    """
    context = template.new_context(values)
    try:
        return "".join(template.root_render_func(context))
    finally:
        context.parent.clear()
        context.vars.clear()


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment(TEMPLATES).get_template("report.html.j2")


def environment(templates: Path) -> Environment:
    """What renders the templates of a directory: all foreign text is escaped and made visible."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from conformance.report.bytecode import Compiled

    environment = Environment(
        loader=FileSystemLoader(templates),
        bytecode_cache=Compiled(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.filters.update(anchor=anchor)
    environment.globals.update(
        mark=mark, statement=statement, section_id=section_id, clause_link=clause_link
    )
    return environment


@lru_cache(maxsize=2)
def _asset(name: str) -> Any:
    from markupsafe import Markup

    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _harmless(value: Any) -> Any:
    """What is printed in place of `value`: applied to every expression of the template."""
    return visible(value) if type(value) is str else value


@cache
def style_of(*sheets: Path) -> Any:
    """Style sheets as one, beginning with that of the report; it is markup as it stands."""
    from markupsafe import Markup

    files = (TEMPLATES / "report.css", *sheets)
    return Markup("\n".join(sheet.read_text(encoding="utf-8") for sheet in files))


def digest(text: str) -> str:
    """A source of a content security policy that allows this text alone."""
    found = hashlib.sha256(str(text).encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(found).decode('ascii')}'"


def _context(report: Report) -> dict[str, Any]:
    log = ExchangeLog(report)
    picture = timeline(log) if 2 * report.unlisted <= report.judged else None
    clauses = [clause_view(verdict, report, log) for verdict in report.judgement.clauses]
    by_id = {view.id: view for view in clauses}
    sections = {
        section: [by_id[verdict.clause.id] for verdict in verdicts]
        for section, verdicts in by_section(report.judgement.clauses).items()
    }
    parts = outline(load_contract())
    known = {
        (table.section, row.name) for part in parts for table in part.tables for row in table.rows
    }
    return {
        "Label": Label,
        "label": verdict_label(report),
        "headline": headline(report),
        "explanation": shorten(explanation(report), LONGEST),
        "report": report,
        "endpoint": without_login(report.header.fixtures.endpoint),
        "figures": _figures(report),
        "facts": _facts(report),
        "counts": tally(report),
        "failed": [view for view in clauses if view.label is Label.FAILED],
        "warnings": [view for view in clauses if view.label is Label.WARNING],
        "excused": [view for view in clauses if view.is_excused],
        "mended": report.gate.mended if report.gate else (),
        "unseen": causes(report),
        "unlocks": unlocks(report),
        "untold": untold(report),
        "created": summary(report.outcomes),
        "leftovers": leftovers(report),
        "surplus": surplus(report.header.fixtures, report.judgement.surplus),
        "backups": summary_of_backups(report.judgement.backups),
        "lives": lives(report.judgement.backups),
        "stretches": Stretch,
        "timeline": picture,
        "points": exchange_markup.points(picture.points if picture else ()),
        "listed": LISTED,
        "most_checkpoints": MOST_CHECKPOINTS,
        "sections": sections,
        "tallies": {section: _tally(views) for section, views in sections.items()},
        "wrong": [
            section
            for section, views in sections.items()
            if not ALL_IS_WELL.issuperset(view.label for view in views)
        ],
        "parts": parts,
        "annotations": _annotations(clauses),
        "others": [view for view in clauses if _place(view) not in known],
        "ledger": load_ledger(),
        "known_ids": by_id.keys(),
        "log": log,
        "exchanges": exchange_markup.rows(log),
        "recorded_by": report.header.suite if report.header.suite != __version__ else "",
        "version": __version__,
    }


def _tally(views: list[ClauseView]) -> dict[Label, int]:
    """How many of some clauses have each label that one of them has."""
    found = Counter(view.label for view in views)
    return {kind: found[kind] for kind in Label if found[kind]}


def _baseline(report: Report) -> str:
    """The earlier run that this one was compared with, in a few words."""
    baseline = report.gate.baseline if report.gate else None
    return f"{without_login(baseline.endpoint)}, {baseline.finished_at}" if baseline else ""


def _place(view: ClauseView) -> tuple[str, str]:
    source = view.verdict.clause.source
    return source.section, source.row


def _annotations(clauses: list[ClauseView]) -> Mapping[tuple[str, str], list[ClauseView]]:
    """The clauses beside each row of the document."""
    placed: dict[tuple[str, str], list[ClauseView]] = {}
    for view in clauses:
        placed.setdefault(_place(view), []).append(view)
    return placed


def _figures(report: Report) -> list[tuple[str, str, str]]:
    """The numbers at the top: what, how many, and beside what."""
    header, footer = report.header, report.footer
    counts = tally(report)
    judged = len(report.judgement.clauses)
    return [
        ("clauses passed", f"{counts[Label.PASSED]}", f"of {judged}"),
        *figures(report),
        ("duration", duration(footer.finished_at - header.started_at), footer.ending.value),
    ]


def _facts(report: Report) -> list[tuple[str, list[str]]]:
    """What the user said of the target, and of the run."""
    header, footer, fixtures = report.header, report.footer, report.header.fixtures
    tokens = sorted(token.value for token in fixtures.tokens)
    skipped = report.judgement.skipped
    facts = [
        ("endpoint", [without_login(fixtures.endpoint)]),
        ("project", [fixtures.project_id or "not given"]),
        ("other project", [other] if (other := fixtures.other_project_id) else []),
        ("provider", [fixtures.provider_id]),
        ("policy", [fixtures.plan_id or "not given"]),
        ("servers", list(fixtures.resources) or ["not given"]),
        ("tokens", tokens or ["none given"]),
        ("only", list(header.only)),
        ("started", [rfc3339(header.started_at)]),
        ("finished", [rfc3339(footer.finished_at)]),
        ("profile", [f"{header.profile}, seed {header.seed}"]),
        ("exit code", [f"{report.exit_code}{', strict' if report.strict else ''}"]),
        ("baseline", [rerun] if (rerun := _baseline(report)) else []),
        ("skipped", [counted(skipped, "exchange")] if skipped else []),
    ]
    return [(name, values) for name, values in facts if values]
