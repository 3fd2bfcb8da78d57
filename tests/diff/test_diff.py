"""The difference between two runs, as a function and through the real command."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from cli_helpers import (
    TOKENS,
    AnswersErrorsInText,
    Counting,
    LeavesTheIdOut,
    Outcome,
    command,
    target_options,
)
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from conformance.contract import load_contract
from conformance.contract.clauses import Clause, Level
from conformance.diff.difference import Difference, difference
from conformance.diff.reading import PastClause, PastFinding, PastRun, read_past_run
from conformance.diff.render import (
    as_html,
    as_json,
    as_markdown,
    load_schema,
    print_difference,
)
from conformance.emulator.app import serving
from conformance.gate.change import ChangeKind, change_of
from conformance.gate.model import Baseline
from conformance.gate.outcome import Excuses, excuse
from conformance.judge.verdicts import ClauseVerdict, Status, Verdict
from conformance.page.catalogue import catalogue

DECIDED = {Status.PASSED, Status.FAILED}
statuses = st.sampled_from(Status)
texts = st.text(max_size=30)
findings = st.builds(PastFinding, texts, texts, texts, st.none() | texts)


def clause(name: str, status: Status, level: Level = Level.MUST) -> PastClause:
    return PastClause(name, level, "Table 6", "`id` is there.", status)


def a_run(*clauses: PastClause, **changes: Any) -> PastRun:
    given_ = {
        "schema_version": "2.1",
        "contract": {"sha256": "0" * 64},
        "target": {"endpoint": "http://127.0.0.1:1"},
        "profile": "standard",
        "finished_at": "2026-01-01T00:00:00Z",
        "verdict": Verdict.CONFORMS,
        "clauses": [],
    }
    found = msgspec.convert({**given_, **changes}, PastRun)
    return msgspec.structs.replace(found, clauses=clauses)


@pytest.mark.parametrize(("old", "new"), list(product(Status, Status)))
def test_every_change_has_one_meaning(old: Status, new: Status) -> None:
    kind = change_of(old, new)
    if old == new or not {old, new} & DECIDED:
        assert kind is None
    elif new is Status.FAILED:
        assert kind is ChangeKind.WORSE
    elif new is Status.PASSED:
        assert kind is (ChangeKind.BETTER if old is Status.FAILED else ChangeKind.SEEN)
    else:
        assert kind is ChangeKind.UNSEEN


def test_a_verdict_on_a_target_changes_as_one_on_a_clause_does() -> None:
    alike = {
        Verdict.CONFORMS: Status.PASSED,
        Verdict.VIOLATES: Status.FAILED,
        Verdict.INCONCLUSIVE: Status.INCONCLUSIVE,
        None: Status.NOT_EXERCISED,
    }
    for (old, was), (new, is_) in product(alike.items(), repeat=2):
        assert change_of(old, new) is change_of(was, is_), (old, new)


@pytest.mark.parametrize("old", Status)
def test_a_baseline_excuses_no_clause_that_got_worse_and_every_other_that_failed(
    old: Status, clauses: dict[str, Clause]
) -> None:
    name, found = next(iter(clauses.items()))
    kinds = {Status.FAILED: "broken", Status.INCONCLUSIVE: "unseen", Status.PASSED: "kept"}
    names = {field: frozenset[str]() for field in kinds.values()}
    if old in kinds:
        names[kinds[old]] = frozenset({name})
    baseline = Baseline("report.json", "then", "0" * 64, "http://a", None, **names)
    excused = excuse(
        ClauseVerdict(found, Status.FAILED, 1), Excuses(None, baseline), today=date(2026, 1, 1)
    )
    assert (excused is None) is (change_of(old, Status.FAILED) is ChangeKind.WORSE)


@pytest.fixture(scope="module")
def clauses() -> dict[str, Clause]:
    return dict(catalogue(load_contract()))


@pytest.mark.parametrize(
    ("old", "new", "level", "strict", "code"),
    [
        (Status.PASSED, Status.FAILED, Level.MUST, False, 1),
        (Status.NOT_EXERCISED, Status.FAILED, Level.MUST, False, 1),
        (Status.PASSED, Status.FAILED, Level.SHOULD, False, 0),
        (Status.PASSED, Status.FAILED, Level.SHOULD, True, 1),
        (Status.PASSED, Status.INCONCLUSIVE, Level.MUST, False, 3),
        (Status.FAILED, Status.NOT_EXERCISED, Level.MUST, False, 3),
        (Status.FAILED, Status.FAILED, Level.MUST, False, 0),
        (Status.FAILED, Status.PASSED, Level.MUST, False, 0),
        (Status.NOT_EXERCISED, Status.PASSED, Level.MUST, False, 0),
    ],
)
def test_the_exit_code_says_whether_something_got_worse(
    old: Status, new: Status, level: Level, strict: bool, code: int
) -> None:
    pair = (a_run(clause("A", each, level)) for each in (old, new))
    assert difference(*pair, strict=strict).exit_code == code


@given(
    st.dictionaries(st.sampled_from("ABCDEF"), statuses),
    st.dictionaries(st.sampled_from("ABCDEF"), statuses),
    st.sampled_from("01"),
)
def test_every_clause_is_told_once_at_the_most(
    old: dict[str, Status], new: dict[str, Status], contract: str
) -> None:
    before, now = ([clause(n, s) for n, s in each.items()] for each in (old, new))
    found = difference(a_run(*before), a_run(*now, contract={"sha256": contract * 64}))
    changed = [change.new.id for change in found.changes]
    assert len(changed) == len(set(changed))
    assert set(changed) | set(found.only_old) | set(found.only_new) <= set(old) | set(new)
    is_same = contract == "0"
    assert set(found.only_old) == (set() if is_same else set(old) - set(new))
    lost = {name for name in set(old) - set(new) if old[name] in DECIDED}
    assert {each.new.id for each in found.having(ChangeKind.UNSEEN)} >= (lost if is_same else set())
    kinds = [list(ChangeKind).index(change.kind) for change in found.changes]
    assert kinds == sorted(kinds)
    again = difference(found.new, found.new)
    assert (list(again.changes), again.exit_code) == ([], 0)


def test_what_a_run_left_out_is_no_longer_seen() -> None:
    """A run of some clauses says nothing of the others: it is no reason to pass."""
    whole, part = (
        a_run(clause("A", Status.PASSED), clause("B", Status.PASSED)),
        a_run(clause("A", Status.PASSED)),
    )
    found = difference(whole, part)
    assert [(change.kind, change.new.id) for change in found.changes] == [(ChangeKind.UNSEEN, "B")]
    assert (found.exit_code, list(found.only_old)) == (3, [])
    assert difference(part, whole).changes[0].kind is ChangeKind.SEEN
    other = a_run(clause("A", Status.PASSED), contract={"sha256": "1" * 64})
    assert (difference(whole, other).exit_code, difference(whole, other).only_old) == (0, ["B"])


def test_what_else_differs_is_told() -> None:
    other = a_run(target={"endpoint": "http://b"}, profile="deep", contract={"sha256": "1" * 64})
    assert len(difference(a_run(), other).notes) == 3
    assert not difference(a_run(), a_run()).notes


@given(st.lists(findings, max_size=2), texts)
def test_foreign_text_is_harmless_in_every_form(found: list[PastFinding], reason: str) -> None:
    new = PastClause("A", Level.MUST, "T", "`x` is.", Status.FAILED, reason, tuple(found))
    both: Difference = difference(a_run(clause("A", Status.PASSED)), a_run(new))
    jsonschema.validate(json.loads(as_json(both)), load_schema())
    assert "<script" not in as_html(both).replace("&lt;", "")
    for text in (as_html(both), as_markdown(both), as_json(both)):
        assert all(line.isprintable() for line in text.replace("\t", "").split("\n"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: `good`, `bad` that leaves the id out, and `text` that breaks a should."""
    home = tmp_path_factory.mktemp("diff")
    services = {"good": Counting(), "bad": LeavesTheIdOut(), "text": AnswersErrorsInText()}
    for name, service in services.items():
        with serving(service) as endpoint:
            options = [*target_options(endpoint), "--profile", "smoke", "--report-dir", name]
            command("run", *options, cwd=home, env=TOKENS)
    return home


