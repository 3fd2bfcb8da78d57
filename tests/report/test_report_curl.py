"""The commands are run, in a shell, with a `curl` that writes down what it was given."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from report_runs import SECRETS, violating
from report_strategies import HOSTILE, requests
from trying import examples

from conformance.credentials.braces import escape
from conformance.credentials.placeholders import Derivation
from conformance.model import Request, Token
from conformance.report.curl import LONGEST_BODY, curl_command, near_miss

STUB = """#!/bin/sh
for argument; do printf '%s\\0' "$argument"; done >"$SEEN/arguments"
cat >"$SEEN/input"
"""
URL = "https://example.com/v1/p/providers/q/checkpoints"
POSTED = (
    ("User-Agent", "test"),
    ("Accept", "application/json"),
    ("Content-Type", "application/json"),
)


@dataclass(frozen=True)
class Sent:
    """What curl would have sent."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    suppressed: set[str]
    body: bytes


Runs = Callable[[Request], Sent]


@pytest.fixture
def run(tmp_path: Path) -> Runs:
    stub = tmp_path / "curl"
    stub.write_text(STUB)
    stub.chmod(0o755)
    tokens = SECRETS.tokens

    def run(request: Request) -> Sent:
        subprocess.run(
            ["sh", "-c", curl_command(request)],
            check=True,
            stdin=subprocess.DEVNULL,
            env={
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "SEEN": str(tmp_path),
                "CSBS_TOKEN": tokens[Token.GOOD],
                "CSBS_FORBIDDEN_TOKEN": tokens[Token.FORBIDDEN],
            },
        )
        given = (tmp_path / "arguments").read_bytes().split(b"\0")[:-1]
        return understood(given, (tmp_path / "input").read_bytes())

    return run


