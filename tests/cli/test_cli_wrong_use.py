"""Wrong use is one line on standard error, says what to do, and exits 2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from cli_helpers import TOKENS, Counting, command, target_options

from conformance.emulator.app import serving

REMOTE = ("--endpoint", "https://127.0.0.1:9", "--project-id", "p", "--plan-id", "q")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A directory with files of every wrong kind, which the commands run in."""
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x01")
    (tmp_path / "report" / "journal.ndjson").mkdir(parents=True)
    texts = {
        "text.toml": "profile = = smoke",
        "unknown.toml": 'colour = "red"',
        "secret.toml": 'token = "hush"',
        "table.toml": "[run]\nseed = 1",
        "number.toml": 'max-requests = "many"',
        "string.toml": 'resource = "one"',
        "nested.toml": 'config = "other.toml"',
        "date.toml": "seed = 2026-01-01",
        "boolean.toml": 'insecure = "maybe"',
        "control.toml": 'endpoint = "http://a\\u0000b"',
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def check(arguments: Sequence[str], mentions: str, cwd: Path, env: dict[str, str]) -> None:
    done = command(*arguments, cwd=cwd, env=env)
    assert done.code == 2, done
    assert done.out == ""
    assert len(done.err.splitlines()) == 1, done.err
    assert "Traceback" not in done.err
    assert mentions in done.err


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        (["nosuch"], "No such command 'nosuch'; csbs-conformance --help lists them"),
        (["rnu"], "did you mean run?"),
        (["run", "--resume", "."], "no run is there, it has no journal.ndjson"),
        (["run", "--resume", "absent"], "absent: there is no such directory"),
        (["delete", "."], "no run is there, it has no journal.ndjson"),
        (["delete", "empty"], "empty: there is no such directory"),
        (["judge", "."], "a directory; give a file in it"),
        (["run", "--config", "binary"], "binary: not UTF-8 text; give a TOML file"),
        (["--nosuch"], "--nosuch"),
        (["run", "--nosuch"], "--nosuch"),
        (["run", "surplus"], "extra argument"),
        (["run", "--token", "hush"], "--token"),
        (["run", "--seed"], "--seed"),
        (["run", "--seed", "-1"], "--seed"),
        (["run", "--seed", "one"], "--seed"),
        (["run", "--profile", "huge"], "--profile"),
        (["run", "--max-requests", "0"], "--max-requests"),
        (["run", "--max-executions", "0"], "--max-executions"),
        (["run", "--concurrency", "0"], "--concurrency"),
        (["run", "--concurrency", "65"], "--concurrency"),
        (["run", "--rate", "0"], "--rate"),
        (["run", "--timeout", "-1"], "--timeout"),
        (["run", "--time-limit", "0"], "--time-limit"),
        pytest.param(["run", *REMOTE, "--timeout", "nan"], "--timeout"),
        pytest.param(["run", *REMOTE, "--rate", "nan"], "--rate"),
        pytest.param(["run", *REMOTE, "--time-limit", "nan"], "--time-limit"),
        (["run", "--only", "T9.*"], "T9.*"),
        (["run", "--only", "T6.*", "--only", "t6.*"], "t6.*"),
        (["run", "--only", ""], "--only"),
        (["plan", "--only", "T9.*"], "T9.*"),
        (["clauses", "--only", "T9.*"], "T9.*"),
        (["run", "--plan-id", "q"], "--endpoint"),
        (["run", "--resource", "one"], "--endpoint"),
        (["run", "--token-env", "SOME_TOKEN"], "--endpoint"),
        (["plan", "--project-id", "p"], "--endpoint"),
        (["run", "--endpoint", ""], "--endpoint"),
        (["run", "--endpoint", "csbs.example"], "--endpoint"),
        (["run", "--endpoint", "ftp://csbs.example"], "--endpoint"),
        (["run", "--endpoint", "http://"], "--endpoint"),
        (["run", "--endpoint", "http://csbs.example:0"], "--endpoint"),
        (["run", "--endpoint", "http://csbs.example:70000"], "--endpoint"),
        (["run", "--endpoint", "http://csbs.example:port"], "--endpoint"),
        (["run", "--endpoint", "http://[::1"], "--endpoint"),
        (["run", "--endpoint", "http://user:hush@csbs.example"], "--endpoint"),
        (["run", "--endpoint", "http://csbs.example?a=b"], "--endpoint"),
        (["run", "--endpoint", "http://csbs.example#a"], "--endpoint"),
        (["run", "--endpoint", "http://csbs.example/a b"], "--endpoint"),
        (["run", "--endpoint", "http://csbs.exämple"], "--endpoint"),
        (["run", *REMOTE, "--plan-id", ""], "--plan-id"),
        (["plan", *REMOTE, "--plan-id", "a\udcff"], "--plan-id"),
        (["plan", *REMOTE, "--resource", ""], "--resource"),
        (["plan", *REMOTE, "--resource", "a\udcff"], "--resource"),
        (["run", "--config", "absent.toml"], "absent.toml"),
        (["run", "--config", "."], "--config"),
        (["run", "--config", "binary"], "binary"),
        (["run", "--config", "text.toml"], "text.toml"),
        (["run", "--config", "unknown.toml"], "colour"),
        (["run", "--config", "secret.toml"], "token"),
        (["run", "--config", "table.toml"], "run"),
        (["run", "--config", "number.toml"], "--max-requests"),
        (["run", "--config", "string.toml"], "--resource"),
        (["run", "--config", "nested.toml"], "config"),
        (["run", "--config", "boolean.toml"], "--insecure"),
        pytest.param(["run", "--config", "date.toml"], "seed"),
        pytest.param(
            ["run", "--config", "control.toml"],
            "--endpoint",
        ),
        (["run", "--plan", "absent.ndjson"], "absent.ndjson"),
        (["run", "--plan", "."], "--plan"),
        (["run", "--plan", "empty"], "empty"),
        (["run", "--plan", "binary"], "binary"),
        (["run", "--report-dir", "empty"], "--report-dir"),
        (["run", "--report-dir", "empty/below"], "--report-dir"),
        pytest.param(["run", "--report-dir", "report"], "journal.ndjson"),
        pytest.param(
            ["run", "--report-dir", ""],
            "--report-dir",
        ),
        pytest.param(["run", *REMOTE, "--ca-bundle", "absent.pem"], "absent.pem"),
        pytest.param(["run", *REMOTE, "--ca-bundle", "empty"], "empty"),
        pytest.param(["run", *REMOTE, "--client-cert", "absent.pem"], "absent.pem"),
        pytest.param(["run", *REMOTE, "--client-cert", "empty"], "empty"),
        pytest.param(["run", *REMOTE, "--proxy", "nonsense"], "--proxy"),
        pytest.param(["run", *REMOTE, "--proxy", "ftp://127.0.0.1"], "--proxy"),
        (["emulator", "--world", "absent.toml"], "absent.toml"),
        (["emulator", "--world", "text.toml"], "text.toml"),
        (["emulator", "--port", "65536"], "--port"),
        (["emulator", "--port", "0", "--host", "192.0.2.1"], "192.0.2.1"),
    ],
)
def test_wrong_use_is_told_in_one_line(arguments: list[str], mentions: str, files: Path) -> None:
    check(arguments, mentions, files, TOKENS)


