"""Whoever changes a file of an attested report, and does not hold the key, is found out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attestation_reports import SEAL, edit_journal, edit_report, kinds, verified

from conformance.attestation import ATTESTATION
from conformance.attestation.attesting import attest
from conformance.attestation.facts import SUBJECTS
from conformance.contract import load_contract
from conformance.journal.format import deleting_to_record
from conformance.journal.lines import to_line
from conformance.model import Deletion

pytest_plugins = ["attestation_session"]

PLAIN = sorted(SUBJECTS - {"journal.ndjson", "report.json"})
Records = list[dict[str, Any]]
CLAUSE = "T6.id.unique"


def test_a_copy_elsewhere_is_genuine(report: Path) -> None:
    outcome = verified(report)
    assert outcome.exit_code == 0
    (line,) = outcome.lines
    assert line.startswith("genuine: conforms; ")
    assert "judged again" in line


def test_times_and_permissions_of_files_are_not_what_was_signed(report: Path) -> None:
    for path in report.iterdir():
        path.chmod(0o644)
        os.utime(path, (1, 1))
    assert verified(report).exit_code == 0


def test_a_link_to_the_directory_is_as_good_as_the_directory(report: Path, tmp_path: Path) -> None:
    link = tmp_path / "latest"
    link.symlink_to(report)
    assert verified(link).exit_code == 0


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(
    "tamper",
    [lambda data: data + b"\n", lambda data: data[:-1], lambda data: b"", lambda data: data[::-1]],
    ids=["longer", "shorter", "empty", "backwards"],
)
def test_a_changed_file_is_named(report: Path, name: str, tamper: Callable[[bytes], bytes]) -> None:
    path = report / name
    path.write_bytes(tamper(path.read_bytes()))
    (finding,) = verified(report).findings
    assert finding.kind == "changed file"
    assert name in finding.text


@pytest.mark.parametrize("name", sorted(SUBJECTS))
def test_a_missing_file_is_named(report: Path, name: str) -> None:
    (report / name).unlink()
    (finding,) = verified(report).findings
    assert finding.kind == ("journal" if name == "journal.ndjson" else "missing file")
    assert finding.text == f"{name} is missing"


def test_two_files_that_changed_places_are_both_named(report: Path) -> None:
    first, second = report / "badge.json", report / "badge.svg"
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    assert [finding.text.split()[0] for finding in verified(report).findings] == [
        "badge.json",
        "badge.svg",
    ]


@pytest.mark.parametrize("name", ["notes.txt", ".hidden", "new\nline", "\x1b[31mred", "ünï"])
def test_an_extra_file_is_named_in_one_harmless_line(report: Path, name: str) -> None:
    (report / name).write_text("more")
    outcome = verified(report)
    assert kinds(outcome) == {"extra file"}
    (line,) = outcome.lines
    assert line.isprintable()


def test_an_extra_directory_is_named(report: Path) -> None:
    (report / "more").mkdir()
    assert kinds(verified(report)) == {"extra file"}


@pytest.mark.parametrize("name", sorted(SUBJECTS))
def test_a_link_is_named_even_to_the_same_content(report: Path, name: str) -> None:
    elsewhere = report.parent / name
    (report / name).rename(elsewhere)
    (report / name).symlink_to(elsewhere)
    (finding,) = verified(report).findings
    assert finding.kind == "link"
    assert finding.text == f"{name} is a symbolic link"


@pytest.mark.parametrize("name", ["journal.ndjson", "report.json", "summary.md"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(report: Path, name: str) -> None:
    (report / name).unlink()
    os.mkfifo(report / name)
    (finding,) = verified(report).findings
    assert finding.text == f"{name} is no regular file"


def _last_answer(records: Records) -> dict[str, Any]:
    return [each for each in records if each["kind"] == "exchange" and each["response"]][-1]


def _remove(records: Records) -> None:
    del records[5]


def _remove_three(records: Records) -> None:
    del records[5:8]


def _add(records: Records) -> None:
    records.insert(-1, records[-2])


def _edit(records: Records) -> None:
    _last_answer(records)["response"]["status"] = 500


def _edit_the_header(records: Records) -> None:
    records[0]["fixtures"]["plan_id"] = "another"


def _edit_the_contract(records: Records) -> None:
    records[0]["contract"] = "0" * 64


def _edit_the_end(records: Records) -> None:
    records[-1]["executions"]["spent"] = 1


def _reorder(records: Records) -> None:
    records[5], records[6] = records[6], records[5]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (_remove, "1 line was removed from"),
        (_remove_three, "3 lines were removed from"),
        (_add, "1 line was added to"),
        (_edit, "were edited"),
        (_edit_the_header, "were edited"),
        (_edit_the_contract, "were edited"),
        (_edit_the_end, "were edited"),
        (_reorder, "another order"),
    ],
)
def test_what_was_done_to_the_journal_is_said(
    report: Path, edit: Callable[[Records], None], said: str
) -> None:
    edit_journal(report, edit)
    (finding,) = verified(report).findings
    assert finding.kind == "journal"
    assert said in finding.text


@pytest.mark.parametrize("data", [b"", b"\0" * 99, b"{}\n", b'{"kind":"header"}\n'])
def test_a_journal_that_is_none_any_more_is_named(report: Path, data: bytes) -> None:
    (report / "journal.ndjson").write_bytes(data)
    assert kinds(verified(report)) == {"journal"}


def test_a_torn_journal_is_named(report: Path) -> None:
    path = report / "journal.ndjson"
    path.write_bytes(path.read_bytes()[:-5])
    assert kinds(verified(report)) == {"journal"}


def _fail_a_clause(record: dict[str, Any]) -> None:
    (clause,) = (each for each in record["clauses"] if each["id"] == CLAUSE)
    clause["status"] = "failed"


def _lower_a_level(record: dict[str, Any]) -> None:
    (clause,) = (each for each in record["clauses"] if each["id"] == CLAUSE)
    clause["level"] = "should"


def _drop_a_clause(record: dict[str, Any]) -> None:
    record["clauses"] = [each for each in record["clauses"] if each["id"] != CLAUSE]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_fail_a_clause, f"another verdict than was signed on {CLAUSE}"),
        (_lower_a_level, f"another verdict than was signed on {CLAUSE}"),
        (_drop_a_clause, f"another verdict than was signed on {CLAUSE}"),
        (lambda record: record.update(verdict="violates"), "on the verdict on the run"),
        (lambda record: record.update(strict=True), "another `strict`"),
        (lambda record: record.update(executions=[]), "not in its verdicts"),
        (lambda record: record.update(exit_code=3), "not in its verdicts"),
        (lambda record: record["contract"].update(sha256="0" * 64), "not in its verdicts"),
        (lambda record: record["target"].update(endpoint="https://e"), "not in its verdicts"),
        (lambda record: record.clear(), "no report of this suite"),
    ],
)
def test_what_was_changed_in_the_report_is_said(
    report: Path, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    edit_report(report, change)
    (finding,) = verified(report).findings
    assert finding.kind == "report.json"
    assert said in finding.text


def test_a_verdict_changed_in_every_report_is_found(report: Path) -> None:
    edit_report(report, _fail_a_clause)
    for name in ("report.html", "summary.md", "junit.xml", "results.sarif", "badge.json"):
        (report / name).write_text((report / name).read_text().replace("conforms", "violates"))
    assert kinds(verified(report)) == {"report.json", "changed file"}


def test_the_report_of_another_run_is_not_the_one_signed(report: Path, other: Path) -> None:
    (report / "report.json").write_bytes((other / "report.json").read_bytes())
    assert kinds(verified(report)) == {"report.json"}


def test_the_journal_of_another_run_is_not_the_one_signed(report: Path, other: Path) -> None:
    (report / "journal.ndjson").write_bytes((other / "journal.ndjson").read_bytes())
    assert kinds(verified(report)) == {"journal"}


def test_a_clean_report_over_the_journal_of_a_failed_run_is_found(report: Path) -> None:
    edit_journal(report, _edit)
    edit_report(report, _fail_a_clause)
    assert kinds(verified(report)) == {"report.json", "journal"}


def test_white_space_in_the_report_is_a_change(report: Path) -> None:
    path = report / "report.json"
    path.write_text(json.dumps(json.loads(path.read_text())))
    (finding,) = verified(report).findings
    assert "not in its verdicts" in finding.text


def created_by(journal: Path) -> str:
    """The id of an exchange of the run."""
    exchanges = (json.loads(line) for line in journal.read_bytes().splitlines())
    return next(str(each["id"]) for each in exchanges if each["kind"] == "exchange")


def test_what_is_deleted_later_leaves_a_statement_genuine(report: Path) -> None:
    journal = report / "journal.ndjson"
    noted = Deletion("d0001", "c", created_by(journal))
    with journal.open("ab") as file:
        file.write(to_line(deleting_to_record(noted)))
    outcome = verified(report)
    assert outcome.exit_code == 0
    assert "1 line on what was deleted since" in outcome.lines[0]


def test_a_run_whose_backups_were_deleted_can_be_attested(report: Path) -> None:
    (report / ATTESTATION).unlink()
    with (report / "journal.ndjson").open("ab") as file:
        noted = Deletion("d0001", "c", created_by(report / "journal.ndjson"))
        file.write(to_line(deleting_to_record(noted)))
    attest(load_contract(), report, SEAL)
    outcome = verified(report)
    assert outcome.exit_code == 0, outcome.lines
    assert "deleted since" not in outcome.lines[0]


def test_a_changed_journal_is_found_out_behind_deletions_as_well(report: Path) -> None:
    journal = report / "journal.ndjson"
    deletion = to_line(deleting_to_record(Deletion("d0001", "c", created_by(journal))))
    lines = journal.read_bytes().splitlines(keepends=True)
    for changed in ([*lines[:-1], deletion], [*lines, deletion, lines[-1]], [lines[0], *lines[2:]]):
        journal.write_bytes(b"".join([*changed, deletion]))
        assert verified(report).exit_code == 1
