"""Exchanges as markup: a row of the log for each, with both messages, and a point of the picture.

A page has hundreds of them. From the template they would take most of the time of all reports, so
they are made here. All text is escaped and made visible, as the template does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from conformance.model import Headers
from conformance.report.exchange_log import LogEntry, Message
from conformance.report.pieces import as_markup, clause_link, safe
from conformance.report.timeline import Point

if TYPE_CHECKING:
    from markupsafe import Markup


def rows(log: Iterable[LogEntry]) -> Markup:
    """A row for each exchange, which opens on its messages."""
    return as_markup("\n".join(map(_row, log)))


def points(found: Iterable[Point]) -> Markup:
    """A point for each exchange, which leads to its row."""
    return as_markup("\n".join(map(_point, found)))


def _row(entry: LogEntry) -> str:
    broke = f" broke{' failed' if entry.is_failed else ''}" if entry.broke else ""
    named = f"<b>{safe(', '.join(entry.broke))}</b> " if entry.broke else ""
    outcome, answered = safe(entry.outcome), safe(entry.answered)
    return (
        f'<details id="{safe(entry.anchor)}" class="exchange{broke}" data-answered="{answered}">\n'
        f'<summary class="row"><span class="name">{safe(entry.id)}</span>'
        f'<span class="probe">{safe(entry.probe)}</span>'
        f'<span class="gist">{named}{safe(entry.gist)}</span>'
        f'<span class="outcome answered-{answered}">{outcome}</span>'
        f'<span class="took">{safe(entry.took)}</span></summary>\n'
        f'<div class="both">\n{"".join(_relations(entry))}{_message("Request", entry.request)}'
        f"{_message('Response', entry.response) if entry.response else _no_response(outcome)}"
        "</div>\n</details>"
    )


def _relations(entry: LogEntry) -> Iterator[str]:
    """What an exchange broke, and which one it repeats."""
    if not entry.broke and not entry.retry_of:
        return
    yield '<p class="broken">'
    if entry.broke:
        yield "Broke "
    for id in entry.broke:
        yield f"{clause_link(id)} "
    if entry.retry_of:
        yield f'<span class="repeats">Repeats {safe(entry.retry_of)}</span>'
    yield "</p>\n"


def _message(title: str, message: Message) -> str:
    body = f"\n\n\n{safe(message.body)}" if message.body else ""
    return (
        f'<section class="message">\n<h3>{title} <span class="size">{message.size:,} bytes</span>'
        f"</h3>\n<pre><b>{safe(message.start)}</b>{_fields(message.headers)}{body}</pre>\n"
        "</section>\n"
    )


def _no_response(outcome: str) -> str:
    return f'<section class="message"><h3>No response</h3><pre>{outcome}</pre></section>\n'


@lru_cache(maxsize=512)
def _fields(headers: Headers) -> str:
    """The fields of a header, a line each; most messages of a run have the same."""
    return "".join(f"\n<i>{safe(name)}:</i> {safe(value)}" for name, value in headers)


def _point(point: Point) -> str:
    came = safe(point.came.slug)
    shape = (
        f'<use class="mark {came}" href="#mark-{came}" x="{point.x}%" y="{point.y}" width="12" '
        'height="12" transform="translate(-6 -6)"/>'
        if point.came.is_marked
        else f'<circle class="{came}" cx="{point.x}%" cy="{point.y}" r="3.5"/>'
    )
    label = f"<title>{safe(point.label)}</title>"
    return f'<a href="{safe(point.href)}" tabindex="-1">{label}{shape}</a>'
