"""All that the reference documentation says, gathered from the contract, clauses and ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance import __version__
from conformance.contract import PATH, Contract
from conformance.contract.clauses import Clause
from conformance.contract.ledger import Entry, load_ledger
from conformance.docs.examples import Example, answer_examples, request_examples
from conformance.docs.kinds import Domain, domains, in_words
from conformance.docs.notes import Note, RunNotes
from conformance.docs.snippets import Caller, caller, curl, exports, python
from conformance.lazily import lazily
from conformance.page.catalogue import catalogue
from conformance.page.error_codes import PUBLISHED
from conformance.page.oracle import EXECUTED
from conformance.report.outline import Part, Row, Table, outline
from conformance.report.pieces import anchor


@dataclass(frozen=True, slots=True)
class Snippet:
    """An example request with the ways to send it."""

    example: Example
    curl: str
    python: str


@dataclass(frozen=True, slots=True)
class Reading:
    """An entry of the ledger with the name of its place in the page."""

    entry: Entry

    @property
    def anchor(self) -> str:
        """The id of the entry in the page."""
        return "reading-" + anchor(self.entry.point.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class DocumentedClause:
    """A clause with the readings it rests on and, of an annotated page, what a run says of it."""

    clause: Clause
    readings: tuple[Reading, ...]
    note: Note | None

    @property
    def answers(self) -> str:
        """The statuses that a request which breaks the clause may get, if a request can."""
        return in_words(self.clause.answers) if self.clause.answers else ""

    @property
    def is_read(self) -> bool:
        """Whether it is read into the page, which is silent on it or contradicts itself."""
        return bool(self.readings)


class Reference:
    """The contract as documentation; with `notes`, annotated with the verdicts of a run.

    Raises ValueError where an example of the contract does not keep it.
    """

    version = __version__

    def __init__(self, contract: Contract, notes: RunNotes | None = None) -> None:
        self.contract = contract
        self.notes = notes

    @lazily
    def title(self) -> str:
        """The name of the operation."""
        return str(self.contract.document["paths"][PATH]["post"]["summary"])

    @lazily
    def info(self) -> Mapping[str, str]:
        """Title, version and description of the contract."""
        info: Mapping[str, str] = self.contract.document["info"]
        return info

    @property
    def published_at(self) -> str:
        """Where the page itself is."""
        return str(self.contract.document["paths"][PATH]["post"]["externalDocs"]["url"])

    @property
    def login(self) -> str:
        """What the header for the token holds."""
        (scheme,) = self.contract.document["components"]["securitySchemes"].values()
        return str(scheme["description"])

    @property
    def login_clauses(self) -> tuple[DocumentedClause, ...]:
        """The clauses on requests without a good token."""
        return tuple(view for view in self.clauses if view.clause.source.row in ("401", "403"))

    def kinds_of_status(self, table: Table) -> tuple[tuple[str, tuple[Row, ...]], ...]:
        """The rows of the table of status codes under the two headings that the page has."""
        rows = tuple(row for row in table.rows if row.name)
        normal = tuple(row for row in rows if row.name == str(EXECUTED))
        return ("Normal", normal), ("Abnormal", tuple(row for row in rows if row not in normal))

    @lazily
    def introduction(self) -> tuple[str, ...]:
        """The description of the contract, by paragraph."""
        return tuple(" ".join(part.split()) for part in self.info["description"].split("\n\n"))

    @lazily
    def parts(self) -> tuple[Part, ...]:
        """The headings of the document, in its order."""
        return outline(self.contract)

    @lazily
    def clauses(self) -> tuple[DocumentedClause, ...]:
        """Every clause, in the order of the document."""
        notes = self.notes.clauses if self.notes else {}
        return tuple(
            DocumentedClause(clause, self._readings(clause.id), notes.get(clause.id))
            for clause in catalogue(self.contract).values()
        )

    def clauses_of(self, table: Table, row: str) -> tuple[DocumentedClause, ...]:
        """The clauses beside a row of a table; those of the table as a whole have no row."""
        return self._placed.get((table.section, row), ())

    @lazily
    def elsewhere(self) -> tuple[DocumentedClause, ...]:
        """The clauses that stand beside no row."""
        rows = {
            (table.section, row.name)
            for part in self.parts
            for table in part.tables
            for row in table.rows
        }
        return tuple(
            view for place, views in self._placed.items() if place not in rows for view in views
        )

    @lazily
    def _placed(self) -> Mapping[tuple[str, str], tuple[DocumentedClause, ...]]:
        placed: dict[tuple[str, str], tuple[DocumentedClause, ...]] = {}
        for view in self.clauses:
            source = view.clause.source
            place = source.section, source.row
            placed[place] = (*placed.get(place, ()), view)
        return placed

    @lazily
    def readings(self) -> tuple[Reading, ...]:
        """The ledger."""
        return tuple(Reading(entry) for entry in load_ledger())

    def _readings(self, clause_id: str) -> tuple[Reading, ...]:
        """The readings for this clause; those for all clauses are left to the ledger."""
        return tuple(
            reading
            for reading in self.readings
            if reading.entry.concerns(clause_id) and "*" not in reading.entry.clauses
        )

    @lazily
    def caller(self) -> Caller:
        """What every request has in common."""
        return caller(self.contract)

    @lazily
    def exports(self) -> str:
        """The commands that set what the snippets read."""
        return exports(self.caller)

    @lazily
    def snippets(self) -> tuple[Snippet, ...]:
        """The example requests."""
        return tuple(
            Snippet(example, curl(self.caller, example), python(self.caller, example))
            for example in request_examples(self.contract)
        )

    @lazily
    def answers(self) -> Mapping[str, tuple[Example, ...]]:
        """The example answers by status code."""
        return answer_examples(self.contract)

    @lazily
    def domains(self) -> tuple[Domain, ...]:
        """The kinds of value that requests are planned with."""
        return tuple(domains(self.contract))

    @property
    def published(self) -> tuple[tuple[str, str, str], ...]:
        """The published error codes: code, message, and what it says of the moment."""
        return tuple((code, text, kind.value) for code, (kind, text) in PUBLISHED.items())