@pytest.mark.parametrize(
    ("options", "env", "mentions"),
    [
        ([], {}, "CSBS_TOKEN"),
        ([], {"CSBS_TOKEN": ""}, "CSBS_TOKEN"),
        ([], {"CSBS_TOKEN": " \t"}, "CSBS_TOKEN"),
        ([], {"CSBS_TOKEN": "caf\xe9"}, "CSBS_TOKEN"),
        ([], {"CSBS_TOKEN": "a\nb"}, "CSBS_TOKEN"),
        (["--token-env", "OTHER"], {"CSBS_TOKEN": "good"}, "OTHER"),
        ([], {"CSBS_TOKEN": "good", "CSBS_TOKEN_ENV": "OTHER"}, "OTHER"),
        (["--forbidden-token-env", "OTHER"], {"CSBS_TOKEN": "good"}, "OTHER"),
    ],
)
def test_a_token_that_is_not_there_is_told_in_one_line(
    options: list[str], env: dict[str, str], mentions: str, tmp_path: Path
) -> None:
    check(["run", *REMOTE, *options], mentions, tmp_path, env)


@pytest.mark.parametrize("env", [{"CSBS_SEED": "one"}, {"CSBS_PROFILE": "huge"}])
def test_a_wrong_value_in_the_environment_is_told_in_one_line(
    env: dict[str, str], tmp_path: Path
) -> None:
    check(["run"], next(iter(env.values())), tmp_path, env)


def test_no_command_shows_the_help_and_exits_2(tmp_path: Path) -> None:
    done = command(cwd=tmp_path)
    assert done.code == 2
    assert "Usage" in done.out + done.err


@pytest.fixture(scope="module")
def counting() -> Iterator[tuple[Counting, str]]:
    service = Counting()
    with serving(service) as endpoint:
        yield service, endpoint


@pytest.mark.parametrize(
    "options",
    [
        ["--only", "T9.*"],
        ["--report-dir", "empty/below"],
        ["--plan", "empty"],
        ["--token-env", "ABSENT"],
        ["--config", "unknown.toml"],
    ],
)
def test_nothing_is_sent_when_the_use_is_wrong(
    options: list[str], counting: tuple[Counting, str], files: Path
) -> None:
    service, endpoint = counting
    done = command("run", *target_options(endpoint), *options, cwd=files, env=TOKENS)
    assert done.code == 2
    assert not service.seen


def test_a_full_disk_is_told_in_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full, which is a full disk")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "journal.ndjson").symlink_to("/dev/full")
    check(["run", "--report-dir", "full"], "full", tmp_path, {})


def test_a_port_in_use_is_told_in_one_line(counting: tuple[Counting, str], tmp_path: Path) -> None:
    port = counting[1].rpartition(":")[2]
    check(["emulator", "--port", port], port, tmp_path, {})
