"""What a comparison finds: differences, each with a value that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from conformance.contract.clauses import Clause, Level
from conformance.lazily import lazily

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
    """The vendor allows a response that the contract does not."""


class Side(StrEnum):
    """Who alone has, or allows, what a witness shows."""

    CONTRACT = "contract"
    DOCUMENT = "document"

    @property
    def other(self) -> Side:
        """The other side."""
        return Side.DOCUMENT if self is Side.CONTRACT else Side.CONTRACT


class Severity(StrEnum):
    """How much a difference weighs."""

    ERROR = "error"
    WARNING = "warning"


class Part(StrEnum):
    """The part of a request or a response that a witness is."""

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
class Patch:
    """Other fields for one object of the document: a value for each, None for one to be removed."""

    place: Place
    fields: tuple[tuple[str, Any], ...]

    @property
    def removes(self) -> bool:
        """Whether it takes out what stands there, and whatever else is wrong with it."""
        return all(value is None for _, value in self.fields)


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which the vendor's document is not compatible with the contract.

    `only_in` says who alone has or allows the witness. `statuses` are those of the responses it
    concerns. `because` explains a severity that is not that of the clause, or not that of its kind.
    `patch` is what makes it go away, where that is simple.
    """

    direction: Direction
    clause: Clause
    severity: Severity
    place: Place
    message: str
    witness: Witness
    only_in: Side
    statuses: tuple[str, ...] = ()
    because: str = ""
    patch: Patch | None = None


@dataclass(frozen=True)
class Cause:
    """Differences that have one cause, the gravest first, and the places where it stands."""

    differences: tuple[Difference, ...]
    places: tuple[Place, ...]

    @property
    def first(self) -> Difference:
        """The difference that stands for all."""
        return self.differences[0]

    @property
    def severity(self) -> Severity:
        """That of the gravest difference."""
        return self.first.severity

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses of the responses that any of the differences concerns."""
        every = (status for each in self.differences for status in each.statuses)
        return tuple(dict.fromkeys(every))

    @lazily
    def clauses(self) -> tuple[str, ...]:
        """The ids of the clauses, each once."""
        return tuple(dict.fromkeys(each.clause.id for each in self.differences))

    @lazily
    def patch(self) -> Patch | None:
        """One change by which all of the differences go away; None where there is none."""
        patches = [each.patch for each in self.differences]
        if len(self.places) > 1:
            return None
        if patches[0] is not None and patches[0].removes:
            return patches[0]
        if len({each.place if each else None for each in patches}) > 1:
            return None
        fields: dict[str, Any] = {}
        for patch in patches:
            if patch is None:
                return None
            for name, value in patch.fields:
                fields[name] = _both(fields[name], value) if name in fields else value
        return replace(self.first.patch, fields=tuple(fields.items())) if self.first.patch else None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a part of the vendor's document could not be compared."""

    place: Place
    problem: str


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be told of the document and decides nothing; `place` where that is known."""

    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A whole comparison.

    `notes` say what was left out of account, and why that is right, and where the document is no
    valid OpenAPI.

    `laxer` is where the document allows requests that the contract has refused: an
    implementation may refuse them all the same, so that it decides nothing. `proved` is how
    many clauses the vendor's answers were proved to keep; `tried` names those for which neither
    a proof nor a witness was found.
    """

    file: str
    version: str
    operation: str
    pointer: str
    differences: tuple[Difference, ...]
    causes: tuple[Cause, ...]
    obstacles: tuple[Obstacle, ...]
    notes: tuple[Note, ...] = ()
    laxer: tuple[Difference, ...] = ()
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


def _both(one: Any, other: Any) -> Any:
    """What two changes make of one field: lists of names grow together, a removal stays one."""
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(each for each in other if each not in one)]
    return other
