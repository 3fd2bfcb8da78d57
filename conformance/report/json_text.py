"""JSON reports as text, and the schemas that they keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.contract.clauses import Clause
from conformance.text import printable_json


def json_text(record: dict[str, Any]) -> str:
    """A JSON report as text that any encoding can write and that steers no terminal."""
    return printable_json(indented(record)) + "\n"


def indented(record: Mapping[str, Any]) -> str:
    """JSON as `json.dumps(record, ensure_ascii=False, indent=1)` has it, which is slow for it."""
    import msgspec

    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    pretty = msgspec.json.format(text.encode("utf-8", "surrogatepass"), indent=1)
    return pretty.decode("utf-8", "surrogatepass")


def schema_in(file: Path) -> dict[str, Any]:
    """The JSON Schema (2020-12) in a file of this package."""
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def clause_record(clause: Clause) -> dict[str, str]:
    """What every JSON report says of a clause."""
    return {
        "id": clause.id,
        "level": clause.level.value,
        "source": str(clause.source),
        "statement": clause.statement,
    }
