"""Waivers, baselines, SARIF and GitHub Actions with the real command."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from warm import WARM

from conformance.emulator import Service, World
from conformance.emulator.app import serving

WORLD = World.default()
KNOWN = WORLD.fixtures()
INJECTED = "::error::owned ##[warning]owned"
NEVER_HANGS = 60.0


class Faulty(Service):
    """Breaks `T6.id.present` and, with a text of its own, `T6.status.values`."""

    status: str | None = None

    def render_checkpoint(self, checkpoint: Any) -> object:
        rendered = super().render_checkpoint(checkpoint)
        assert isinstance(rendered, dict)
        kept = {name: value for name, value in rendered.items() if name != "id"}
        return {**kept, "status": self.status} if self.status else kept


def run(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CSBS_", "GITHUB_"))}
    kept |= {"NO_COLOR": "1", "COLUMNS": "100", "CSBS_TOKEN": KNOWN["token"], **(env or {})}
    return subprocess.run(
        [WARM, *arguments],
        cwd=cwd,
        env=kept,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=NEVER_HANGS,
        check=False,
    )


def target(endpoint: str) -> list[str]:
    return [
        *("--endpoint", endpoint, "--project-id", KNOWN["project_id"]),
        *("--plan-id", KNOWN["plan_id"], "--profile", "smoke"),
    ]


@pytest.fixture(scope="module")
def service() -> Faulty:
    return Faulty(WORLD)


@pytest.fixture(scope="module")
def endpoint(service: Faulty) -> Iterator[str]:
    with serving(service) as url:
        yield url


@pytest.fixture(scope="module")
def earlier(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory in which a run without any gate left its reports."""
    directory = tmp_path_factory.mktemp("earlier")
    done = run("run", *target(endpoint), "--report-dir", "reports", cwd=directory)
    assert done.returncode == 1, done.stderr
    return directory / "reports"


def waivers(directory: Path, *clauses: str, expires: str = "2999-12-31") -> str:
    file = directory / "waivers.toml"
    tables = (
        f'[[waiver]]\nclause = "{name}"\nreason = "until 3.2"\nexpires = {expires}\n'
        for name in clauses
    )
    file.write_text("".join(tables))
    return str(file)


def report_in(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "reports/latest/report.json").read_text())
    return found


