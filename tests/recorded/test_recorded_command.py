"""The command `judge`, as a process of its own."""

from __future__ import annotations

import gzip
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest
from har_files import KNOWN, PLAN, PROJECT, SERVER, asked, checkpoint, entry, har
from recorded_runs import Recorded, record
from warm import WARM

from conformance.emulator.faults import CATALOGUE
from conformance.prove.trial import Subject, SubjectKind
from conformance.report.json_report import load_schema
from conformance.report.write import REPORTS

OPTIONS = ["--project-id", PROJECT, "--plan-id", PLAN, "--resource", SERVER]
CONFORMS = [entry(), entry(asked(5), 400, after=5)]
VIOLATES = [*CONFORMS, entry(came=checkpoint(status="x", after=7))]
WARNS = [*CONFORMS, entry(came=checkpoint(created_at="2026-03-01T12:00:00Z"), after=7)]


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


def judge(*arguments: str | Path, cwd: Path, **environment: str) -> Outcome:
    done = subprocess.run(
        [WARM, "judge", *map(str, arguments)],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "recorded.har"
    path.write_text(har(CONFORMS), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    name = next(n for n, f in CATALOGUE.items() if f.breaks == "T6.status.values")
    return record(Subject(SubjectKind.FAULT, name), tmp_path_factory.mktemp("run"))


def test_reports_are_written_and_the_verdict_told(file: Path, tmp_path: Path) -> None:
    outcome = judge(file, *OPTIONS, cwd=tmp_path)
    assert outcome.code == 0
    assert "Conforms  (exit code 0)" in outcome.out
    assert "exchanges  2 judged, 0 skipped" in outcome.out
    assert not outcome.err
    directory = tmp_path / "reports/latest/judged"
    assert {path.name for path in directory.iterdir()} == set(REPORTS)
    report = json.loads((directory / "report.json").read_text("utf-8"))
    jsonschema.validate(report, load_schema())
    assert report["ending"] == "recorded"
    assert report["exchanges"] == {"judged": 2, "skipped": 0}


@pytest.mark.parametrize(
    ("entries", "options", "code"),
    [
        (VIOLATES, [], 1),
        (WARNS, [], 0),
        (WARNS, ["--strict"], 1),
        (CONFORMS[:1], [], 3),
        (CONFORMS[1:], [], 3),
        (VIOLATES, ["--only", "T8.*"], 0),
    ],
)
def test_exit_codes_are_those_of_a_run(
    entries: list[object], options: list[str], code: int, tmp_path: Path
) -> None:
    path = tmp_path / "recorded.har.gz"
    path.write_bytes(gzip.compress(har(entries).encode()))
    assert judge(path, *OPTIONS, *options, "--quiet", cwd=tmp_path).code == code


def test_the_evidence_is_in_the_reports_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "recorded.har"
    path.write_text(har(VIOLATES), encoding="utf-8")
    judge(path, *OPTIONS, "--report-dir", tmp_path / "out", cwd=tmp_path)
    archive = json.loads((tmp_path / "out/exchanges.har").read_text("utf-8"))
    assert len(archive["log"]["entries"]) == 1
    page = (tmp_path / "out/report.html").read_text("utf-8")
    assert "2 of them are left out here" in page
    assert "All are in the recording" in page


def test_options_may_stand_in_a_file_or_in_the_environment(file: Path, tmp_path: Path) -> None:
    config = tmp_path / "csbs.toml"
    config.write_text(f'project-id = "{PROJECT}"\nplan-id = "{PLAN}"\n', encoding="utf-8")
    assert judge(file, "--config", config, cwd=tmp_path).code == 0
    known = {"CSBS_PROJECT_ID": PROJECT, "CSBS_PLAN_ID": PLAN}
    assert judge(file, cwd=tmp_path, **known).code == 0
    assert judge(file, cwd=tmp_path).code == 3


def test_a_journal_is_judged_with_its_own_fixtures(run: Recorded, tmp_path: Path) -> None:
    outcome = judge(run.journal, "--quiet", cwd=tmp_path, CSBS_PLAN_ID="ignored")
    assert outcome.code == run.report.exit_code == 1
    assert outcome.out == f"violates: {run.report.judgement.reason}\n"


WRONG_USE = [
    ([], "Missing argument 'FILE...'"),
    (["absent.har"], "absent.har: No such file or directory; give a readable file"),
    (["."], "a directory; give a file in it, as journal.ndjson"),
    (["recorded.har", "--only", "T99.*"], "matches no clause"),
    (["recorded.har", "--endpoint", "csbs"], "--endpoint: give a URL"),
    (["recorded.har", "--plan-id", ""], "--plan-id is empty"),
    (["journal.ndjson", "--plan-id", PLAN], "--plan-id: a journal has its own fixtures"),
    (["journal.ndjson", "recorded.har"], "is a journal: it is judged by itself"),
    (["recorded.har", "journal.ndjson"], "is a journal: it is judged by itself"),
    (["recorded.har", "no.har"], "no.har: no HAR file (character 0: "),
    (["exchanges.har", "--report-dir", "."], "would be replaced by a report"),
]


@pytest.mark.parametrize(("arguments", "line"), WRONG_USE, ids=[f"{n}" for n in range(11)])
def test_wrong_use_is_one_line(
    arguments: list[str], line: str, run: Recorded, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "journal.ndjson").write_bytes(run.journal.read_bytes())
    (tmp_path / "exchanges.har").write_bytes(file.read_bytes())
    (tmp_path / "no.har").write_text("<har>")
    outcome = judge(*arguments, cwd=tmp_path)
    assert outcome.code == 2
    assert line in outcome.err
    assert outcome.err.startswith("csbs-conformance: ")
    assert outcome.err.count("\n") == 1
    assert not outcome.out


def test_a_pipe_can_be_judged(file: Path, tmp_path: Path) -> None:
    text = f"cat {file} | {WARM} judge /dev/stdin {' '.join(OPTIONS)} --quiet"
    done = subprocess.run(["sh", "-c", text], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"conforms\n")


def test_known_fixtures_of_the_tests_are_those_of_the_options() -> None:
    assert (KNOWN.project_id, KNOWN.plan_id, KNOWN.resources) == (PROJECT, PLAN, (SERVER,))
