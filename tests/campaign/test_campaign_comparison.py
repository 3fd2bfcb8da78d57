"""Differences between two campaigns: what a change means, and what is new or gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from campaign_rows import CLAUSES, matrix, row
from jsonschema import Draft202012Validator

from conformance.campaign.comparison import Change, compare, read_old
from conformance.campaign.matrix_json import as_record, json_matrix, load_schema
from conformance.contract.clauses import Level
from conformance.errors import UsageError
from conformance.gate.change import ChangeKind

ONE, TWO = [clause.id for clause in CLAUSES if clause.level is Level.MUST][:2]
VALIDATOR = Draft202012Validator(load_schema())
IDS = [clause.id for clause in CLAUSES]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("passed", "failed", ChangeKind.WORSE),
        ("inconclusive", "failed", ChangeKind.WORSE),
        ("not_exercised", "failed", ChangeKind.WORSE),
        ("failed", "passed", ChangeKind.BETTER),
        ("inconclusive", "passed", ChangeKind.SEEN),
        ("not_exercised", "passed", ChangeKind.SEEN),
        ("failed", "inconclusive", ChangeKind.UNSEEN),
        ("failed", "not_exercised", ChangeKind.UNSEEN),
        ("passed", "inconclusive", ChangeKind.UNSEEN),
        ("passed", "not_exercised", ChangeKind.UNSEEN),
        ("inconclusive", "not_exercised", None),
        ("not_exercised", "inconclusive", None),
        ("failed", "failed", None),
    ],
)
def test_what_a_change_means(old: str, new: str, kind: ChangeKind | None, tmp_path: Path) -> None:
    before, now = row("t", {ONE: old}), row("t", {ONE: new})
    (tmp_path / "campaign.json").write_text(json_matrix(matrix(before)), encoding="utf-8")
    found = compare(read_old(tmp_path), [now], IDS)
    assert [change for change in found.changes if change.clause] == (
        [Change(kind, "t", ONE, old, new)] if kind else []
    )
    VALIDATOR.validate(as_record(matrix(now, comparison=found)))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [("failed", None, ChangeKind.UNSEEN), (None, "failed", ChangeKind.WORSE), (None, None, None)],
)
def test_a_clause_that_was_left_out_was_not_exercised(
    old: str | None, new: str | None, kind: ChangeKind | None, tmp_path: Path
) -> None:
    before, now = (
        row("t", {ONE: each or "passed"}, without=() if each else (ONE,)) for each in (old, new)
    )
    (tmp_path / "campaign.json").write_text(json_matrix(matrix(before)), encoding="utf-8")
    changes = compare(read_old(tmp_path), [now], IDS).changes
    told = [(change.kind, change.old, change.new) for change in changes if change.clause]
    left_out = "not_exercised"
    assert told == ([(kind, old or left_out, new or left_out)] if kind else [])


def test_targets_and_clauses_that_came_and_went_are_told_once(tmp_path: Path) -> None:
    record = json.loads(json_matrix(matrix(row("gone"), row("stays", {ONE: "failed"}))))
    for clause in record["clauses"]:
        clause["id"] = "T0.gone" if clause["id"] == ONE else clause["id"]
    (tmp_path / "old.json").write_text(json.dumps(record), encoding="utf-8")
    found = compare(read_old(tmp_path / "old.json"), [row("stays"), row("new")], IDS)
    assert (found.new_targets, found.gone_targets) == (["new"], ["gone"])
    assert (found.new_clauses, found.gone_clauses) == ([ONE], ["T0.gone"])
    assert [change.clause for change in found.changes] == [""], "the clause is in one contract only"


def test_a_target_without_a_verdict_is_one_change_and_worst_comes_first(tmp_path: Path) -> None:
    old = [row("found", None), row("lost"), row("mended", {ONE: "failed"}), row("broken")]
    now = [row("found"), row("lost", None), row("mended"), row("broken", {TWO: "failed"})]
    (tmp_path / "campaign.json").write_text(json_matrix(matrix(*old)), encoding="utf-8")
    changes = compare(read_old(tmp_path), now, IDS).changes
    assert [(change.kind, change.target, change.clause) for change in changes] == [
        (ChangeKind.WORSE, "broken", ""),
        (ChangeKind.WORSE, "broken", TWO),
        (ChangeKind.UNSEEN, "lost", ""),
        (ChangeKind.BETTER, "mended", ""),
        (ChangeKind.BETTER, "mended", ONE),
        (ChangeKind.SEEN, "found", ""),
    ]


@pytest.mark.parametrize("text", ["", "[]", '{"schema_version": "2.0"}', "\x1b[2J", "[" * 9999])
def test_what_is_no_campaign_is_wrong_use(text: str, tmp_path: Path) -> None:
    file = tmp_path / "campaign.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="no campaign of this suite") as caught:
        read_old(file)
    assert str(caught.value).isprintable()
    with pytest.raises(UsageError, match="No such file"):
        read_old(tmp_path / "nothing.json")
