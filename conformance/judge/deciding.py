"""What one response decides: by its status alone, or by what the function or the schema of a clause
says.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

from conformance.contract.clauses import Clause
from conformance.contract.schema import ClauseSchema
from conformance.judge.observations import Observations
from conformance.judge.verdicts import Finding
from conformance.model import Exchange
from conformance.page.answer import Execution, NotReached, Undecided
from conformance.page.json_text import NotKnown
from conformance.page.oracle import Expectation
from conformance.page.registry import REGISTRY
from conformance.page.weather import OF_THE_MOMENT


def is_unlisted(status: int, expectation: Expectation, listed: Container[int]) -> bool:
    """Whether no body can make a status right: published codes come with those of the list."""
    is_right = status in expectation.allowed or status in listed
    return status < 500 and not is_right and status not in OF_THE_MOMENT


def decide(
    seen: Observations, clause: Clause, judge: Callable[..., Any], exchange: Exchange, *shown: Any
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
    seen: Observations,
    clauses: Mapping[str, tuple[Clause, Callable[..., Any]]],
    answer: Execution,
) -> None:
    """Have the function of each clause look at a response."""
    for clause, judge in clauses.values():
        decide(seen, clause, judge, answer.exchange, answer)


def decide_by_schema(seen: Observations, schema: ClauseSchema, answer: Execution) -> None:
    """Hold what a response tells against the clauses of a schema; it may tell nothing to judge."""
    try:
        value = answer.told
    except NotReached:
        return
    exempt = {
        name
        for name, is_exempt in REGISTRY.exemptions.items()
        if is_exempt(answer.call) is not False
    }
    breaches, reached = schema.breaches(value), schema.reached(value)
    if not answer.response.whole:
        breaches, reached = schema.of_part(value)
    seen.all_exercised(reached - exempt)
    for breach in breaches:
        if breach.clause not in exempt:
            expected = f"{breach.path or 'the body'}: {breach.expected}"
            seen.found(Finding(breach.clause, answer.exchange, expected, breach.received))
