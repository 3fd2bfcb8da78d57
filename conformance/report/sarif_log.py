"""SARIF 2.1.0 from rules and results, whatever they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from conformance import __version__
from conformance.contract.clauses import Clause
from conformance.report.json_text import indented
from conformance.text import printable_json

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif_log(
    rules: Iterable[Mapping[str, Any]],
    results: Sequence[Mapping[str, Any]],
    invocation: Mapping[str, Any],
    **more: Any,
) -> str:
    """One run of this suite as SARIF text; `more` are further properties of the run."""
    driver = {"name": "csbs-conformance", "semanticVersion": __version__, "rules": [*rules]}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, **invocation}],
        **more,
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return printable_json(indented(log)) + "\n"


def rule(clause: Clause, **more: Any) -> dict[str, Any]:
    """A clause as a rule; `more` are further properties of the rule."""
    whole = {"text": f"{clause.statement} ({clause.source}, {clause.level.value})"}
    return {
        "id": clause.id,
        "shortDescription": {"text": clause.statement},
        "fullDescription": whole,
        "help": whole,
        **more,
    }
