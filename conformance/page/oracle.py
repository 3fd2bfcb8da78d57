"""The oracle: which answers the page allows to a request.

Every input clause that the request breaks allows a set of statuses; several allow the union, since
the page gives no order of checks. A request that breaks none must be executed. What cannot be known
about a request widens what is allowed and never accuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum

from msgspec import Struct

from conformance.contract import Contract
from conformance.contract.clauses import MUST, URI, Clause, Table
from conformance.contract.schema import SchemaBreach
from conformance.lazily import lazily
from conformance.model import Fixtures, Request
from conformance.page.call import Call
from conformance.page.catalogue import catalogue
from conformance.page.json_text import JsonText, NotKnown, TooDeep
from conformance.page.lexical import oddities
from conformance.page.registry import REGISTRY
from conformance.page.tables_2_to_4 import Shape, features

EXECUTED, BAD_REQUEST = 200, 400
LONGEST_REMEMBERED, MOST, MOST_LONG = 64 * 1024, 4096, 4
"""Bytes of a request that is remembered: thousands of them are, and of longer ones so many."""
BODY = "the body"
"""The kind of all requests in which nothing is wrong but their body."""
OF_URI = frozenset({URI, Table(1).section})
"""Sections on what a request asks for, whatever its body says."""


class Duty(Enum):
    """What an implementation has to do with a request."""

    EXECUTE = "execute it"
    REFUSE = "refuse it"
    CHOOSE = "execute or refuse it"
    NOT_EXECUTE = "not execute it: it is none of the page's"
    UNKNOWN = "not known"


class Breach(Struct, frozen=True):
    """An input clause that a request breaks, and what in the request does."""

    clause: Clause
    what: str = ""


class Expectation(Struct, frozen=True, dict=True):
    """What the page says about the response to one request."""

    call: Call
    breaches: tuple[Breach, ...]
    unknown: tuple[Clause, ...]

    @lazily
    def duty(self) -> Duty:
        """What has to be done with the request."""
        if self.not_executing:
            return Duty.NOT_EXECUTE
        if self.call.is_aside:
            return Duty.UNKNOWN
        if not self.call.is_operation:
            return Duty.NOT_EXECUTE if self.call.fixtures.complete else Duty.UNKNOWN
        if self.refusing:
            return Duty.REFUSE
        if self.unknown or isinstance(self.call.json, TooDeep):
            return Duty.UNKNOWN
        return Duty.CHOOSE if self.breaches else Duty.EXECUTE

    @lazily
    def not_executing(self) -> tuple[Clause, ...]:
        """The broken clauses that leave it open how the request is refused: it is none of the
        page's.
        """
        return tuple(b.clause for b in self.breaches if not b.clause.answers)

    @lazily
    def refusing(self) -> tuple[Clause, ...]:
        """The broken clauses for which the request must be refused."""
        return tuple(b.clause for b in self.breaches if not b.clause.is_open)

    @lazily
    def allowed(self) -> frozenset[int]:
        """The statuses that the page allows."""
        clauses = [*(breach.clause for breach in self.breaches), *self.unknown]
        allowed = frozenset().union(*(clause.answers for clause in clauses))
        if self.refusing:
            allowed -= {EXECUTED}
        elif self.duty is not Duty.NOT_EXECUTE:
            allowed |= {EXECUTED}
        return allowed | self.call.refused_unread

    @lazily
    def decisive(self) -> Clause | None:
        """The input clause that alone decides, where there is one."""
        if len(self.breaches) == 1 and not self.unknown:
            return self.breaches[0].clause
        return None

    @lazily
    def kinds(self) -> frozenset[str]:
        """The ids of the clauses that the request breaks; an empty one where it breaks none.

        With them stands what in its body many readers fail on, whichever clause it breaks.
        """
        ids = frozenset(breach.clause.id for breach in self.breaches) or frozenset({""})
        return ids | oddities(self.call.sent_body, self.call.json)

    @lazily
    def reckoned_by(self) -> frozenset[str]:
        """The kinds by which trouble is reckoned: its own, and whether only its body is wrong.

        A program that fails on whatever is wrong in a body fails seldom enough on each kind.
        """
        clauses = [breach.clause for breach in self.breaches]
        is_only_of_body = bool(clauses) and all(map(_is_of_body, clauses))
        return self.kinds | {BODY} if is_only_of_body else self.kinds

    @lazily
    def may_execute(self) -> bool:
        """Whether a conforming implementation may execute it."""
        return self.duty in (Duty.EXECUTE, Duty.CHOOSE, Duty.UNKNOWN)

    @lazily
    def features(self) -> frozenset[tuple[Shape, str]]:
        """The shapes of a valid request."""
        return features(self.call)

    @lazily
    def kept(self) -> tuple[str, ...]:
        """The clauses that an execution of a valid request keeps by its shapes."""
        return tuple({shape.clause.id: None for shape, _ in self.features})

    def because_of(self, clause: Clause) -> str:
        """The responses that a clause allows, with what makes them the right ones."""
        reasons = {b.what for b in self.breaches if b.clause is clause and b.what}
        answers = _either(clause.answers) if clause.answers else str(self)
        return f"{answers} to {', '.join(sorted(reasons))}" if reasons else answers

    def __str__(self) -> str:
        if self.duty is Duty.NOT_EXECUTE:
            return "anything but an execution"
        return _either(self.allowed)


def _is_of_body(clause: Clause) -> bool:
    """Whether a clause is on what stands in the body, so that 400 is a response to it."""
    return BAD_REQUEST in clause.answers and clause.source.section not in OF_URI


def _either(statuses: Iterable[int]) -> str:
    return " or ".join(str(status) for status in sorted(statuses))


def _read_otherwise(call: Call) -> Iterator[Call]:
    """The call as other readers read its body.

    Where a name stands twice, they take the last value or the first (RFC 8259, section 4); where it
    stands in another case, they take it for the same or for another one.
    """
    if isinstance(call.json, JsonText) and call.json.repeated:
        yield replace(call, takes_first=True)
    if call.has_other_case:
        yield replace(call, folds_case=True)


def _whichever_counts(one: list[Breach], other: list[Breach]) -> tuple[list[Breach], list[Clause]]:
    """The breaches that stand however a body is read, and the clauses that one reading breaks."""
    of_one = {breach.clause.id: breach.clause for breach in one}
    of_other = {breach.clause.id: breach.clause for breach in other}
    sure = [breach for breach in one if breach.clause.id in of_other]
    in_one = (of_one | of_other).items()
    return sure, [each for name, each in in_one if name not in of_one or name not in of_other]


def _to_blame(breaches: list[Breach]) -> list[Breach]:
    """The breaches without those of a `should` where a `must` is broken however they are seen.

    Whoever refuses a form of JSON does so with 400, and whoever takes it finds what it says wrong.
    """
    musts = [b.clause for b in breaches if b.clause.level is MUST and not b.clause.is_open]
    allowed = frozenset().union(*(clause.answers for clause in musts))
    return [
        b
        for b in breaches
        if b.clause.level is MUST or not b.clause.answers or not b.clause.answers <= allowed
    ]


class Oracle:
    """Expectations for the requests to one target; pure, and remembered for requests that recur."""

    def __init__(self, contract: Contract, fixtures: Fixtures) -> None:
        self._contract = contract
        self.fixtures = fixtures
        self._clauses: Mapping[str, Clause] = catalogue(contract)
        self._of_schema = tuple(
            clause
            for clause in self._clauses.values()
            if clause.answers and clause.id not in REGISTRY.inputs
        )
        self._remembered: dict[Request, Expectation] = {}
        self._long_remembered: dict[Request, Expectation] = {}

    def expect(self, request: Request) -> Expectation:
        """What the page says about the response to `request`."""
        if (expectation := self._remembered.get(request)) is not None:
            return expectation
        is_short = request.size <= LONGEST_REMEMBERED
        known, most = (self._remembered, MOST) if is_short else (self._long_remembered, MOST_LONG)
        if (expectation := known.get(request)) is None:
            if len(known) >= most:
                del known[next(iter(known))]
            expectation = known[request] = self._expect(request)
        return expectation

    def _expect(self, request: Request) -> Expectation:
        call = Call(request, self.fixtures)
        breaches, unknown = self._breaches(call)
        for other in _read_otherwise(call):
            by_other, unknown_by_other = self._breaches(other)
            breaches, in_one = _whichever_counts(breaches, by_other)
            unknown = list(dict.fromkeys((*unknown, *unknown_by_other, *in_one)))
        return Expectation(call, tuple(breaches), tuple(unknown))

    def _breaches(self, call: Call) -> tuple[list[Breach], list[Clause]]:
        """What a request breaks, and what it may break."""
        breaches: list[Breach] = []
        unknown: list[Clause] = []
        for clause, breaks in REGISTRY.inputs.values():
            try:
                broken = breaks(call)
            except NotKnown:
                broken = None
            if broken:
                breaches.append(Breach(clause))
            elif broken is None:
                unknown.append(clause)
        if call.is_operation:
            for breach in self._schema_breaches(call):
                clause = self._clauses[breach.clause]
                breaches.append(Breach(clause, f"{breach.path or 'the body'}: {breach.received}"))
            if isinstance(call.json, NotKnown):
                shown = [breach.clause for breach in breaches]
                unknown += [clause for clause in self._of_schema if clause not in shown]
        return _to_blame(breaches), unknown

    def _schema_breaches(self, call: Call) -> list[SchemaBreach]:
        match call.json:
            case JsonText(value=value):
                return self._contract.request.breaches(value)
            case TooDeep(is_list=True):
                return self._contract.request.breaches([])
            case NotKnown() if call.told:
                return self._contract.request.of_part(call.told.value)[0]
            case _:
                return []
