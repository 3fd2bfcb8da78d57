"""Tokens from a file and from a command."""

from __future__ import annotations

import os
import select
import shlex
import sys
from pathlib import Path

import pytest
from cli_helpers import KNOWN, Counting, command
from hypothesis import given
from hypothesis import strategies as st

from conformance.emulator.app import serving
from conformance.errors import UsageError
from conformance.login.source import LONGEST_TOKEN, TokenCommand, TokenFile, TokenSource, sendable

GOOD = KNOWN["token"]


def options(endpoint: str) -> list[str]:
    return [
        *("--endpoint", endpoint, "--project-id", KNOWN["project_id"]),
        *("--plan-id", KNOWN["plan_id"], "--profile", "smoke", "--report-dir", "out"),
    ]


def printing(text: str) -> str:
    return shlex.join([sys.executable, "-c", f"print({text!r})"])


def way(kind: str, place: Path, text: str) -> list[str]:
    """The options for a token that a file holds, or a command prints."""
    if kind == "command":
        return ["--token-command", printing(text)]
    (place / "token").write_text(text + "\n")
    return ["--token-file", "token"]


@pytest.mark.parametrize("kind", ["file", "command"])
def test_the_token_is_sent_and_shown_nowhere(tmp_path: Path, kind: str) -> None:
    service = Counting()
    given_way = way(kind, tmp_path, GOOD)
    with serving(service) as endpoint:
        done = command("run", *options(endpoint), *given_way, cwd=tmp_path)
    assert done.code == 0, done
    assert {request.header("X-Auth-Token") for request in service.seen} >= {GOOD}
    written = [path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    for text in (*written, done.out, done.err):
        assert GOOD not in text


@pytest.mark.parametrize(
    ("given_way", "told"),
    [
        (["--token-file", GOOD], "--token-file: No such file or directory; give a readable file"),
        (["--token-file", "."], "--token-file: Is a directory; give a readable file"),
        (["--token-file", "/dev/null"], "--token-file: it is no regular file"),
        (["--token-file", ""], "--token-file is empty; give the name of a file"),
        (["--token-command", f"no-such-command {GOOD}"], "No such file or directory; give a comm"),
        (["--token-command", f"'{GOOD}"], "--token-command: a quotation in it has no end"),
        (["--token-command", " "], "--token-command is empty; give a command that prints a token"),
        (["--token-command", f"sh -c 'echo {GOOD}; exit 3'"], "the command ended with 3; run it"),
        (["--token-command", f"sh -c 'echo {GOOD} >&2'"], "the command printed nothing; give one"),
        (["--token-command", f"printf '{GOOD}\\n{GOOD}'"], "no header can carry, or several lines"),
        (["--token-command", "true", "--token-file", "token"], "a way to log in, and so is"),
        (["--token-command", "true", "--os-cloud", "here"], "a way to log in, and so is"),
    ],
)
def test_wrong_use_is_one_line_that_tells_no_secret(
    tmp_path: Path, given_way: list[str], told: str
) -> None:
    done = command("run", *options("http://127.0.0.1:9"), *given_way, cwd=tmp_path)
    assert (done.code, done.out) == (2, ""), done
    assert done.err.count("\n") == 1
    assert told in done.err
    assert GOOD not in done.err
    assert not (tmp_path / "out").exists()


def test_a_configuration_may_name_the_command(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(GOOD)
    with serving(Counting()) as endpoint:
        (tmp_path / "csbs.toml").write_text(
            f'endpoint = "{endpoint}"\nproject-id = "{KNOWN["project_id"]}"\n'
            f'plan-id = "{KNOWN["plan_id"]}"\ntoken-command = "cat token"\nprofile = "smoke"\n'
        )
        done = command("run", "--config", "csbs.toml", "--quiet", cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, "conforms\n", "")


@pytest.mark.process
def test_a_command_that_prints_for_ever_is_ended() -> None:
    endless = "import sys\nwhile True: sys.stdout.write('a' * 65536)"
    with pytest.raises(UsageError, match="too long for a token"):
        TokenCommand(shlex.join([sys.executable, "-c", endless])).take()


@pytest.mark.process
def test_what_a_command_has_started_ends_with_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    held = f"exec 3>{shlex.quote(str(pipe))}; sleep 300 >/dev/null & echo a token of ours"
    assert TokenCommand(shlex.join(["sh", "-c", held])).take().token == "a token of ours"
    readable, _, _ = select.select([reader], [], [], 10.0)
    os.close(reader)
    assert readable  # nobody holds its other end any more


@pytest.mark.process
def test_each_taking_reads_anew(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("the first token")
    sources: list[TokenSource] = [TokenFile(path), TokenCommand(f"cat {shlex.quote(str(path))}")]
    assert [source.take().token for source in sources] == ["the first token"] * 2
    path.write_text("the second token")
    assert [source.take().token for source in sources] == ["the second token"] * 2
    assert str(path) not in repr(sources[1])


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_what_is_sendable_fits_into_a_header(held: bytes) -> None:
    try:
        value = sendable(held, "--token-file", "nothing")
    except UsageError:
        is_plain = held.isascii() and held.strip().decode("ascii").isprintable()
        assert not (held.strip() and is_plain)
        return
    assert value.encode("ascii") == held.strip()
    assert value.isprintable()


def test_a_token_has_an_end() -> None:
    assert len(sendable(b"a" * LONGEST_TOKEN, "here", "")) == LONGEST_TOKEN
    with pytest.raises(UsageError, match="too long"):
        sendable(b"a" * (LONGEST_TOKEN + 1), "here", "")
