"""All clauses, each defined once: in the contract's schemas or in a module of this package."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from conformance.contract import Contract
from conformance.contract.clauses import Clause, section_rank
from conformance.page import (
    authentication,
    error_codes,
    status_codes,
    tables_2_to_4,
    tables_5_to_8,
    uri,
)
from conformance.page.registry import REGISTRY

SECTIONS = (uri, tables_2_to_4, tables_5_to_8, status_codes, error_codes, authentication)


@lru_cache(maxsize=4)
def catalogue(contract: Contract) -> Mapping[str, Clause]:
    """Every clause by its id, in the order of the document.

    Raises ValueError where the contract names a clause that nobody defines, or a clause is defined
    that the contract names nowhere, or defined twice.
    """
    defined = [*contract.schema_clauses, *REGISTRY.clauses()]
    by_id = {clause.id: clause for clause in defined}
    named = contract.clause_ids
    problems = {
        "defined twice": _repeated([clause.id for clause in defined]),
        "named twice in the contract": _repeated(list(named)),
        "not defined": sorted(set(named) - by_id.keys()),
        "not named in the contract": sorted(by_id.keys() - set(named)),
    }
    for what, ids in problems.items():
        if ids:
            raise ValueError(f"clauses {what}: {', '.join(ids)}")
    order = {clause_id: place for place, clause_id in enumerate(named)}
    ranked = sorted(named, key=lambda name: (section_rank(name), order[name]))
    return MappingProxyType({clause_id: by_id[clause_id] for clause_id in ranked})


def _repeated(ids: list[str]) -> list[str]:
    return sorted({name for name in ids if ids.count(name) > 1})
