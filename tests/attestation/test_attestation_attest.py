"""What is attested, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attestation_reports import (
    CONTRACT,
    OURS,
    SEAL,
    changed_contract,
    edit_journal,
    edit_report,
    kinds,
    run_into,
    statement_in,
    verified,
)

from conformance.attestation import ATTESTATION
from conformance.attestation.attesting import attest
from conformance.attestation.digests import digest_of_files, lines_of, sources, this_suite
from conformance.attestation.facts import SUBJECTS
from conformance.attestation.verifying import verify
from conformance.errors import UsageError

pytest_plugins = ["attestation_session"]

Records = list[dict[str, Any]]


@pytest.fixture
def fresh(report: Path) -> Path:
    """A report that is not attested."""
    (report / ATTESTATION).unlink()
    return report


def refused(directory: Path, contract: Any = CONTRACT) -> str:
    with pytest.raises(UsageError) as caught:
        attest(contract, directory, SEAL)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_run_that_violates_is_attested_as_failed(tmp_path: Path) -> None:
    directory = run_into(tmp_path / "report", "status-in-capitals")
    assert str(attest(CONTRACT, directory, SEAL)).startswith("attested: violates, 11 files; ")
    predicate = statement_in(directory)["predicate"]
    assert predicate["result"] == "FAILED"
    assert predicate["failedTests"] == ["T6.status.values"]
    assert "T6.status.values" not in predicate["passedTests"]
    (line,) = verified(directory).lines
    assert line.startswith("genuine: violates; ")


@pytest.mark.parametrize(("strict", "result"), [(False, "WARNED"), (True, "FAILED")])
def test_a_broken_should_is_a_warning_unless_strict(
    tmp_path: Path, strict: bool, result: str
) -> None:
    directory = run_into(tmp_path / "report", "errors-in-html", strict=strict)
    attest(CONTRACT, directory, SEAL)
    predicate = statement_in(directory)["predicate"]
    assert predicate["result"] == result
    assert predicate["failedTests" if strict else "warnedTests"]
    assert verified(directory).exit_code == 0


@pytest.mark.parametrize(
    ("profile", "limits"),
    [
        ("standard", {"max_executions": 10}),
        ("deep", {"max_executions": 40, "max_requests": 500}),
    ],
)
def test_every_profile_can_be_attested(
    tmp_path: Path, profile: str, limits: dict[str, Any]
) -> None:
    directory = run_into(tmp_path / "report", profile=profile, **limits)
    attest(CONTRACT, directory, SEAL)
    assert verified(directory).exit_code == 0


def test_a_statement_is_replaced(report: Path) -> None:
    (report / ATTESTATION).write_text("old")
    attest(CONTRACT, report, SEAL)
    assert verified(report).exit_code == 0
    assert (report / ATTESTATION).stat().st_mode & 0o777 == 0o600


def test_a_link_in_the_place_of_the_statement_is_replaced_and_not_followed(
    fresh: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (fresh / ATTESTATION).symlink_to(victim)
    attest(CONTRACT, fresh, SEAL)
    assert victim.read_text() == "precious"
    assert verified(fresh).exit_code == 0


def test_a_directory_in_the_place_of_the_statement(fresh: Path) -> None:
    (fresh / ATTESTATION).mkdir()
    assert "Is a directory" in refused(fresh)
    assert {path.name for path in fresh.iterdir()} == {*SUBJECTS, ATTESTATION}
    with pytest.raises(UsageError, match="Is a directory"):
        verified(fresh)


@pytest.mark.parametrize("ending", ["TIME", "DEAD", "HOPELESS", "TOLD_TO_WAIT", "INTERRUPTED"])
def test_a_run_that_did_not_send_all_is_refused(fresh: Path, ending: str) -> None:
    edit_journal(fresh, lambda records: records[-1].update(ending=ending))
    told = refused(fresh)
    assert "the run is not whole" in told
    assert re.search("; (run it again|see that|mend|go on)", told)
    assert not (fresh / ATTESTATION).exists()


def test_a_run_with_probes_that_were_not_sent_is_refused(fresh: Path) -> None:
    edit_journal(fresh, lambda records: records[-1].update(unsent=["T6.id.unique"]))
    assert "nothing was sent for T6.id.unique" in refused(fresh)


def test_a_journal_without_an_end_is_refused(fresh: Path) -> None:
    edit_journal(fresh, lambda records: (records.pop(), None)[1])
    assert "the run is not whole: the run was interrupted" in refused(fresh)


def test_a_run_of_some_clauses_is_refused(tmp_path: Path) -> None:
    directory = run_into(tmp_path / "report", only=("T6.*",))
    assert "of some clauses only (--only T6.*)" in refused(directory)


def test_an_inconclusive_run_is_refused(fresh: Path) -> None:
    def refuse_all(records: Records) -> None:
        for record in records:
            if (response := record.get("response")) and response["status"] == 200:
                response["status"] = 503

    edit_journal(fresh, refuse_all)
    edit_report(fresh, lambda record: record.update(verdict="inconclusive"))
    assert "the run is inconclusive" in refused(fresh)


@pytest.mark.parametrize("name", sorted(SUBJECTS))
def test_a_report_without_one_of_its_files_is_refused(fresh: Path, name: str) -> None:
    (fresh / name).unlink()
    assert name in refused(fresh)


@pytest.mark.parametrize("name", ["key.pem", ".plan.ndjson.partial", "a\x1b[2Jb"])
def test_a_stranger_among_the_files_is_refused(fresh: Path, name: str) -> None:
    (fresh / name).touch()
    why = refused(fresh)
    assert "move it away" in why
    assert "\x1b" not in why


def test_a_link_among_the_files_is_refused(fresh: Path) -> None:
    shutil.move(fresh / "summary.md", fresh.parent)
    (fresh / "summary.md").symlink_to(fresh.parent / "summary.md")
    assert "summary.md missing or no regular file" in refused(fresh)


def test_a_directory_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "nowhere")
    assert "no whole report" in refused(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda record: record["clauses"][3].update(status="failed"), "something else than"),
        (lambda record: record.update(verdict="violates"), "the verdict on the run"),
        (lambda record: record.pop("clauses"), "no report of this suite"),
    ],
)
def test_a_report_that_does_not_follow_from_its_journal_is_refused(
    fresh: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    edit_report(fresh, lambda record: (change(record), None)[1])
    assert said in refused(fresh)


def test_a_journal_that_cannot_be_read_is_refused(fresh: Path) -> None:
    (fresh / "journal.ndjson").write_text("{")
    assert "journal.ndjson" in refused(fresh)


def test_the_run_of_another_version_is_refused(fresh: Path) -> None:
    edit_journal(fresh, lambda records: records[0].update(suite="9.9"))
    assert "run by version 9.9 of the suite" in refused(fresh)


def test_the_run_with_another_contract_is_refused(fresh: Path) -> None:
    assert "attest with that version, or run it again" in refused(fresh, changed_contract())


def test_a_statement_has_no_token_in_it(report: Path) -> None:
    statement = json.dumps(statement_in(report)) + (report / ATTESTATION).read_text()
    assert "emulator-sample-token" not in statement


def test_nothing_but_the_statement_is_written(fresh: Path) -> None:
    before = {path.name: path.read_bytes() for path in fresh.iterdir()}
    attest(CONTRACT, fresh, SEAL)
    after = {path.name: path.read_bytes() for path in fresh.iterdir()}
    assert after.pop(ATTESTATION)
    assert before == after
    verify(CONTRACT, fresh, OURS)
    assert {path.name for path in fresh.iterdir()} == {*after, ATTESTATION}
    assert not kinds(verified(fresh))


def test_a_digest_of_files_knows_names_and_contents(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_text("one")
    two.write_text("two")
    digest = digest_of_files({"a": one, "b": two})
    assert digest == digest_of_files({"b": two, "a": one})
    assert digest != digest_of_files({"a": two, "b": one})
    assert digest != digest_of_files({"a": one})
    assert digest != digest_of_files({"a": one, "c": two})


def test_lines_do_not_depend_on_their_order(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text("a\nb\nb\n")
    one = lines_of(path)
    path.write_text("b\na\nb\n")
    assert lines_of(path) == one
    path.write_text("b\na\na\n")
    assert lines_of(path) != one
    assert one.count == 3


def test_the_suite_is_its_files_without_the_contract_and_compiled_ones(tmp_path: Path) -> None:
    package = tmp_path / "__pycache__" / "suite"
    for name in (
        "judge/run.py",
        "judge/__pycache__/run.pyc",
        "contract/openapi.yaml",
        "openapi.yaml",
    ):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(name)
    assert sources(package).keys() == {"judge/run.py", "openapi.yaml"}


def test_the_digest_of_the_suite_is_the_same_twice() -> None:
    first = this_suite()
    this_suite.cache_clear()
    assert this_suite() == first