def _text(value: bytes) -> str:
    """What a header says: a near miss of a token holds a byte that is no UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def understood(arguments: list[bytes], given: bytes) -> Sent:
    """What curl makes of its arguments (curl(1)), as far as our commands use them."""
    rest = iter(arguments)
    method, url, body = "GET", "", b""
    headers: list[tuple[str, str]] = []
    suppressed = set()
    for option in rest:
        match option:
            case b"-X":
                method = next(rest).decode()
            case b"--url":
                url = next(rest).decode()
            case b"-H":
                line = _text(next(rest))
                name, colon, value = line.partition(":")
                if colon and not value.strip():
                    suppressed.add(name)
                elif colon:
                    headers.append((name, value.removeprefix(" ")))
                else:
                    headers.append((line.removesuffix(";"), ""))
            case b"--data-raw":
                body = next(rest)
            case b"--data-binary":
                assert next(rest) == b"@-"
                body = given
            case _:
                assert option in {b"-i", b"-sS", b"-g", b"--path-as-is", b"--compressed"}
    return Sent(method, url, headers, suppressed, body)


several = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=examples(150),
)
harmless = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@several
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60).map(str.encode)
    | st.binary()
)
@example(b'it\'s @home\n%s\\n\\0 -x $HOME `id` "q" !!\n\n')
@example(b"@/etc/passwd")
@example(b"-n\xff")
@example(b"a\0b'c%d\\")
def test_the_body_arrives_byte_for_byte(run: Runs, body: bytes) -> None:
    stored = body.replace(b"{{", b"{{open}}")
    assert run(Request("POST", URL, POSTED, stored)).body == body


@several
@given(harmless, harmless.map(lambda text: text.lstrip(":;")))
@example("it's", 'say "$HOME" `id` \\ !!')
@example("[1-3]", "{a,b}")
def test_url_and_headers_arrive(run: Runs, path: str, value: str) -> None:
    url = f"{URL}/{path}"
    given = (*POSTED, ("X-Value", escape(value) or "v"))
    sent = run(Request("POST", escape(url), given, b"{}"))
    assert sent.url == url
    assert sent.method == "POST"
    assert sent.headers == [*POSTED, ("X-Value", value or "v")]
    assert not sent.suppressed


@several
@given(requests)
def test_any_request_makes_a_command_that_prints_and_runs(run: Runs, request: Request) -> None:
    command = curl_command(request)
    assert command.replace("\n", "").replace("\t", "").isprintable()
    run(request)


def test_every_probe_of_a_plan_can_be_sent_again(run: Runs) -> None:
    for exchange in violating().exchanges[::5]:
        request = exchange.request
        if len(request.body) > LONGEST_BODY:
            continue
        sent = run(request)
        headers, body = SECRETS.reveal_request(request)
        assert (sent.method, sent.url, sent.body) == (request.method, request.url, body)
        written = [each for each in sent.headers if each[0] != "content-length"]
        assert written == list(
            headers
        )  # that one is written where the client's is in small letters


@pytest.mark.parametrize("variable", ["CSBS_TOKEN", "CSBS_FORBIDDEN_TOKEN"])
@pytest.mark.parametrize("how", Derivation, ids=lambda how: how.label)
@pytest.mark.parametrize("token", ["0123456789", "abcdAbcd-012_x", "AAAAAAAAA", "x" * 1001])
def test_a_near_miss_is_made_from_the_variable(
    tmp_path: Path, how: Derivation, token: str, variable: str
) -> None:
    command = f'printf %s "{near_miss(how, variable)}"'
    environment = {**os.environ, variable: token}
    made = subprocess.run(
        ["sh", "-c", command],
        env=environment,
        check=True,
        capture_output=True,
        encoding="latin-1",
    )
    assert made.stdout == how.make(token)


@pytest.mark.parametrize(
    ("token", "told"),
    [
        (Token.GOOD, "# the token with upper and lower case exchanged"),
        (Token.FORBIDDEN, "# the token without permission, with upper and lower case exchanged"),
    ],
)
def test_a_near_miss_is_explained(run: Runs, token: Token, told: str) -> None:
    given = (*POSTED, ("X-Auth-Token", Derivation.OTHER_CASE.of(token)))
    request = Request("POST", URL, given, b"{}")
    assert told in curl_command(request)
    assert run(request).headers == SECRETS.reveal_request(request)[0]


def test_tokens_come_from_the_environment() -> None:
    given = (("X-Auth-Token", "{{token}}"), ("X-Other", "{{forbidden-token}}"))
    command = curl_command(Request("POST", URL, given))
    assert '-H "X-Auth-Token: $CSBS_TOKEN"' in command
    assert '-H "X-Other: $CSBS_FORBIDDEN_TOKEN"' in command


def test_headers_that_curl_would_add_are_suppressed(run: Runs) -> None:
    sent = run(Request("POST", URL, (("X-Auth-Token", ""),), b"{}"))
    assert sent.suppressed == {"User-Agent", "Accept", "Content-Type"}
    assert sent.headers == [("X-Auth-Token", "")]


def test_a_long_body_is_named_and_not_cut() -> None:
    command = curl_command(Request("POST", URL, POSTED, b"x" * 3000), "E17")
    assert "# body: 3000 bytes, see exchange 'E17' in journal.ndjson" in command
    assert "xxx" not in command
    assert "--data-binary @body" in command


def test_a_header_that_would_break_the_command_is_left_out(run: Runs) -> None:
    for hostile in HOSTILE:
        run(Request("POST", URL, ((hostile, hostile), *POSTED), b"{}"))
    command = curl_command(Request("POST", URL, (("@file", "x"), ("A", "b\nc")), b"{}"))
    assert command.count("# a header is left out") == 2
    assert "@file:" not in command


def test_a_password_in_the_url_is_left_out() -> None:
    assert "hunter2" not in curl_command(Request("GET", "https://me:hunter2@example.com/", ()))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(
    ("sent", "added"),
    [
        ({"X-Auth-Token": "", "Accept": "a/b"}, {"Host", "Content-Length"}),
        ({"x-auth-token": "", "accept": "a/b"}, {"Host", "content-length"}),
    ],
    ids=["as most write names", "in small letters"],
)
def test_the_real_curl_sends_what_was_sent(sent: dict[str, str], added: set[str]) -> None:
    body = b'{"it\'s": "{{open}}"}\xff'
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1/a//b/../c%20d"
        request = Request("POST", url, tuple(sent.items()), body)
        client = subprocess.Popen(
            ["sh", "-c", curl_command(request)], stdout=subprocess.DEVNULL, env=dict(os.environ)
        )
        connection, _ = server.accept()
        with connection:
            head, _, rest = connection.recv(65536).partition(b"\r\n\r\n")
            while b"}\xff" not in rest:
                rest += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        assert client.wait(timeout=30) == 0
    first, *lines = head.decode().split("\r\n")
    assert first == "POST /v1/a//b/../c%20d HTTP/1.1"
    assert sorted(line.split(":")[0] for line in lines) == sorted({*sent, *added})
    assert rest == b'{"it\'s": "{{"}\xff'
