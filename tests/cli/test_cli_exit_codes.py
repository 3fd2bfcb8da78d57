"""The exit code of a run says what is known of the target, and nothing else does."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_helpers import (
    KNOWN,
    REPORTS,
    TOKENS,
    AnswersErrorsInText,
    Counting,
    LeavesTheIdOut,
    Outcome,
    command,
    report_of,
    target_options,
)
from warm import COLD

from conformance.emulator.app import serving

SMOKE = ("--profile", "smoke")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with serving(Counting()) as url:
        yield url


@dataclass(frozen=True)
class Conforming:
    """A run against the reference: how it ended, where it wrote, and its target."""

    done: Outcome
    directory: Path
    service: Counting
    endpoint: str


@pytest.fixture(scope="module")
def conforming(tmp_path_factory: pytest.TempPathFactory) -> Conforming:
    service, directory = Counting(), tmp_path_factory.mktemp("conforming")
    with serving(service) as endpoint:
        options = ("run", *SMOKE, *target_options(endpoint))
        done = command(*options, cwd=directory, env=TOKENS)
    return Conforming(done, directory, service, endpoint)


def nobody() -> str:
    """The URL of a port on which nobody listens."""
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"


def test_the_command_is_installed() -> None:
    assert Path(COLD).is_file()


def test_a_run_without_options_tests_the_embedded_emulator_and_conforms(tmp_path: Path) -> None:
    done = command("run", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "Conforms" in done.out
    directory = tmp_path / "reports" / "latest"
    assert {path.name for path in directory.iterdir()} == REPORTS | {
        "journal.ndjson",
        "plan.ndjson",
    }
    assert report_of(directory)["verdict"] == "conforms"


def test_a_conforming_target_exits_0(conforming: Conforming) -> None:
    assert conforming.done.code == 0, conforming.done.err


def test_a_target_that_breaks_a_must_exits_1_and_is_told_which(tmp_path: Path) -> None:
    with serving(LeavesTheIdOut()) as endpoint:
        done = command("run", *SMOKE, *target_options(endpoint), cwd=tmp_path, env=TOKENS)
    assert done.code == 1
    assert "T6.id.present" in done.out
    assert report_of(tmp_path / "reports" / "latest")["exit_code"] == 1


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 1)])
def test_a_broken_should_counts_only_where_it_is_to(
    options: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    with serving(AnswersErrorsInText()) as endpoint:
        target = target_options(endpoint)
        done = command("run", *SMOKE, *options, *target, cwd=tmp_path, env=TOKENS)
    assert done.code == code, done.out
    assert "EC.body.json" in done.out
    report = report_of(tmp_path / "reports" / "latest")
    assert (report["verdict"], report["exit_code"]) == ("conforms", code)


def test_a_dead_target_exits_3_and_says_why(tmp_path: Path) -> None:
    done = command("run", *target_options(nobody()), cwd=tmp_path, env=TOKENS)
    assert done.code == 3
    assert_told_once_and_first(done.out, "the connection was refused")
    directory = tmp_path / "reports" / "latest"
    assert report_of(directory)["ending"] == "unreached"
    assert {path.name for path in directory.iterdir()} >= REPORTS


def assert_told_once_and_first(out: str, why: str) -> None:
    flat = " ".join(out.split())
    assert flat.count(why) == 1
    assert re.match(r"Inconclusive \(\d+\) \? inconclusive \d+ clauses no valid request", flat)
    assert flat.count("? inconclusive") == 1


def test_a_dead_proxy_is_not_blamed_on_the_endpoint(endpoint: str, tmp_path: Path) -> None:
    options = (*SMOKE, "--proxy", nobody(), "--quiet", *target_options(endpoint))
    done = command("run", *options, cwd=tmp_path, env=TOKENS)
    assert done.code == 3
    assert "no connection to the proxy" in done.out
    assert "correct --proxy" in done.out
    assert "--endpoint" not in done.out


def test_a_dead_target_and_a_cold_cache_leave_nothing_running(tmp_path: Path) -> None:
    env = {**TOKENS, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = command("run", *target_options(nobody()), "--quiet", cwd=tmp_path, env=env)
    assert done.code == 3
    assert done.err == ""


def test_where_a_report_cannot_be_replaced_the_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "out" / "report.json").mkdir(parents=True)
    done = command("run", *SMOKE, "--report-dir", "out", cwd=tmp_path)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "out/report.json: Is a directory; give another --report-dir" in done.err


UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("changes", "env", "named"),
    [
        ({}, {"CSBS_TOKEN": "no-token-of-this-target"}, "--token-env"),
        ({}, {"CSBS_TOKEN": TOKENS["CSBS_FORBIDDEN_TOKEN"]}, "--token-env"),
        ({"plan_id": UNKNOWN}, {}, "--plan-id"),
        ({"project_id": UNKNOWN.replace("-", "")}, {}, "--project-id"),
        ({"provider_id": UNKNOWN}, {}, "--provider-id"),
        ({"endpoint": "/wrong/base"}, {}, "--endpoint"),
    ],
)
def test_wrong_fixtures_exit_3_and_name_the_option(
    changes: dict[str, str], env: dict[str, str], named: str, endpoint: str, tmp_path: Path
) -> None:
    fixed = {k: endpoint + v if k == "endpoint" else v for k, v in changes.items()}
    options = target_options(**{"endpoint": endpoint, **fixed})
    token = {"CSBS_TOKEN": TOKENS["CSBS_TOKEN"], **env}
    few = ("--max-executions", "1")
    done = command("run", *SMOKE, *few, *options, cwd=tmp_path, env=token)
    assert done.code == 3, done.out
    assert named in done.out


def test_a_wrong_token_is_told_once_and_first(endpoint: str, tmp_path: Path) -> None:
    wrong = {"CSBS_TOKEN": "no-token-of-this-target"}
    done = command("run", *SMOKE, *target_options(endpoint), cwd=tmp_path, env=wrong)
    assert_told_once_and_first(done.out, "the target rejects the token")
    assert "Warnings" not in done.out


def test_a_wrong_server_exits_3_and_names_the_option(endpoint: str, tmp_path: Path) -> None:
    wrong = [UNKNOWN if part in KNOWN["resources"] else part for part in target_options(endpoint)]
    options = (*SMOKE, "--max-executions", "2", *wrong[:-4])
    done = command("run", *options, cwd=tmp_path, env=TOKENS)
    assert done.code == 3, done.out
    assert "--resource" in done.out


def test_what_a_deep_run_does_not_send_has_a_remedy(tmp_path: Path) -> None:
    limits = ("--max-requests", "230", "--max-executions", "3")
    assert command("run", "--profile", "deep", *limits, cwd=tmp_path).code == 0
    clauses = report_of(tmp_path / "reports" / "latest")["clauses"]
    unsent = [clause for clause in clauses if clause["reason"].startswith("not sent")]
    assert unsent
    (remedy,) = {clause["unlock"] for clause in unsent}
    option, number = remedy.split()
    assert option == "--max-executions"
    assert 3 < int(number) <= 230


def test_without_a_policy_nothing_can_be_executed_and_the_run_exits_3(
    endpoint: str, tmp_path: Path
) -> None:
    done = command("run", *SMOKE, "--endpoint", endpoint, cwd=tmp_path, env=TOKENS)
    assert done.code == 3
    assert "--project-id" in done.out
    assert "--plan-id" in done.out


@pytest.mark.parametrize(
    ("pattern", "code"), [("T6.*", 0), ("S401.no-token", 0), ("S503.momentary", 0)]
)
def test_only_tests_the_clauses_it_selects(
    pattern: str, code: int, endpoint: str, tmp_path: Path
) -> None:
    options = ("--only", pattern, *target_options(endpoint))
    done = command("run", *options, cwd=tmp_path, env=TOKENS)
    assert done.code == code, done.out
    clauses = report_of(tmp_path / "reports" / "latest")["clauses"]
    prefix = pattern.removesuffix("*")
    assert clauses
    assert all(clause["id"].startswith(prefix) for clause in clauses)
    assert any(clause["status"] == "passed" for clause in clauses)


def test_quiet_prints_the_verdict_and_nothing_else(endpoint: str, tmp_path: Path) -> None:
    options = ("run", *SMOKE, "--quiet", *target_options(endpoint))
    done = command(*options, cwd=tmp_path, env=TOKENS)
    assert (done.code, done.out, done.err) == (0, "conforms\n", "")


def test_quiet_gives_the_reason_of_another_verdict(tmp_path: Path) -> None:
    with serving(LeavesTheIdOut()) as endpoint:
        options = ("run", *SMOKE, "--quiet", *target_options(endpoint))
        done = command(*options, cwd=tmp_path, env=TOKENS)
    assert re.fullmatch(r"violates: T6\.id\.present: .+\n", done.out)
    assert done.err == ""


def test_what_is_no_terminal_gets_no_colours_by_default(conforming: Conforming) -> None:
    assert "\x1b" not in conforming.done.out + conforming.done.err


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_what_is_no_terminal_gets_no_colours(
    env: dict[str, str], endpoint: str, tmp_path: Path
) -> None:
    options = ("run", *SMOKE, *target_options(endpoint))
    done = command(*options, cwd=tmp_path, env={**TOKENS, **env})
    assert "\x1b" not in done.out + done.err


def test_no_color_wins_over_a_terminal(endpoint: str, tmp_path: Path) -> None:
    options = ("run", *SMOKE, *target_options(endpoint))
    env = {**TOKENS, "FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm-256color"}
    done = command(*options, cwd=tmp_path, env=env)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", done.out)


def test_what_is_announced_comes_before_anything_is_sent(endpoint: str, tmp_path: Path) -> None:
    done = command(
        *("run", *SMOKE, "--max-requests", "40", "--max-executions", "4"),
        *target_options(endpoint),
        cwd=tmp_path,
        env=TOKENS,
    )
    (line,) = done.err.splitlines()
    assert endpoint in line
    assert "40" in line
    assert "at most 3 executions" in line


def test_the_checkpoints_to_be_deleted_are_listed(conforming: Conforming) -> None:
    executed = conforming.service.executed
    assert executed
    assert all(checkpoint.id in conforming.done.out for checkpoint in executed)
    summary = (conforming.directory / "reports" / "latest" / "summary.md").read_text()
    assert all(checkpoint.id in summary for checkpoint in executed)


def test_no_token_is_printed_or_written(conforming: Conforming) -> None:
    files = [path for path in conforming.directory.rglob("*") if path.is_file()]
    texts = [conforming.done.out, conforming.done.err, *(path.read_text() for path in files)]
    assert len(files) >= 7
    assert not [text for text in texts for token in TOKENS.values() if token in text]


def test_the_target_of_a_run_stands_in_its_reports(conforming: Conforming) -> None:
    target = report_of(conforming.directory / "reports" / "latest")["target"]
    assert target["endpoint"] == conforming.endpoint
    assert json.dumps(target).count(KNOWN["plan_id"]) == 1
