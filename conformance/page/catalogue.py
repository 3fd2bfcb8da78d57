"""All clauses, each defined once: in the contract's schemas or in a module of this package."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from msgspec import Struct

from conformance.contract import Contract
from conformance.contract.clauses import Clause, place
from conformance.contract.schema_clauses import ERROR, RESPONSE
from conformance.errors import ContractError
from conformance.page import (
    authentication,
    error_codes,
    function,
    status_codes,
    tables_2_to_4,
    tables_5_to_8,
    uri,
)
from conformance.page.registry import REGISTRY

SECTIONS = (function, uri, tables_2_to_4, tables_5_to_8, status_codes, error_codes, authentication)


@lru_cache(maxsize=4)
def catalogue(contract: Contract) -> Mapping[str, Clause]:
    """Every clause by its id, in the order of the document.

    Raises ContractError where the contract names a clause that nobody defines, or a clause is
    defined that the contract names nowhere, or defined twice.
    """
    defined = [*contract.schema_clauses, *REGISTRY.clauses()]
    by_id = {clause.id: clause for clause in defined}
    named = contract.clause_ids
    problems = {
        "defined twice; give one another id": _repeated([clause.id for clause in defined]),
        "named twice in openapi.yaml; name each once": _repeated(list(named)),
        "not defined; write each in the module of its section in conformance/page, or take it out "
        "of openapi.yaml": sorted(set(named) - by_id.keys()),
        "not named in the contract; name each under `listed` in openapi.yaml, beside the element "
        "it concerns": sorted(by_id.keys() - set(named)),
    }
    for what, ids in problems.items():
        if ids:
            raise ContractError(f"clauses {', '.join(ids)}: {what}")
    order = {clause_id: number for number, clause_id in enumerate(named)}
    ranked = sorted(named, key=lambda name: (place(by_id[name].source), order[name]))
    return MappingProxyType({clause_id: by_id[clause_id] for clause_id in ranked})


def _repeated(ids: list[str]) -> list[str]:
    return sorted({name for name in ids if ids.count(name) > 1})


class Concerns(Struct, frozen=True):
    """Which clauses each kind of response gives something to judge by, by their ids.

    `response` is any response, `refusal` any but a 200, `execution` a 200 with a checkpoint, also
    by what it makes, and
    `valid` the response to a request that must be executed.
    """

    response: frozenset[str]
    refusal: frozenset[str]
    execution: frozenset[str]
    valid: frozenset[str]


@lru_cache(maxsize=4)
def concerns(contract: Contract) -> Concerns:
    """What the responses of an implementation can show."""
    statuses = REGISTRY.statuses.values()
    of_valid = {clause.id for clause in statuses if clause.is_shown_by_executions}
    return Concerns(
        response=frozenset(REGISTRY.answers) | (REGISTRY.statuses.keys() - of_valid),
        refusal=frozenset(REGISTRY.errors) | {each.id for each in contract.clauses_on(ERROR)},
        execution=frozenset({*REGISTRY.executions, *REGISTRY.memories})
        | frozenset({*REGISTRY.backups, *REGISTRY.lists})
        | {each.id for each in contract.clauses_on(RESPONSE)},
        valid=frozenset(of_valid),
    )