def test_a_waived_clause_lets_a_run_pass_and_the_verdict_stays(
    endpoint: str, tmp_path: Path
) -> None:
    file = waivers(tmp_path, "T6.id.present")
    done = run("run", *target(endpoint), "--waivers", file, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "waived until 2999-12-31: until 3.2" in done.stdout
    report = report_in(tmp_path)
    assert (report["verdict"], report["exit_code"]) == ("violates", 0)
    badge = json.loads((tmp_path / "reports/latest/badge.json").read_text())
    assert badge["message"] == "violates, waived"
    again = run("run", *target(endpoint), "--waivers", file, "--quiet", cwd=tmp_path)
    assert again.stdout.startswith("violates (waived): T6.id.present")


@pytest.mark.parametrize(
    ("clauses", "expires", "strict", "code", "told"),
    [
        (["T6.id.present"], "2020-01-01", False, 1, "has expired: it held until 2020-01-01"),
        (["T6.id.present", "T6.id.type"], "2999-12-31", False, 0, "T6.id.present waived"),
        (["T6.id.present", "T6.status.values"], "2999-12-31", False, 0, "no longer needed"),
        (["T6.id.present", "T6.status.values"], "2999-12-31", True, 1, "--strict counts it"),
    ],
)
def test_the_exit_codes_of_waivers_judged_offline(
    earlier: Path,
    clauses: list[str],
    expires: str,
    strict: bool,
    code: int,
    told: str,
    tmp_path: Path,
) -> None:
    file = waivers(tmp_path, *clauses, expires=expires)
    options = ["--waivers", file, *(["--strict"] if strict else [])]
    done = run("judge", str(earlier / "journal.ndjson"), *options, cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert told in " ".join(done.stdout.split())


def test_only_what_got_worse_fails_with_a_baseline(
    service: Faulty, endpoint: str, earlier: Path, tmp_path: Path
) -> None:
    same = run("run", *target(endpoint), "--baseline", str(earlier), cwd=tmp_path)
    assert same.returncode == 0, same.stdout + same.stderr
    assert "Known from the baseline (1)" in same.stdout
    assert "of another endpoint" not in same.stdout
    service.status = "odd"
    try:
        file = str(earlier / "report.json")
        worse = run("run", *target(endpoint), "--baseline", file, cwd=tmp_path)
    finally:
        service.status = None
    assert worse.returncode == 1
    assert report_in(tmp_path)["gate"]["counting"] == ["T6.status.values"]


def test_a_clause_that_is_mended_is_told(earlier: Path, tmp_path: Path) -> None:
    with serving(Service(WORLD)) as other:
        done = run("run", *target(other), "--baseline", str(earlier), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "mended     T6.id.present" in done.stdout
    assert "the baseline is of another endpoint" in done.stdout


def test_github_is_told_and_what_the_target_says_is_no_command(
    service: Faulty, endpoint: str, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    service.status = INJECTED
    try:
        done = run("run", *target(endpoint), cwd=tmp_path, env=env)
    finally:
        service.status = None
    lines = done.stdout.splitlines()
    after = [line for line in lines if line.lstrip().startswith("::")]
    assert lines[-len(after) :] == after
    assert any("owned ## [warning]owned" in line for line in lines[: -len(after)])
    assert not any("##[" in line for line in lines[: -len(after)])
    titles = {line.partition("title=")[2].partition("::")[0] for line in after}
    assert titles == {"T6.status.values", "T6.id.present"}
    assert len(after) == 2
    assert all(line.startswith("::error title=") for line in after)
    text = summary.read_text()
    assert text.startswith("# before\n## ✗ Violates the contract")
    assert INJECTED not in done.stderr


def test_a_summary_that_cannot_be_written_is_told_and_changes_nothing(
    earlier: Path, tmp_path: Path
) -> None:
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path)}
    journal = str(earlier / "journal.ndjson")
    done = run("judge", journal, "--quiet", cwd=tmp_path, env=env)
    assert done.returncode == 1
    assert done.stderr == "csbs-conformance: no job summary is written: Is a directory\n"


def test_elsewhere_no_workflow_command_is_printed(earlier: Path, tmp_path: Path) -> None:
    done = run("judge", str(earlier / "journal.ndjson"), cwd=tmp_path)
    assert "::error" not in done.stdout


def test_sarif_is_written_where_it_is_asked_for(earlier: Path, tmp_path: Path) -> None:
    done = run("judge", str(earlier / "journal.ndjson"), "--sarif", "out/x.sarif", cwd=tmp_path)
    assert done.returncode == 1
    wanted = (tmp_path / "out/x.sarif").read_text()
    assert wanted == (tmp_path / "reports/latest/judged/results.sarif").read_text()
    assert [r["ruleId"] for r in json.loads(wanted)["runs"][0]["results"]] == ["T6.id.present"]


def test_the_options_may_stand_in_the_configuration(endpoint: str, tmp_path: Path) -> None:
    waivers(tmp_path, "T6.id.present")
    (tmp_path / "csbs.toml").write_text('waivers = "waivers.toml"\nsarif = "x.sarif"\n')
    done = run("run", *target(endpoint), "--config", "csbs.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "x.sarif").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--waivers", "absent.toml"], "--waivers absent.toml: No such file"),
        (["--waivers", "odd.toml"], "waiver 1: T9.x␛[31m is no clause"),
        (["--baseline", "absent.json"], "--baseline absent.json: No such file"),
        (["--baseline", "odd.toml"], "--baseline odd.toml: no report of this suite"),
        (["--baseline", "."], "--baseline report.json: No such file"),
        (["--sarif", "."], "--sarif .: that is a directory; name a file"),
    ],
)
def test_wrong_use_is_told_before_anything_is_sent(
    options: list[str], told: str, service: Faulty, endpoint: str, tmp_path: Path
) -> None:
    before = len(service.executed)
    (tmp_path / "odd.toml").write_text('[[waiver]]\nclause = "T9.x\\u001b[31m"\n')
    done = run("run", *target(endpoint), *options, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.strip().isprintable()
    assert len(service.executed) == before
    assert not (tmp_path / "reports").exists()
