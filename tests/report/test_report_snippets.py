"""What a script in Python or a `.http` file sends is what the run sent."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator

import httpx2
import pytest
from cli_helpers import KNOWN, TOKENS, Counting
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.credentials.placeholders import Derivation, placeholder
from conformance.emulator.app import serving
from conformance.errors import UsageError
from conformance.model import Exchange, Request, Response, Token
from conformance.report.snippets import HELPERS, MADE, http_file, python_script

GOOD, FORBIDDEN = TOKENS["CSBS_TOKEN"], TOKENS["CSBS_FORBIDDEN_TOKEN"]
URL = "http://127.0.0.1:1/v1/p/providers/q/checkpoints"
BODY = '{"checkpoint": {"plan_id": "é\\u0041"}}'.encode()
LEFT_TO_CLIENT = {"host", "content-length"}


def exchange(request: Request, name: str = "x0001") -> Exchange:
    return Exchange(name, request, Response(200, "OK", (), b""), None, 1.0, 0.5, probe="P/1")


def post(url: str = URL, body: bytes = BODY, **headers: str) -> Request:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Request("POST", url, pairs, body)


@given(st.text(min_size=4))
@example("AAAA")
@example("aaaabb")
@example("1234")
def test_every_near_miss_is_made_as_the_run_makes_it(token: str) -> None:
    names: dict[str, object] = {"token": token}
    for helper in HELPERS.values():
        exec(helper, names)
    for derivation in Derivation:
        assert eval(MADE[derivation], names) == derivation.make(token)


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", httpx2)
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def target() -> Iterator[tuple[Counting, str]]:
    service = Counting()
    with serving(service) as endpoint:
        yield service, endpoint


def run(script: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(script, "script", "exec"), {"__name__": "__main__"})
    return out.getvalue()


@pytest.mark.usefixtures("tokens")
def test_a_script_in_python_sends_what_the_run_sent(target: tuple[Counting, str]) -> None:
    service, endpoint = target
    near_miss = Derivation.TRANSPOSED
    url = f"{endpoint}/v1/{KNOWN['project_id']}/providers/{KNOWN['provider_id']}/checkpoints"
    requests = [
        post(url, X_Auth_Token="{{token}}", Content_Type="application/json", X_Odd="{{open}} é"),
        post(url, b"\xff{{open}}", X_Auth_Token=near_miss.placeholder),
        post(url, X_Auth_Token=f"a{placeholder(Token.FORBIDDEN)}", Accept="*/*"),
        post(url, X_Auth_Token=Derivation.BYTE_INSERTED.placeholder),
        post(url, X_Auth_Token=Derivation.OTHER_CASE.of(Token.FORBIDDEN)),
        post(url, X_Auth_Token=Derivation.BYTE_INSERTED.of(Token.FORBIDDEN)),
    ]
    printed = run(python_script([[exchange(each)] for each in requests]))
    assert re.findall(r"^\d{3} ", printed, re.MULTILINE) == ["400 ", *["401 "] * 5]
    sent = [
        ({n.lower(): v for n, v in each.headers if n.lower() not in LEFT_TO_CLIENT}, each.body)
        for each in service.seen
    ]
    assert sent == [
        ({"x-auth-token": GOOD, "content-type": "application/json", "x-odd": "{{ é"}, BODY),
        ({"x-auth-token": near_miss.make(GOOD)}, b"\xff{{"),
        ({"x-auth-token": f"a{FORBIDDEN}", "accept": "*/*"}, BODY),
        ({"x-auth-token": Derivation.BYTE_INSERTED.make(GOOD)}, BODY),
        ({"x-auth-token": Derivation.OTHER_CASE.make(FORBIDDEN)}, BODY),
        ({"x-auth-token": Derivation.BYTE_INSERTED.make(FORBIDDEN)}, BODY),
    ]


@pytest.mark.usefixtures("tokens")
def test_requests_that_were_sent_at_once_are_sent_at_once(target: tuple[Counting, str]) -> None:
    service, endpoint = target
    pair = [exchange(post(endpoint, name.encode()), name) for name in ("x1", "x2")]
    script = python_script([pair])
    assert "pool.map" in script
    run(script)
    assert {each.body for each in service.seen} == {b"x1", b"x2"}


def test_no_script_holds_a_token_or_needs_one_that_is_not_sent() -> None:
    script = python_script([[exchange(post(Accept="*/*"))]])
    assert "environ" not in script
    assert http_file([[exchange(post(Accept="*/*"))]]).startswith("### x0001, probe P/1")


def test_a_http_file_names_its_tokens_and_keeps_bodies() -> None:
    request = post(X_Auth_Token="{{token}}", Content_Type="application/json", Content_Length="9")
    text = http_file([[exchange(request)], [exchange(post(X_Auth_Token="{{forbidden-token}}"))]])
    assert text.splitlines() == [
        "@forbidden_token = {{$processEnv CSBS_FORBIDDEN_TOKEN}}",
        "@token = {{$processEnv CSBS_TOKEN}}",
        "",
        "### x0001, probe P/1: the response was 200 OK",
        f"POST {URL}",
        "X-Auth-Token: {{token}}",
        "Content-Type: application/json",
        "",
        BODY.decode(),
        "",
        "### x0001, probe P/1: the response was 200 OK",
        f"POST {URL}",
        "X-Auth-Token: {{forbidden_token}}",
        "",
        BODY.decode(),
    ]


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (post(body=b"\xff"), "cannot hold the body"),
        (post(body=b"{{open}}"), "cannot hold the body"),
        (post(body=b"a\n### b"), "cannot hold the body"),
        (post(X_Auth_Token=Derivation.QUOTED.placeholder), "near-miss"),
        (post(X_Auth_Token="{{recorded-secret}}"), "nothing but the run can make"),
        (Request("POST", URL, (), b"", whole=False), "not recorded in full"),
    ],
)
def test_what_a_http_file_cannot_say_is_told(request_: Request, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        http_file([[exchange(request_)]])


def test_a_http_file_says_what_was_sent_at_once() -> None:
    text = http_file([[exchange(post(), "x1"), exchange(post(), "x2")]])
    assert text.count("# These were sent at once.") == 2


@pytest.mark.parametrize("path", ["/v1/../checkpoints", "/v1/.", "/v1/./x?y"])
def test_dot_segments_are_left_to_curl(path: str) -> None:
    with pytest.raises(UsageError, match="dot segments"):
        python_script([[exchange(post(f"http://127.0.0.1:1{path}"))]])