def diff(home: Path, *words: str) -> Outcome:
    return command("diff", *words, cwd=home)


def test_worse_is_told_first_with_evidence_of_both_sides(home: Path) -> None:
    done = diff(home, "good", "bad")
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert lines[0] == "✗ worse  T6.id.present (must)"
    assert any(line.startswith("    before  passed") for line in lines)
    assert any("expected: " in line for line in lines)
    assert lines[-1].endswith("(exit code 1)")
    back = diff(home, "bad", "good")
    assert (back.code, "✓ better  T6.id.present (must)" in back.out) == (0, True)


def test_a_run_is_no_worse_than_itself(home: Path) -> None:
    done = diff(home, "good", "good/report.json")
    assert (done.code, done.out) == (0, "✓ No clause has changed  (exit code 0)\n")


def test_a_should_counts_where_it_is_asked_for(home: Path) -> None:
    assert diff(home, "good", "text").code == 0
    assert diff(home, "good", "text", "--strict").code == 1


def test_each_form_says_the_same(home: Path) -> None:
    record = json.loads(diff(home, "good", "bad", "--json").out)
    jsonschema.validate(record, load_schema())
    names = [change["clause"] for change in record["changes"]]
    assert names[0] == "T6.id.present"
    for form in ("--markdown", "--html"):
        done = diff(home, "good", "bad", form)
        assert done.code == 1
        assert re.findall(r"\bT6\.id\.[a-z-]+", done.out.replace("&#46;", ".")) != []
        assert all(name in done.out for name in names)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("good", "none"), "none: No such file or directory; give the --report-dir of a run"),
        ((".", "good"), "report.json: No such file or directory"),
        (("good", "good/junit.xml"), "no report of this suite"),
        (("good",), "Missing argument 'RUN2'"),
    ],
)
def test_what_is_no_run_is_one_line(words: tuple[str, ...], why: str, home: Path) -> None:
    done = diff(home, *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert why in done.err


def test_reports_of_earlier_versions_are_read(home: Path, tmp_path: Path) -> None:
    record = json.loads((home / "bad" / "report.json").read_text())
    record["schema_version"] = "1.0"
    (tmp_path / "report.json").write_text(json.dumps(record))
    assert not difference(read_past_run(tmp_path), read_past_run(home / "bad")).changes


def test_a_console_of_40_columns_without_unicode_is_served() -> None:
    found = difference(
        a_run(clause("T6.status.values", Status.PASSED)),
        a_run(clause("T6.status.values", Status.FAILED)),
    )
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    print_difference(found, Console(file=file, width=40, color_system=None))
    file.flush()
    lines = raw.getvalue().decode("ascii").splitlines()
    assert lines[0] == "x worse  T6.status.values (must)"
    assert lines[-2].startswith("x 1 clause changed: 1 worse")
    assert max(map(len, lines)) <= 40
