"""Even who holds the key cannot sign what does not follow from the journal, and be believed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attestation_reports import (
    CONTRACT,
    OURS,
    SIGNER,
    changed_contract,
    digest_again,
    edit_journal,
    edit_report,
    held,
    hold,
    kinds,
    sign_again,
    statement_in,
    verified,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trying import examples

from conformance.attestation import ATTESTATION, verifying
from conformance.attestation.digests import Suite, this_suite
from conformance.attestation.envelope import sealed
from conformance.attestation.findings import Tampered
from conformance.attestation.statement import facts_in
from conformance.attestation.verifying import verify

pytest_plugins = ["attestation_session"]

Statement = dict[str, Any]
Change = Callable[[Statement], object]
CLAUSE = "T6.id.unique"
ZEROS = "0" * 64


def _predicate(**fields: Any) -> Change:
    return lambda statement: statement["predicate"].update(fields)


def _digest(name: str, digest: str = ZEROS) -> Change:
    return lambda statement: held(statement, name)["digest"].update(sha256=digest)


def _without(name: str) -> Change:
    def change(statement: Statement) -> None:
        statement["predicate"]["configuration"].remove(held(statement, name))

    return change


def _holding(name: str, inner: Callable[[dict[str, Any]], object]) -> Change:
    return lambda statement: hold(statement, name, lambda content: (inner(content), None)[1])


def _fail(statement: Statement) -> None:
    """Say of a clause that it failed, everywhere in the statement."""

    def change(content: dict[str, Any]) -> None:
        content["clauses"][CLAUSE]["status"] = "failed"
        content["verdict"] = "violates"

    hold(statement, "verdicts", change)
    predicate = statement["predicate"]
    predicate["result"] = "FAILED"
    predicate["passedTests"].remove(CLAUSE)
    predicate["failedTests"] = [CLAUSE]


def _warn(statement: Statement) -> None:
    predicate = statement["predicate"]
    predicate["warnedTests"] = [predicate["passedTests"].pop()]


FORGERIES: dict[str, tuple[Change, str]] = {
    "statement type": (lambda s: s.update(_type="https://in-toto.io/Statement/v0"), "statement"),
    "predicate type": (lambda s: s.update(predicateType="https://example.com/x"), "predicate"),
    "no predicate": (lambda s: s.pop("predicate"), "statement"),
    "a predicate of another form": (_predicate(result=[1]), "predicate"),
    "no subject": (lambda s: s.update(subject=[]), "statement"),
    "a subject without a digest": (lambda s: s["subject"][0].pop("digest"), "statement"),
    "a subject with another digest": (
        lambda s: s["subject"][0].update(digest={"sha1": "0" * 40}),
        "statement",
    ),
    "a subject twice": (lambda s: s["subject"].append(s["subject"][0]), "statement"),
    "a subject too many": (
        lambda s: s["subject"].append({"name": "more", "digest": {"sha256": ZEROS}}),
        "missing file",
    ),
    "result": (_predicate(result="FAILED"), "predicate"),
    "result of another kind": (_predicate(result="WARNED"), "predicate"),
    "passed tests": (_predicate(passedTests=["T6.id.unique"]), "predicate"),
    "warned tests": (_warn, "predicate"),
    "failed tests": (_predicate(failedTests=["T6.id.unique"]), "predicate"),
    "verdicts without their digest": (_digest("verdicts"), "verdicts"),
    "verdicts": (_fail, "verdicts"),
    "verdicts that are none": (_holding("verdicts", lambda c: c.clear()), "verdicts"),
    "configuration without its digest": (_digest("run"), "configuration"),
    "seed": (_holding("run", lambda c: c.update(seed=7)), "configuration"),
    "profile": (_holding("run", lambda c: c.update(profile="deep")), "configuration"),
    "endpoint": (
        _holding("run", lambda c: c["fixtures"].update(endpoint="https://other")),
        "configuration",
    ),
    "tolerances": (_holding("run", lambda c: c["tolerances"].update(clock=9.0)), "configuration"),
    "more configuration": (_holding("run", lambda c: c.update(more=1)), "configuration"),
    "less configuration": (_holding("run", lambda c: c.pop("seed")), "configuration"),
    "contract": (_digest("openapi.yaml"), "contract"),
    "a digest that is none": (_digest("openapi.yaml", "abc"), "contract"),
    "journal": (_digest("journal.ndjson"), "journal"),
    "count of lines": (
        lambda s: held(s, "journal.ndjson")["annotations"].update(lines="1"),
        "predicate",
    ),
    "no contract": (_without("openapi.yaml"), "predicate"),
    "no suite": (_without("csbs-conformance"), "predicate"),
    "no journal": (_without("journal.ndjson"), "predicate"),
    "no verdicts": (_without("verdicts"), "predicate"),
    "no configuration": (_without("run"), "predicate"),
    "the contract twice": (
        lambda s: s["predicate"]["configuration"].append(held(s, "openapi.yaml")),
        "predicate",
    ),
    "version of the suite": (
        lambda s: held(s, "csbs-conformance")["annotations"].update(version="9.9"),
        "predicate",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_statement_is_told_apart(report: Path, name: str) -> None:
    forge, kind = FORGERIES[name]
    sign_again(report, lambda statement: (forge(statement), None)[1])
    outcome = verified(report)
    assert kind in kinds(outcome)
    assert kinds(outcome) <= {kind, "report.json"}  # which says what the judge said
    assert outcome.exit_code == 1


def test_a_subject_that_was_left_out_is_named(report: Path) -> None:
    def change(statement: Statement) -> None:
        statement["subject"] = [s for s in statement["subject"] if s["name"] != "summary.md"]

    sign_again(report, change)
    assert kinds(verified(report)) == {"extra file", "statement"}


def test_fields_of_later_versions_are_left_alone(report: Path) -> None:
    sign_again(report, lambda statement: statement.update(later={"more": 1}))
    assert verified(report).exit_code == 0


def test_a_verdict_changed_in_all_and_signed_again_is_found_by_the_judge(report: Path) -> None:
    def fail(record: dict[str, Any]) -> None:
        record["verdict"] = "violates"
        (clause,) = (each for each in record["clauses"] if each["id"] == CLAUSE)
        clause["status"] = "failed"

    edit_report(report, fail)

    def change(statement: Statement) -> None:
        _fail(statement)
        digest_again(report, statement)

    sign_again(report, change)
    (finding,) = verified(report).findings
    assert finding.kind == "verdicts"
    assert CLAUSE in finding.text


def test_an_edited_journal_signed_again_is_found_by_the_judge(report: Path) -> None:
    def edit(records: list[dict[str, Any]]) -> None:
        for record in records:
            response = record.get("response")
            if response and response["status"] == 200:
                response["body"] = response["body"].replace('"protecting"', '"PROTECTING"')

    edit_journal(report, edit)
    sign_again(report, lambda statement: digest_again(report, statement))
    (finding,) = verified(report).findings
    assert finding.kind == "verdicts"
    assert "T6.status.values" in finding.text


def test_a_report_that_hides_a_verdict_is_found_beside_a_true_statement(report: Path) -> None:
    edit_report(report, lambda record: record["clauses"].pop())
    sign_again(report, lambda statement: digest_again(report, statement))
    assert kinds(verified(report)) == {"report.json"}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda records: records[0].update(only=["T6.*"]), {"run", "configuration", "verdicts"}),
        (lambda records: records[-1].update(ending="INTERRUPTED"), {"run"}),
        (lambda records: records[-1].update(ending="TIME"), {"run"}),
        (lambda records: records.pop(), {"run", "verdicts"}),
        (lambda records: records[0].update(contract=ZEROS), {"contract"}),
        (lambda records: records[0].update(suite="9.9"), {"predicate"}),
        (lambda records: records[0].update(seed=9), {"configuration"}),
        (lambda records: records.clear(), {"journal"}),
    ],
)
def test_a_run_that_would_not_be_attested_is_not_believed(
    report: Path, edit: Callable[[list[dict[str, Any]]], object], expected: set[str]
) -> None:
    edit_journal(report, lambda records: (edit(records), None)[1])
    sign_again(report, lambda statement: digest_again(report, statement))
    found = kinds(verified(report))
    assert found
    assert found <= expected
    assert found & (expected - {"verdicts"})


def test_another_contract_in_the_same_suite_is_named(report: Path) -> None:
    outcome = verify(changed_contract(), report, OURS)
    assert kinds(outcome) == {"contract"}
    assert outcome.exit_code == 1


@pytest.mark.parametrize(
    ("suite", "said"),
    [
        (Suite("9.9", ZEROS), "this is 9.9"),
        (Suite(this_suite().version, ZEROS), "the files of the suite differ"),
    ],
)
@pytest.mark.parametrize("contract", [CONTRACT, changed_contract()])
def test_another_judge_is_told_from_a_changed_verdict(
    report: Path, suite: Suite, said: str, contract: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "this_suite", lambda: suite)
    outcome = verify(contract, report, OURS)
    assert outcome.exit_code == 3
    (line,) = outcome.lines
    assert line.startswith("cannot be said: another judge was used")
    assert said in line
    assert line.endswith("it says the same")


def test_another_judge_that_judges_otherwise_accuses_nobody(
    report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_report(report, lambda record: record["clauses"][5].update(status="not_exercised"))

    def change(statement: Statement) -> None:
        name = json.loads((report / "report.json").read_text())["clauses"][5]["id"]
        hold(
            statement,
            "verdicts",
            lambda content: content["clauses"][name].update(status="not_exercised"),
        )
        statement["predicate"]["passedTests"].remove(name)
        digest_again(report, statement)

    sign_again(report, change)
    assert kinds(verified(report)) == {"verdicts"}
    monkeypatch.setattr(verifying, "this_suite", lambda: Suite("9.9", ZEROS))
    outcome = verified(report)
    assert outcome.exit_code == 3
    assert "it says something else on" in outcome.lines[0]


def test_what_was_tampered_with_is_found_with_another_judge_too(
    report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (report / "summary.md").write_text("all is well")
    monkeypatch.setattr(verifying, "this_suite", lambda: Suite("9.9", ZEROS))
    outcome = verified(report)
    assert outcome.exit_code == 1
    assert [line.split(":")[0] for line in outcome.lines] == ["tampered", "cannot be said"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "digest", "sha256"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_payload_breaks_the_reading_of_statements(payload: bytes) -> None:
    with pytest.raises(Tampered) as caught:
        facts_in(payload)
    assert str(caught.value).isprintable()


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items if isinstance(value, dict | list) else ():
        found += _places(inner, (*path, key))
    return found


@settings(
    max_examples=examples(60),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_a_statement_changed_anywhere_and_signed_again_is_noticed(
    original: Path, report: Path, data: st.DataObject
) -> None:
    statement = statement_in(original)
    *path, last = data.draw(st.sampled_from(_places(statement)))
    inner = statement
    for step in path:
        inner = inner[step]
    was = inner[last]
    inner[last] = data.draw(JSON)
    payload = json.dumps(statement).encode()
    (report / ATTESTATION).write_bytes(sealed(payload, SIGNER))
    outcome = verified(report)
    if outcome.exit_code == 0:
        assert facts_in(payload) == facts_in(json.dumps(statement_in(original)).encode()), was
    else:
        assert all(line.isprintable() for line in outcome.lines)


def test_base64_in_a_descriptor_is_bound_by_its_digest(report: Path) -> None:
    def change(statement: Statement) -> None:
        content = base64.b64decode(held(statement, "run")["content"])
        held(statement, "run")["content"] = base64.b64encode(content + b" ").decode()

    sign_again(report, change)
    assert kinds(verified(report)) == {"configuration"}
