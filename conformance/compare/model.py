"""What a comparison finds: differences, each with a value that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from conformance.contract.clauses import Clause, Level

CONFORMS, VIOLATES, INCONCLUSIVE = 0, 1, 3


class Inconclusive(Exception):
    """What the vendor's document says of one point cannot be known; `pointer` is where it says it.

    The text says what stands there and what to do.
    """

    def __init__(self, pointer: str, problem: str) -> None:
        super().__init__(problem)
        self.pointer = pointer


class Direction(StrEnum):
    """Which of the two promises is broken."""

    REQUEST = "request"
    """The contract allows a request that the vendor does not."""
    RESPONSE = "response"
    """The vendor allows an answer that the contract does not."""


class Severity(StrEnum):
    """How much a difference weighs."""

    ERROR = "error"
    WARNING = "warning"


class Part(StrEnum):
    """The part of a request or an answer that a witness is."""

    URL = "url"
    PARAMETER = "parameter"
    HEADER = "header"
    MEDIA_TYPE = "media type"
    BODY = "body"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file of the vendor's. `line` and `column` count from 1; 0 where unknown."""

    pointer: str
    line: int
    column: int
    file: str


@dataclass(frozen=True, slots=True)
class Witness:
    """A concrete value that one side allows and the other does not.

    `value` is the JSON value of a body, or the text of a URL, header or media type. `path` is the
    spot in a body that decides; `schema` the pointer of the vendor's schema it was held against.
    """

    part: Part
    value: Any
    path: str = ""
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which the vendor's document is not compatible with the contract.

    `statuses` are those of the answers it concerns. `because` explains a severity that is not
    that of the clause.
    """

    direction: Direction
    clause: Clause
    severity: Severity
    place: Place
    message: str
    witness: Witness
    statuses: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a part of the vendor's document could not be compared."""

    place: Place
    problem: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A whole comparison. `notes` say what was left out of account, and why that is right.

    `proved` is how many clauses the vendor's answers were proved to keep; `tried` names those for
    which neither a proof nor a witness was found.
    """

    file: str
    version: str
    operation: str
    pointer: str
    differences: tuple[Difference, ...]
    obstacles: tuple[Obstacle, ...]
    notes: tuple[str, ...] = ()
    proved: int = 0
    tried: tuple[str, ...] = ()
    strict: bool = False

    def of(self, severity: Severity) -> tuple[Difference, ...]:
        """The differences of one severity."""
        return tuple(found for found in self.differences if found.severity is severity)

    @property
    def exit_code(self) -> int:
        """0 compatible, 1 not, 3 where something could not be compared."""
        if self.of(Severity.ERROR) or (self.strict and self.differences):
            return VIOLATES
        return INCONCLUSIVE if self.obstacles else CONFORMS

    @property
    def verdict(self) -> str:
        """The outcome in a word."""
        return VERDICTS[self.exit_code]


VERDICTS: Final[Mapping[int, str]] = {
    CONFORMS: "compatible",
    VIOLATES: "incompatible",
    INCONCLUSIVE: "inconclusive",
}


def severity_of(clause: Clause) -> Severity:
    """How much a difference weighs: on a `should`, or what is only observed, it is a warning."""
    weighs = clause.level is Level.MUST and not clause.observed
    return Severity.ERROR if weighs else Severity.WARNING
