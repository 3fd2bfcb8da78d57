"""`campaign.html`: the matrix as a page that loads nothing; each cell leads to its evidence.

What a target said is escaped and made visible (`templates/campaign.html.j2`); a content security
policy allows the page's own script and style alone, by their digests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import filterfalse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance import __version__
from conformance.campaign.matrix import Matrix, label_of, rank, verdict_label, worst_first
from conformance.campaign.matrix_markdown import in_words, lists
from conformance.campaign.row import NO_VERDICT, Row
from conformance.contract.clauses import Clause, Level
from conformance.gate.change import ChangeKind
from conformance.judge.verdicts import Status
from conformance.report.html import digest, environment, style_of
from conformance.report.labels import EXCUSED, Label, sign
from conformance.report.pieces import anchor
from conformance.report.printer import OUTCOMES
from conformance.text import duration, rfc3339, without_login

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES: Final = Path(__file__).with_name("templates")
SHOWN: Final = (
    Label.PASSED,
    Label.FAILED,
    Label.WARNING,
    Label.INCONCLUSIVE,
    Label.NOT_EXERCISED,
)
"""What a cell may be."""
LISTED: Final = 200
"""How many changes of each kind are listed."""
LISTED_CLAUSES: Final = 12
"""How many broken clauses are listed at once, the others folded."""
NAMED: Final = 5
"""How many targets are named that break one."""
MOST_TARGETS: Final = 1000
"""How many targets the page shows. A browser is slow with more; campaign.json and .csv have all."""
DECIDED: Final = frozenset({Status.PASSED, Status.FAILED})
"""What a clause came to where it was seen."""
UNLINKED: Final = frozenset({Label.PASSED, Label.NOT_EXERCISED})
"""The cells whose links the script makes: they are most of a page, and a link is most of a cell."""


Tally = Counter[Label | None]


@dataclass(frozen=True, slots=True)
class RowView:
    """A target as the page shows it; a label for each clause, or None."""

    row: Row
    label: Label | None
    rank: int
    endpoint: str
    must: int
    should: int
    cells: list[Label | None]

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        return self.row.verdict or NO_VERDICT

    @property
    def is_blank(self) -> bool:
        """Whether nothing was decided, so that its reason says more than its signs."""
        return not any(status in DECIDED for status in self.row.statuses.values())

    @property
    def executions(self) -> str:
        """How many took place, and how many may have at most."""
        least, most = self.row.executed, self.row.executed + self.row.doubtful
        return f"{least}" if least == most else f"{least}–{most}"


def html_matrix(matrix: Matrix) -> Iterator[str]:
    """The matrix as one HTML page, in pieces: a large campaign's is never held in one."""
    script, style = _asset("campaign.js"), style_of(TEMPLATES / "campaign.css")
    rows, (same, tallies) = _shown(matrix.rows), _compared(matrix)
    stream = _template().stream(
        matrix=matrix,
        views=(_view(matrix, row) for row in rows),
        targets=len(rows),
        verdicts=Counter(row.verdict or NO_VERDICT for row in rows),
        headline=in_words(matrix),
        figures=_figures(matrix),
        same=same,
        broken={clause.id for clause, _ in matrix.broken},
        anchors=[anchor(clause.id) for clause in matrix.clauses],
        tallies=[_in_words(tally) for tally in tallies],
        unlinked=UNLINKED,
        sign=sign,
        shown=[*SHOWN, *(EXCUSED.values() if any(row.excuses for row in matrix.rows) else ())],
        kinds=list(ChangeKind),
        lists=lists(matrix.comparison) if matrix.comparison else [],
        listed=LISTED,
        listed_clauses=LISTED_CLAUSES,
        named=NAMED,
        tone=OUTCOMES.get(matrix.exit_code, Label.INCONCLUSIVE).slug,
        no_verdict=NO_VERDICT,
        version=__version__,
        policy=f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}",
        script=script,
        style=style,
    )
    stream.enable_buffering(64)
    yield from stream
    yield "\n"


def _view(matrix: Matrix, row: Row) -> RowView:
    return RowView(
        row=row,
        label=verdict_label(row),
        rank=rank(row),
        endpoint=without_login(row.endpoint),
        must=len(matrix.broken_by(row, Level.MUST)),
        should=len(matrix.broken_by(row, Level.SHOULD)),
        cells=[label_of(clause, row) for clause in matrix.clauses],
    )


def _figures(matrix: Matrix) -> list[tuple[str, str]]:
    return [
        ("finished", rfc3339(matrix.finished_at)),
        ("duration", duration(matrix.finished_at - matrix.started_at)),
        ("spent", matrix.spent),
        ("contract", matrix.contract[:12]),
        ("exit code", str(matrix.exit_code)),
    ]


def _shown(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of the page: the worst first, and the worst alone where they are too many."""
    return worst_first(rows)[:MOST_TARGETS]


def _compared(matrix: Matrix) -> tuple[list[bool], list[Tally]]:
    """For each clause, whether the targets do not differ on it, and how many have which verdict.

    A target of which little could be seen would differ from all others on nearly every clause: it
    is counted, and not compared.
    """
    seen = _tallies(matrix.clauses, filter(_is_mostly_decided, matrix.rows))
    unseen = _tallies(matrix.clauses, filterfalse(_is_mostly_decided, matrix.rows))
    both = [one + other for one, other in zip(seen, unseen, strict=True)]
    return [len(tally) < 2 for tally in seen], both


def _is_mostly_decided(row: Row) -> bool:
    decided = sum(status in DECIDED for status in row.statuses.values())
    return 2 * decided > len(row.statuses)


def _tallies(clauses: Sequence[Clause], rows: Iterable[Row]) -> list[Tally]:
    told = list(rows)
    return [Counter(label_of(clause, row) for row in told) for clause in clauses]


def _in_words(tally: Tally) -> str:
    return ", ".join(f"{tally[label]:,} {label.word}" for label in Label if tally[label])


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment(TEMPLATES).get_template("campaign.html.j2")


@lru_cache(maxsize=1)
def _asset(name: str) -> Any:
    from markupsafe import Markup

    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))
