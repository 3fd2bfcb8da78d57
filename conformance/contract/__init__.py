"""The contract: `openapi.yaml`, the clauses beside its elements, and the ledger of its readings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from conformance.contract.clauses import Clause
from conformance.contract.schema import ClauseSchema, clause_id
from conformance.contract.schema_clauses import ERROR, REQUEST, RESPONSE, Body, schema_clauses
from conformance.kept import yaml_in
from conformance.lazily import lazily

PATH = "/v1/{project_id}/providers/{provider_id}/checkpoints"


def contract_path() -> Path:
    """Where `openapi.yaml` is: inside an installed package, or at the root of a checkout."""
    packaged = Path(__file__).with_name("openapi.yaml")
    return packaged if packaged.exists() else Path(__file__).parents[2] / "openapi.yaml"


@dataclass(frozen=True, eq=False)
class Contract:
    """The parsed contract and what the judge asks of it."""

    text: bytes
    document: Mapping[str, Any]

    @lazily
    def sha256(self) -> str:
        """Digest of the file, in hexadecimal digits."""
        return hashlib.sha256(self.text).hexdigest()

    @lazily
    def request(self) -> ClauseSchema:
        """The body of a request (Tables 2 to 4)."""
        return ClauseSchema(self.document, REQUEST.schema)

    @lazily
    def response(self) -> ClauseSchema:
        """The body of a response (Tables 5 to 8)."""
        return ClauseSchema(self.document, RESPONSE.schema)

    @lazily
    def error(self) -> ClauseSchema:
        """The body of a response other than 200 (Error Codes)."""
        return ClauseSchema(self.document, ERROR.schema)

    @lazily
    def _schema_clauses(self) -> Mapping[Body, tuple[Clause, ...]]:
        bodies = (REQUEST, RESPONSE, ERROR)
        return {body: tuple(schema_clauses(self.document, body)) for body in bodies}

    def clauses_on(self, body: Body) -> tuple[Clause, ...]:
        """The clauses that the schema of a body decides."""
        return self._schema_clauses[body]

    @property
    def schema_clauses(self) -> tuple[Clause, ...]:
        """The clauses that the schemas decide, body by body."""
        return tuple(clause for clauses in self._schema_clauses.values() for clause in clauses)

    @lazily
    def clause_ids(self) -> tuple[str, ...]:
        """Every clause id that the contract names, in the order of the file."""
        return tuple(_named(self.document))

    @lazily
    def statuses(self) -> frozenset[int]:
        """The status codes that the page lists."""
        return frozenset(int(code) for code in self.document["paths"][PATH]["post"]["responses"])

    @lazily
    def record_statuses(self) -> tuple[str, ...]:
        """The statuses that a backup record may have (Table 6)."""
        record = self.document["components"]["schemas"]["checkpoint_resp"]
        return tuple(record["properties"]["status"]["enum"])

    @lazily
    def provider_id(self) -> str:
        """The fixed provider id (Table 1)."""
        return str(self.document["components"]["parameters"]["provider_id"]["schema"]["const"])


@lru_cache(maxsize=1)
def load_contract() -> Contract:
    """The contract that this suite ships."""
    return Contract(*yaml_in(contract_path()))


def _named(element: Any) -> Iterator[str]:
    if isinstance(element, list):
        for item in element:
            yield from _named(item)
    elif isinstance(element, dict):
        for keyword, entry in element.get("x-clauses", {}).items():
            yield from entry if keyword == "listed" else [clause_id(entry)]
        for key, value in element.items():
            if key != "x-clauses":
                yield from _named(value)
