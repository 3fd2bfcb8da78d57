"""Defects seen in other suites, each of which must not come back here."""

from __future__ import annotations

import re
import signal
import socket
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli_helpers import (
    EXCHANGE,
    NEVER_HANGS,
    REPORTS,
    TOKENS,
    Counting,
    LeavesTheIdOut,
    TakesItsTime,
    command,
    report_of,
    started,
    target_options,
    wait_for,
)

from conformance.emulator import Request, Response
from conformance.emulator.app import serving

SMOKE = ("--profile", "smoke", "--report-dir", "out")


class LosesOneConnection(Counting):
    """Hangs up on the second POST, and on no other request."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        posts = [each for each in self.seen if each.method == "POST"]
        is_lost = request.method == "POST" and len(posts) == 2
        return Response(200, hang_up=True) if is_lost else response


@pytest.fixture(scope="module")
def violation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports on a target that violates the contract."""
    directory = tmp_path_factory.mktemp("violation")
    with serving(LeavesTheIdOut()) as endpoint:
        done = command("run", *SMOKE, *target_options(endpoint), cwd=directory, env=TOKENS)
    assert done.code == 1
    return directory / "out"


def dead() -> str:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"


def cases(directory: Path) -> list[ElementTree.Element]:
    return list(ElementTree.parse(directory / "junit.xml").getroot().iter("testcase"))


def test_a_configuration_error_does_not_exit_0(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("max-request = 1\n")
    assert command("run", "--config", "config.toml", cwd=tmp_path).code == 2


def test_every_failure_in_the_junit_file_carries_a_failure_element(violation: Path) -> None:
    root = ElementTree.parse(violation / "junit.xml").getroot()
    failures = [
        case.find("failure") for case in cases(violation) if case.find("failure") is not None
    ]
    failed = [
        clause["id"]
        for clause in report_of(violation)["clauses"]
        if (clause["status"], clause["level"]) == ("failed", "must")
    ]
    assert failed
    assert int(root.get("failures", "0")) == len(failures) == len(failed)
    assert all(failure is not None and failure.get("message") for failure in failures)


def test_every_case_in_the_junit_file_has_a_name_of_its_own(violation: Path) -> None:
    names = [(case.get("classname"), case.get("name")) for case in cases(violation)]
    assert names
    assert all(classname and name for classname, name in names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("profile", ["standard", "smoke"])
def test_one_failed_connection_neither_ends_the_run_nor_costs_an_execution_or_a_report(
    profile: str, tmp_path: Path
) -> None:
    """The request is asked again, and refused: it was none of the three that smoke may cause."""
    service = LosesOneConnection()
    options = ("--profile", profile, "--report-dir", "out")
    with serving(service) as endpoint:
        done = command("run", *options, *target_options(endpoint), cwd=tmp_path, env=TOKENS)
    assert done.code == 0, done.out
    clauses = report_of(tmp_path / "out")["clauses"]
    assert not [each["id"] for each in clauses if each["status"] == "inconclusive"]
    assert len(service.seen) > 10
    assert {path.name for path in (tmp_path / "out").iterdir()} >= REPORTS


def test_a_filter_that_matches_nothing_does_not_exit_0(tmp_path: Path) -> None:
    done = command("run", "--only", "T66.*", cwd=tmp_path)
    assert done.code == 2
    assert "matches no clause" in done.err


def test_no_secret_is_asked_for_on_the_command_line(tmp_path: Path) -> None:
    help_text = command("run", "--help", cwd=tmp_path).out
    options = set(re.findall(r"--[a-z-]+", help_text))
    assert {name for name in options if re.search("token|password|secret|key", name)} == {
        "--token-env",
        "--token-file",
        "--token-command",
        "--forbidden-token-env",
    }


def test_a_dead_target_is_told_from_a_failed_check(violation: Path, tmp_path: Path) -> None:
    done = command("run", *SMOKE, *target_options(dead()), cwd=tmp_path, env=TOKENS)
    assert done.code == 3
    assert report_of(tmp_path / "out")["verdict"] == "inconclusive"
    assert report_of(violation)["verdict"] == "violates"
    assert not [case for case in cases(tmp_path / "out") if case.find("failure") is not None]


def test_ctrl_c_does_not_exit_0(tmp_path: Path) -> None:
    with serving(TakesItsTime()) as endpoint:
        options = ("run", *SMOKE, *target_options(endpoint))
        process = started(*options, cwd=tmp_path, env=TOKENS)
        wait_for(tmp_path / "out" / "journal.ndjson", EXCHANGE)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=NEVER_HANGS)
    assert process.returncode == 130
    assert (tmp_path / "out" / "junit.xml").exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--only", "S403.forbidden-token"],
        ["--only", "T4.resources.accepted", "--max-requests", "1"],
        ["--max-requests", "3"],
    ],
)
def test_a_run_that_covered_nothing_is_no_success(options: list[str], tmp_path: Path) -> None:
    token = {"CSBS_TOKEN": TOKENS["CSBS_TOKEN"]}
    with serving(Counting()) as endpoint:
        arguments = ("run", *SMOKE, *options, *target_options(endpoint))
        done = command(*arguments, cwd=tmp_path, env=token)
    assert done.code == 3, done.out
    assert report_of(tmp_path / "out")["verdict"] == "inconclusive"
