"""What one response decides: by its status alone, or by what the function or the schema of a clause
says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec.structs import replace

from conformance.contract.clauses import Clause
from conformance.contract.schema import ClauseSchema
from conformance.judge.verdicts import Finding
from conformance.model import Exchange, Response
from conformance.page.answer import Execution, NotReached, Undecided
from conformance.page.call import Call
from conformance.page.json_text import NotKnown
from conformance.page.oracle import Expectation
from conformance.page.registry import REGISTRY
from conformance.page.weather import OF_THE_MOMENT

MOST_REMEMBERED, LONGEST_REMEMBERED = 256, 8 * 1024
"""Responses of which it is remembered what they decide, and how long their bodies may be."""
DATE = len("Sun, 06 Nov 1994 08:49:37 GMT")


def is_unlisted(status: int, expectation: Expectation, listed: Container[int]) -> bool:
    """Whether no body can make a status right: published codes come with those of the list."""
    is_right = status in expectation.allowed or status in listed
    return status < 500 and not is_right and status not in OF_THE_MOMENT


class Decisions(Protocol):
    """What takes in what is decided."""

    def exercised(self, clause_id: str) -> None:
        """A clause was decided."""

    def all_exercised(self, clause_ids: Iterable[str]) -> None:
        """Several clauses were decided."""

    def found(self, finding: Finding) -> None:
        """An exchange breaks a clause."""

    def doubt(self, clause: Clause, reason: str) -> None:
        """A clause cannot pass, though it is not known to be broken."""


def decide(
    seen: Decisions, clause: Clause, judge: Callable[..., Any], exchange: Exchange, *shown: Any
) -> None:
    """Have `judge` look at what an exchange has `shown`; it may find nothing to judge by."""
    try:
        wrong = judge(*shown)
    except (NotReached, NotKnown):
        return
    except Undecided as why:
        seen.doubt(clause, str(why))
        return
    seen.exercised(clause.id)
    if wrong:
        seen.found(Finding(clause.id, exchange, *wrong))


def decide_all(
    seen: Decisions,
    clauses: Mapping[str, tuple[Clause, Callable[..., Any]]],
    answer: Execution,
) -> None:
    """Have the function of each clause look at a response."""
    for clause, judge in clauses.values():
        decide(seen, clause, judge, answer.exchange, answer)


def decide_by_schema(
    seen: Decisions, schema: ClauseSchema, answer: Execution, exempt: Collection[str] = ()
) -> None:
    """Hold what a response tells against the clauses of a schema; it may tell nothing to judge.

    The clauses in `exempt` it need not keep.
    """
    try:
        value = answer.told
    except NotReached:
        return
    breaches, reached = schema.breaches(value), schema.reached(value)
    if not answer.response.whole:
        breaches, reached = schema.of_part(value)
    seen.all_exercised(name for name in reached if name not in exempt)
    for breach in breaches:
        if breach.clause not in exempt:
            expected = f"{breach.path or 'the body'}: {breach.expected}"
            seen.found(Finding(breach.clause, answer.exchange, expected, breach.received))


def exempt_by(call: Call) -> frozenset[str]:
    """The ids of the clauses of schemas that the response to a request need not keep."""
    exemptions = REGISTRY.exemptions.items()
    return frozenset(name for name, is_exempt in exemptions if is_exempt(call) is not False)


@dataclass
class Noted:
    """What was decided of one response, to be told of others that say the same."""

    clause_ids: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    doubts: list[tuple[Clause, str]] = field(default_factory=list)

    def exercised(self, clause_id: str) -> None:
        """A clause was decided."""
        self.clause_ids.append(clause_id)

    def all_exercised(self, clause_ids: Iterable[str]) -> None:
        """Several clauses were decided."""
        self.clause_ids += clause_ids

    def found(self, finding: Finding) -> None:
        """An exchange breaks a clause."""
        self.findings.append(finding)

    def doubt(self, clause: Clause, reason: str) -> None:
        """A clause cannot pass, though it is not known to be broken."""
        self.doubts.append((clause, reason))

    def tell(self, seen: Decisions, exchange: Exchange) -> None:
        """Have the same decided of an exchange whose response says the same."""
        seen.all_exercised(self.clause_ids)
        for finding in self.findings:
            seen.found(replace(finding, exchange=exchange))
        for clause, reason in self.doubts:
            seen.doubt(clause, reason)


class Errors:
    """Decides what errors say by themselves, whatever they respond to: once for all that say the
    same. A target says the same of many requests.
    """

    def __init__(self, schema: ClauseSchema) -> None:
        self._schema = schema
        self._noted: dict[tuple[object, ...], Noted] = {}

    def decide(self, seen: Decisions, answer: Execution) -> None:
        """Have the clauses on errors look at a response."""
        said = _said(answer.response)
        noted = self._noted.get(said)
        if noted is None:
            noted = Noted()
            decide_all(noted, REGISTRY.errors, answer)
            decide_by_schema(noted, self._schema, answer)
            if len(self._noted) >= MOST_REMEMBERED:
                self._noted.clear()
            if len(answer.response.body) <= LONGEST_REMEMBERED:
                self._noted[said] = noted
        noted.tell(seen, answer.exchange)


def _said(response: Response) -> tuple[object, ...]:
    """All that a response says but for when it came (RFC 9110, 5.6.7 and 6.6.1)."""
    headers = [
        (name, value)
        for name, value in response.headers
        if len(value) != DATE or not value.endswith(" GMT") or name.lower() != "date"
    ]
    known = response.whole, response.all_headers, response.undecodable
    return tuple(headers), response.body, response.status, response.reason, known
