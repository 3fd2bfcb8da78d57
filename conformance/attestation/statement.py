"""The in-toto Statement with the test-result predicate: from what was found, and back.

https://in-toto.io/attestation/test-result/v0.1. Its `configuration` holds what the results rest
on; other readers of the format need not know of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec
from google.protobuf import json_format
from google.protobuf.message import Error as ProtobufError
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement

from conformance.attestation.digests import Lines, Suite, canonical, sha256
from conformance.attestation.facts import Facts, Record, Verdicts
from conformance.attestation.findings import Part, Tampered
from conformance.run.resumption import JOURNAL
from conformance.text import shorten, visible_line
from conformance.typed_json import decode

PREDICATE_TYPE: Final = "https://in-toto.io/attestation/test-result/v0.1"
CONTRACT, SUITE, CONFIGURATION, VERDICTS = "openapi.yaml", "csbs-conformance", "run", "verdicts"
HEX = re.compile(r"[0-9a-f]{64}")
LONGEST = 120
T = TypeVar("T")


def statement_of(facts: Facts) -> bytes:
    """The statement as JSON."""
    subjects = [_descriptor(name, digest) for name, digest in sorted(facts.files.items())]
    results = test_result_pb2.TestResult(
        configuration=[
            _descriptor(CONTRACT, facts.contract),
            _descriptor(SUITE, facts.suite.sha256, notes={"version": facts.suite.version}),
            _held(CONFIGURATION, facts.configuration),
            _descriptor(
                JOURNAL,
                facts.files[JOURNAL],
                notes={"lines": str(facts.lines.count), "sum": facts.lines.sum},
            ),
            _held(VERDICTS, msgspec.to_builtins(facts.verdicts)),
        ],
        **results_of(facts),
    )
    statement = Statement(subjects, PREDICATE_TYPE, json_format.MessageToDict(results))
    statement.validate()
    return str(json_format.MessageToJson(statement.pb, indent=None)).encode()


def results_of(facts: Facts) -> Record:
    """The results in the words of the predicate: a broken `should` is a warning unless strict."""
    clauses = facts.verdicts.clauses.items()
    broken = [(name, clause.level) for name, clause in clauses if clause.status == "failed"]
    failed = [name for name, level in broken if level == "must" or facts.strict]
    warned = [name for name, _ in broken if name not in failed]
    return {
        "result": "FAILED" if failed else "WARNED" if warned else "PASSED",
        "passed_tests": [name for name, clause in clauses if clause.status == "passed"],
        "warned_tests": warned,
        "failed_tests": failed,
    }


def facts_in(payload: bytes) -> Facts:
    """What a statement says. Raises Tampered for one that this suite would not have written."""
    statement = _parsed(payload)
    results = _results(statement)
    held = _by_name(results.configuration, Part.PREDICATE)
    files = _by_name(statement.subject, Part.STATEMENT)
    suite, journal = _one(held, SUITE), _one(held, JOURNAL)
    facts = Facts(
        files={name: _digest(each, Part.STATEMENT) for name, each in files.items()},
        contract=_digest(_one(held, CONTRACT), Part.CONTRACT),
        suite=Suite(_note(suite, "version"), _digest(suite, Part.PREDICATE)),
        configuration=_content(_one(held, CONFIGURATION), Part.CONFIGURATION, Record),
        lines=Lines(_number(_note(journal, "lines")), _note(journal, "sum")),
        verdicts=_content(_one(held, VERDICTS), Part.VERDICTS, Verdicts),
    )
    if facts.files.get(JOURNAL) != _digest(journal, Part.JOURNAL):
        raise Tampered(Part.JOURNAL, "the statement names two digests of it")
    for name, value in results_of(facts).items():
        said = getattr(results, name)
        if (said if name == "result" else sorted(said)) != (
            value if name == "result" else sorted(value)
        ):
            raise Tampered(Part.PREDICATE, f"its {name} do not follow from its verdicts")
    return facts


def _descriptor(
    name: str, digest: str, *, content: bytes = b"", notes: Mapping[str, str] | None = None
) -> Any:
    notes = dict(notes) if notes else None
    return ResourceDescriptor(
        name=name, digest={"sha256": digest}, content=content, annotations=notes
    ).pb


def _held(name: str, record: Any) -> Any:
    """A descriptor of a JSON value that it holds as well, for people and for telling changes."""
    content = canonical(record)
    return _descriptor(name, sha256(content), content=content)


def _parsed(payload: bytes) -> Any:
    parsed = statement_pb2.Statement()
    try:
        json_format.Parse(payload, parsed, ignore_unknown_fields=True)
        Statement.copy_from_pb(parsed).validate()
    except (json_format.Error, ProtobufError, ValueError, RecursionError, TypeError) as error:
        what = shorten(visible_line(str(error)), LONGEST)
        raise Tampered(Part.STATEMENT, f"it is no in-toto Statement ({what})") from None
    if parsed.predicate_type != PREDICATE_TYPE:
        said = shorten(visible_line(parsed.predicate_type), LONGEST)
        raise Tampered(Part.PREDICATE, f"its type is {said}, not {PREDICATE_TYPE}")
    return parsed


def _results(statement: Any) -> Any:
    results = test_result_pb2.TestResult()
    try:
        record = json_format.MessageToDict(statement.predicate)
        json_format.ParseDict(record, results, ignore_unknown_fields=True)
    except (json_format.Error, ProtobufError, ValueError, RecursionError, TypeError) as error:
        what = shorten(visible_line(str(error)), LONGEST)
        raise Tampered(Part.PREDICATE, f"it is no test result ({what})") from None
    return results


def _by_name(descriptors: Iterable[Any], kind: Part) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in descriptors:
        if each.name in found:
            said = shorten(visible_line(each.name), LONGEST)
            raise Tampered(kind, f"it names {said} twice")
        found[each.name] = each
    return found


def _one(held: Mapping[str, Any], name: str) -> Any:
    if name not in held:
        raise Tampered(Part.PREDICATE, f"it does not bind {name}")
    return held[name]


def _digest(descriptor: Any, kind: Part) -> str:
    digest = str(descriptor.digest.get("sha256", ""))
    if not HEX.fullmatch(digest):
        said = shorten(visible_line(descriptor.name), LONGEST)
        raise Tampered(kind, f"the statement has no SHA-256 of {said}")
    return digest


def _note(descriptor: Any, name: str) -> str:
    fields = descriptor.annotations.fields
    return str(fields[name].string_value) if name in fields else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def _content(descriptor: Any, kind: Part, form: type[T]) -> T:
    content = bytes(descriptor.content)
    if sha256(content) != _digest(descriptor, kind):
        raise Tampered(kind, "what the statement holds is not what its digest is of")
    try:
        return decode(content, form)
    except ValueError as error:
        what = shorten(visible_line(str(error)), LONGEST)
        raise Tampered(kind, f"the statement cannot be read ({what})") from None
