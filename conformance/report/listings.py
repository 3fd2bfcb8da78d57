"""The clauses, and a plan, as JSON documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from conformance import __version__
from conformance.contract import Contract
from conformance.contract.clauses import Clause
from conformance.model import Request
from conformance.report.json_text import clause_record, json_text, schema_in
from conformance.text import encodable, without_login

SCHEMA_VERSION: Final = "1.0"


def load_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of `clauses` or of `plan`."""
    return schema_in(Path(__file__).with_name(f"{name}.schema.json"))


def _head(contract: Contract) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "suite": {"name": "csbs-conformance", "version": __version__},
        "contract": {"sha256": contract.sha256},
    }


def clauses_json(contract: Contract, clauses: Iterable[Clause]) -> str:
    """Clauses, in the order of the document, with the options that each needs."""
    records = [
        {**clause_record(clause), "needs": [need.unlock for need in clause.needs]}
        for clause in clauses
    ]
    return json_text({**_head(contract), "clauses": records})


def plan_json(
    contract: Contract, limits: Mapping[str, int], requests: Sequence[tuple[str, Request, str, str]]
) -> str:
    """What a run would send: of each request its name, the part of the plan and what is allowed."""
    records = [
        {
            "probe": name,
            "part": part,
            "allowed": allowed,
            "method": encodable(request.method),
            "url": encodable(without_login(request.url)),
        }
        for name, request, part, allowed in requests
    ]
    return json_text({**_head(contract), "limits": dict(limits), "requests": records})
