"""The table of all kinds of value that requests are planned with, as the documentation shows it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from conformance.contract import Contract
from conformance.contract.clauses import Clause
from conformance.docs.examples import request_examples
from conformance.docs.snippets import caller
from conformance.model import Fixtures, Token
from conformance.page.catalogue import catalogue
from conformance.page.oracle import EXECUTED, Duty, Oracle
from conformance.plan.domains.kind import Kind, Place
from conformance.plan.domains.table import table
from conformance.plan.drafting import Drafts


@dataclass(frozen=True, slots=True)
class Domain:
    """The kinds of value in one place that are wrong, or open, for the same reason.

    `answers` are the responses that the page allows where nothing else is wrong, `planned` are
    the kinds in every plan, and `drawn` those that the profile `deep` adds.
    """

    place: Place
    clause: Clause
    answers: str
    planned: tuple[str, ...]
    drawn: tuple[str, ...]


def domains(contract: Contract) -> Iterator[Domain]:
    """Every kind, by place, clause and what the oracle allows.

    The requests are those for the objects of the contract's own examples.
    """
    fixtures = _fixtures(contract)
    oracle, clauses = Oracle(contract, fixtures), catalogue(contract)
    alike: dict[tuple[Place, str, str], list[Kind]] = {}
    for kind in table(Drafts(fixtures, 1)):
        alike.setdefault((kind.place, kind.clause, _answers(oracle, kind)), []).append(kind)
    places = list(Place)
    for (place, clause, answers), kinds in sorted(
        alike.items(), key=lambda each: places.index(each[0][0])
    ):
        planned = tuple(kind.name for kind in kinds if kind.planned)
        drawn = tuple(kind.name for kind in kinds if not kind.planned)
        yield Domain(place, clauses[clause], answers, planned, drawn)


def _answers(oracle: Oracle, kind: Kind) -> str:
    expectation = oracle.expect(kind.example)
    is_open = expectation.duty is Duty.CHOOSE
    return in_words(expectation.allowed) if is_open else str(expectation)


def in_words(statuses: Collection[int]) -> str:
    """The statuses that the page allows for a request; 200 among them leaves it open."""
    *most, last = map(str, sorted(set(statuses) - {EXECUTED}))
    refused = f"{', '.join(most)} or {last}" if most else last
    return f"executed, or {refused}" if EXECUTED in statuses else refused


def _fixtures(contract: Contract) -> Fixtures:
    """What the contract's examples name, with a token of each kind."""
    settings = caller(contract).settings
    checkpoints = [example.value["checkpoint"] for example in request_examples(contract)]
    named = [each["parameters"].get("resources", ()) for each in checkpoints]
    return Fixtures(
        endpoint=quote(settings["CSBS_ENDPOINT"], safe=":/"),
        provider_id=contract.provider_id,
        project_id=settings["CSBS_PROJECT_ID"],
        plan_id=checkpoints[0]["plan_id"],
        resources=tuple(dict.fromkeys(server for some in named for server in some)),
        tokens=frozenset({Token.GOOD, Token.FORBIDDEN}),
    )
