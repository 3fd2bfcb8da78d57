"""No option takes a token, and no message repeats what was given as if one did."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from secret_runs import FORBIDDEN, GOOD

from conformance.cli.main import COMMANDS, entry

SECRET = "hush-Hush+0123456789/abcdef"
UNBROKEN = SECRET.replace("/", "!")
UNREACHABLE = ("run", "--endpoint", "https://127.0.0.1:9", "--project-id", "p", "--plan-id", "q")
CONFIGS = {
    "token": f'token = "{SECRET}"',
    "listed": f'proxy = ["http://user:{SECRET}@proxy.example"]',
    "other type": f'seed = "{SECRET}"',
    "named as": f'"{SECRET}\\nsecond line" = 1',
    "steering": '"\\u001b[31mred" = 1',
    "list": f'resource = ["a", ["{SECRET}"]]',
    "token of a name": f'token-env = "{SECRET}"\nendpoint = "https://127.0.0.1:9"',
}


def told(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """The one line that a command which is wrongly used prints."""
    monkeypatch.setattr("sys.argv", ["csbs-conformance", *arguments])
    with pytest.raises(SystemExit) as ended:
        entry()
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert shown.err[:-1].isprintable()
    return shown.err


def parameters() -> Iterator[click.Parameter]:
    for name in COMMANDS:
        yield from import_module(f"conformance.cli.{name}").command.params


def test_no_option_of_any_command_takes_a_token() -> None:
    names = [name for parameter in parameters() for name in (*parameter.opts, parameter.name or "")]
    assert "--token-env" in names
    about = [name for name in names if any(word in name for word in ("token", "passw", "secret"))]
    assert {name.lstrip("-").replace("_", "-") for name in about} == {
        "token-env",
        "token-file",
        "token-command",
        "forbidden-token-env",
    }


@pytest.mark.process
@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--token", SECRET),
        ("run", f"--token={SECRET}"),
        ("run", "--auth-token", SECRET),
        ("run", "-t", SECRET),
        ("run", "--header", f"X-Auth-Token: {SECRET}"),
        ("run", SECRET),
        ("run", "--strict", SECRET, "more"),
        ("plan", "--token", SECRET),
        (*UNREACHABLE, "--token-env", SECRET),
        (*UNREACHABLE, "--forbidden-token-env", SECRET),
        (*UNREACHABLE, "--token-env", f"{SECRET}=é"),
        (*UNREACHABLE, "--token-file", SECRET),
        (*UNREACHABLE, "--token-command", SECRET),
        (*UNREACHABLE, "--token-command", f"sh -c 'echo {SECRET} >&2; exit 1'"),
        ("run", "--endpoint", f"https://user:{SECRET}@csbs.example"),
        ("run", "--endpoint", f"ftp://user:{SECRET}@csbs.example"),
        ("run", "--endpoint", f"https://user:{SECRET}@csbs.example:99999"),
        ("run", "--endpoint", f"user:{SECRET}@csbs.example"),
        ("run", "--endpoint", f"https://csbs.example/?token={SECRET}"),
        ("run", "--endpoint", f"https://csbs.example/#{SECRET}"),
        ("run", "--endpoint", SECRET),
        (*UNREACHABLE, "--proxy", f"socks5://user:{SECRET}@proxy.example"),
        (*UNREACHABLE, "--proxy", f"user:{SECRET}@proxy.example"),
        (*UNREACHABLE, "--proxy", f"http://user:{SECRET}@proxy.example:port"),
        (*UNREACHABLE, "--proxy", f"http://user:{SECRET}@[::1"),
        (*UNREACHABLE, "--proxy", f"http://user:{SECRET} @proxy.example"),
        (*UNREACHABLE, "--proxy", f"http://user:@{UNBROKEN}@proxy.bücher.example"),
        (*UNREACHABLE, "--proxy", f"http://user:@{UNBROKEN}@[fe80::1%25eth0]"),
        ("run", "--proxy", SECRET),
    ],
)
def test_what_is_given_in_place_of_a_token_is_not_repeated(
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CSBS_TOKEN", GOOD)
    message = told(arguments, monkeypatch, capsys)
    assert not [part for part in parts(SECRET) if part in message]


@pytest.mark.parametrize("text", CONFIGS.values(), ids=CONFIGS.keys())
def test_what_a_configuration_file_holds_is_not_repeated(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "csbs.toml").write_text(text)
    message = told(("run", "--config", str(tmp_path / "csbs.toml")), monkeypatch, capsys)
    shown = [part for part in parts(SECRET) if part in message]
    assert not shown or text.startswith(f'"{SECRET}')  # a name that is no option is told


@pytest.mark.parametrize("token", [GOOD, FORBIDDEN])
@pytest.mark.parametrize(
    "option", ["--seed", "--profile", "--only", "--plan-id", "--project-id", "--resource", "--plan"]
)
def test_a_token_of_the_environment_is_repeated_by_no_message(
    option: str,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CSBS_TOKEN", GOOD)
    monkeypatch.setenv("CSBS_FORBIDDEN_TOKEN", FORBIDDEN)
    message = told((*UNREACHABLE, option, token), monkeypatch, capsys)
    assert not any(part in message for part in parts(token))


def parts(secret: str) -> list[str]:
    return [secret[at : at + 12] for at in range(len(secret) - 11)]
