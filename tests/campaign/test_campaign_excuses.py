"""A campaign with waivers and a baseline: what they excuse fails nothing, and shows so."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest
from campaign_jobs import job
from campaign_rows import CLAUSES, MUST, SHOULD, matrix, row
from campaign_targets import KEPT, Town, campaign_file
from cli_helpers import KNOWN, TOKENS, command
from jsonschema import Draft202012Validator

from conformance.campaign.comparison import OldCampaign
from conformance.campaign.excusing import excuses_of, expired
from conformance.campaign.matrix import label_of, verdict_label
from conformance.campaign.matrix_csv import csv_matrix
from conformance.campaign.matrix_html import html_matrix
from conformance.campaign.matrix_json import as_record, load_schema
from conformance.campaign.matrix_markdown import in_words, markdown_matrix
from conformance.campaign.row import Row
from conformance.campaign.standing import is_decided_with, report_in
from conformance.campaign.target import Target
from conformance.campaign.task import do
from conformance.emulator.app import serving
from conformance.emulator.faults import CATALOGUE
from conformance.gate.model import ExcuseKind, Waiver
from conformance.gate.outcome import Excuses
from conformance.judge.verdicts import Verdict
from conformance.report.labels import Label

FAULT = "status-in-capitals"
"""One that executes nothing that should be refused: smoke has no executions to spare."""
BROKEN = sorted({CATALOGUE[FAULT].breaks, *CATALOGUE[FAULT].follows})
IDS = [clause.id for clause in CLAUSES]
LATER = date(2999, 12, 31)


def waivers_file(path: Path, *clauses: str) -> Path:
    path.write_text(
        "".join(
            f'[[waiver]]\nclause = "{each}"\nreason = "ticket 118"\nexpires = {LATER}\n'
            for each in clauses
        )
    )
    return path


def test_the_command_with_waivers_and_with_a_baseline(tmp_path: Path) -> None:
    names = {"good": KEPT, "bad": FAULT}
    waivers = waivers_file(tmp_path / "waivers.toml", *BROKEN)
    with serving(Town(names)) as endpoint:
        file = campaign_file(tmp_path, endpoint, names)
        waived = (file, "--report-dir", "first", "--waivers", waivers)
        first = command("campaign", *waived, cwd=tmp_path, env=TOKENS)
        known = (file, "--report-dir", "second", "--baseline", "first", "--quiet")
        second = command("campaign", *known, cwd=tmp_path, env=TOKENS)
    assert first.code == 0, first.err
    assert first.out.endswith("2 targets: 1 violates (1 excused), 1 conforms\n")
    assert "~ bad: violates, " in first.err
    assert (second.code, second.err) == (0, "")
    record = json.loads((tmp_path / "second" / "campaign.json").read_text(encoding="utf-8"))
    bad = next(target for target in record["targets"] if target["name"] == "bad")
    assert (bad["verdict"], bad["exit_code"]) == ("violates", 0)
    assert set(bad["excuses"].values()) == {"known"}
    assert set(bad["excuses"]) <= set(BROKEN)
    report = json.loads((tmp_path / "second" / "targets" / "bad" / "report.json").read_text())
    assert not [each for each in report["warnings"] if "of another" in each]


def excused(kind: ExcuseKind = ExcuseKind.WAIVED) -> Row:
    broken = row("bad", {MUST: "failed"})
    return msgspec.structs.replace(broken, exit_code=0, excuses={MUST: kind})


def test_an_excused_clause_shows_as_such_in_every_format() -> None:
    subject = matrix(excused(), row("good"), row("other", {SHOULD: "failed"}))
    assert subject.exit_code == 0
    assert [clause.id for clause, _ in subject.broken] == [SHOULD]
    clause = next(each for each in CLAUSES if each.id == MUST)
    assert label_of(clause, subject.rows[0]) is Label.WAIVED
    assert in_words(subject) == "3 targets: 1 violates (1 excused), 2 conform"
    record = as_record(subject)
    Draft202012Validator(load_schema()).validate(record)
    assert record["targets"][0]["excuses"] == {MUST: "waived"}
    lines = list(csv.DictReader(io.StringIO(csv_matrix(subject))))
    assert [line[MUST] for line in lines] == ["waived", "passed", "passed"]
    line = next(each for each in markdown_matrix(subject).splitlines() if "| ~ |" in each)
    assert line.endswith(f"| violates |  |  | `{MUST}` |  |")
    page = "".join(html_matrix(subject))
    assert '<td class="verdict waived">~ violates</td>' in page
    assert page.count("<td class=waived>") == 1
    assert (
        "waived"
        not in "".join(html_matrix(matrix(row("good")))).split("</style>")[1].split("<script>")[0]
    )


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, Label.WAIVED),
        ({"excuses": {MUST: ExcuseKind.KNOWN}}, Label.KNOWN),
        ({"exit_code": 1}, Label.FAILED),
        ({"exit_code": 3}, Label.INCONCLUSIVE),
        ({"verdict": Verdict.CONFORMS}, Label.PASSED),
    ],
)
def test_what_a_target_is_called(changes: dict[str, object], label: Label) -> None:
    assert verdict_label(msgspec.structs.replace(excused(), **changes)) is label


def target(name: str, waivers: Path | None = None) -> Target:
    return Target(name=name, endpoint="http://127.0.0.1:9", waivers=waivers)


def test_a_target_may_have_waivers_of_its_own(tmp_path: Path) -> None:
    everyone = waivers_file(tmp_path / "all.toml", MUST)
    own = waivers_file(tmp_path / "own.toml", SHOULD)
    targets = [target("one"), target("two", waivers=own)]
    found = excuses_of(targets, everyone, None, IDS)
    named = {name: [each.clause for each in e.waivers or ()] for name, e in found.items()}
    assert named == {"one": [MUST], "two": [SHOULD]}
    alone = excuses_of(targets, None, None, IDS)
    assert [alone[name].are_given for name in ("one", "two")] == [False, True]


def test_a_baseline_is_of_the_targets_that_it_has() -> None:
    text = json.dumps(as_record(matrix(row("one", {MUST: "failed"}), row("two", None))))
    old = msgspec.json.decode(text, type=OldCampaign)
    found = excuses_of([target("one"), target("two"), target("new")], None, old, IDS)
    baseline = found["one"].baseline
    assert baseline is not None
    assert baseline.broken == {MUST}
    assert baseline.kept == set(IDS) - {MUST}
    assert not found["two"].are_given
    assert not found["new"].are_given


def test_an_expired_waiver_is_told_once() -> None:
    waiver = Waiver(MUST, "ticket 118", date(2020, 12, 31))
    excuses = {name: Excuses((waiver,)) for name in ("one", "two")}
    (told,) = expired(excuses, date(2021, 1, 1))
    assert told.startswith(f"the waiver of {MUST} has expired: it held until 2020-12-31")
    assert not list(expired(excuses, date(2020, 12, 31)))


def test_a_report_that_stands_is_decided_anew_with_other_waivers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSBS_TOKEN", TOKENS["CSBS_TOKEN"])
    town = Town({"bad": FAULT})
    with serving(town) as endpoint:
        subject = Target(
            name="bad",
            endpoint=f"{endpoint}/bad",
            project_id=KNOWN["project_id"],
            plan_id=KNOWN["plan_id"],
            profile="smoke",
            strict=True,
        )
        made = job(subject, tmp_path)
        before = do(made)
    where = made.directory
    executions, report = town.executions, (where / "report.html").read_text(encoding="utf-8")
    journal = (where / "journal.ndjson").read_bytes()
    assert (before.verdict, before.exit_code, before.excuses) == (Verdict.VIOLATES, 1, {})

    waived = Excuses(tuple(Waiver(name, "ticket 118", LATER) for name in before.broken))
    after = do(replace(made, excuses=waived))
    assert (after.verdict, after.exit_code) == (Verdict.VIOLATES, 0)
    assert after.excuses == dict.fromkeys(before.broken, ExcuseKind.WAIVED)
    assert (after.statuses, after.finished_at) == (before.statuses, before.finished_at)
    assert "ticket 118" in (where / "report.html").read_text(encoding="utf-8")

    unneeded = Excuses((*(waived.waivers or ()), Waiver("T3.plan_id.mandatory", "118", LATER)))
    assert "no longer needed" in do(replace(made, excuses=unneeded)).reason
    text = json.dumps(as_record(matrix(msgspec.structs.replace(before, contract="0"))))
    old = msgspec.json.decode(text, type=OldCampaign)
    known = do(replace(made, excuses=excuses_of([subject], None, old, IDS)["bad"]))
    assert set(known.excuses.values()) == {ExcuseKind.KNOWN}

    assert do(made) == before.settled
    assert (where / "report.html").read_text(encoding="utf-8") == report, "no note is left over"
    assert (where / "journal.ndjson").read_bytes() == journal
    assert town.executions == executions


def test_a_waiver_that_has_expired_since_excuses_nothing_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSBS_TOKEN", TOKENS["CSBS_TOKEN"])
    with serving(Town({"bad": FAULT})) as endpoint:
        subject = Target(
            name="bad",
            endpoint=f"{endpoint}/bad",
            project_id=KNOWN["project_id"],
            plan_id=KNOWN["plan_id"],
            profile="smoke",
        )
        soon = tuple(Waiver(name, "ticket 118", date(2998, 1, 1)) for name in BROKEN)
        made = job(subject, tmp_path, excuses=Excuses(soon))
        assert do(made).exit_code == 0
    standing = report_in(made.directory)
    assert standing is not None
    assert is_decided_with(standing, made.excuses, date(2998, 1, 1))
    assert not is_decided_with(standing, made.excuses, date(2998, 1, 2))


@pytest.mark.parametrize(
    ("option", "text", "told"),
    [
        ("--waivers", '[[waiver]]\nclause = "T99"\n', "T99 is no clause"),
        ("--baseline", "{}", "no campaign of this suite"),
    ],
)
def test_a_file_of_no_use_is_wrong_use_before_anything_is_sent(
    tmp_path: Path, option: str, text: str, told: str
) -> None:
    (tmp_path / "file").write_text(text)
    file = campaign_file(tmp_path, "http://127.0.0.1:9", {"one": KEPT})
    done = command("campaign", file, option, "file", cwd=tmp_path, env=TOKENS)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"csbs-conformance: {option} file: ")
    assert told in done.err
    assert not (tmp_path / "reports").exists()
