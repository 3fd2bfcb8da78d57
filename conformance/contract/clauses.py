"""What a clause is, and the words in which one is written down."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from fnmatch import fnmatchcase

from msgspec import Struct

from conformance.model import Fixtures, Token


class Level(StrEnum):
    """How strongly the document says it."""

    MUST = "must"
    SHOULD = "should"


MUST, SHOULD = Level.MUST, Level.SHOULD

FUNCTION, URI, STATUS_CODES, ERROR_CODES = "Function", "URI", "Status Codes", "Error Codes"
SECTIONS = (
    FUNCTION,
    URI,
    *(f"Table {number}" for number in range(1, 9)),
    STATUS_CODES,
    ERROR_CODES,
)
"""The headings of the document that clauses stand under, in its order."""


class Source(Struct, frozen=True):
    """Where the document says it.

    `section` is a heading of the document ("Table 6", "Status Codes", ...) or the name of a page
    or standard it rests on; `row` is the row or item there, empty for the section as a whole.
    """

    section: str
    row: str = ""

    def __str__(self) -> str:
        return f"{self.section}, {self.row}" if self.row else self.section


def Table(number: int, row: str = "") -> Source:
    """The row `row` of table `number` (1 to 8)."""
    return Source(f"Table {number}", row)


def StatusCodes(code: int | str = "") -> Source:
    """The row of `code` in the section Status Codes."""
    return Source(STATUS_CODES, str(code))


class Fixture(StrEnum):
    """What only the user knows of a target, by the option that gives it.

    A login is a token, or keys that sign.
    """

    LOGIN = "login"
    TOKEN = "token-env"
    FORBIDDEN_TOKEN = "forbidden-token-env"
    PROJECT = "project-id"
    PLAN = "plan-id"
    RESOURCE = "resource"

    @property
    def unlock(self) -> str:
        """The option to give, as a user types it."""
        return f"--{Fixture.TOKEN.value if self is Fixture.LOGIN else self.value}"


TO_EXECUTE = (Fixture.LOGIN, Fixture.PROJECT, Fixture.PLAN)
"""What it takes to have a policy executed."""


class Clause(Struct, frozen=True):
    """One testable statement of the document.

    `answers` are the statuses a request that breaks an input clause may get; 200 is among them
    where the page is silent and executing is as right as refusing. It is empty for clauses that
    concern the response. `observed` says that nothing provokes it: it is judged when it shows.
    `unrecorded` is what decides the clause and a recording does not tell. `without_fault` says why
    no emulated implementation can break it.
    """

    id: str
    level: Level
    source: Source
    statement: str
    needs: tuple[Fixture, ...] = ()
    answers: frozenset[int] = frozenset()
    observed: str = ""
    unrecorded: str = ""
    without_fault: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the page leaves the point open, so that executing is right too."""
        return 200 in self.answers

    @property
    def is_shown_by_executions(self) -> bool:
        """Whether only a request that is executed can show that the clause is kept."""
        return not self.answers and set(TO_EXECUTE) <= set(self.needs)


def place(source: Source) -> tuple[int, str, int]:
    """Sort key of a place in the document; other pages and standards come last, by their names."""
    is_listed = source.section in SECTIONS
    rank = SECTIONS.index(source.section) if is_listed else len(SECTIONS)
    code = source.row if source.section == STATUS_CODES and source.row.isdigit() else "0"
    return rank, "" if is_listed else source.section, int(code)


def is_selected(clause_id: str, only: tuple[str, ...]) -> bool:
    """Whether the patterns of `--only` select a clause; none select all."""
    return not only or any(fnmatchcase(clause_id, pattern) for pattern in only)


def is_given(need: Fixture, fixtures: Fixtures) -> bool:
    """Whether the user gave a fixture. A recording has its own tokens: none can be given."""
    given: dict[Fixture, Callable[[], bool]] = {
        Fixture.LOGIN: lambda: fixtures.login is not None or not fixtures.complete,
        Fixture.TOKEN: lambda: Token.GOOD in fixtures.tokens or not fixtures.complete,
        Fixture.FORBIDDEN_TOKEN: lambda: (
            Token.FORBIDDEN in fixtures.tokens or not fixtures.complete
        ),
        Fixture.PROJECT: lambda: fixtures.project_id is not None,
        Fixture.PLAN: lambda: fixtures.plan_id is not None,
        Fixture.RESOURCE: lambda: bool(fixtures.resources),
    }
    return given[need]()
