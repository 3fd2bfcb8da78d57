"""Error bodies: what the published codes say of the moment, and what an error should look like."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from judge_helpers import FIXTURES, JSON_TYPE, answer, exchange, record_of, refusal, request

from conformance.model import Headers, Response, Tolerances
from conformance.page.answer import Answer, Execution
from conformance.page.call import Call
from conformance.page.error_codes import PUBLISHED, CodeKind, error_is_json, published_reason
from conformance.page.registry import REGISTRY
from conformance.page.tables_5_to_8 import media_type

LINKED_PAGES = Path(__file__).parents[3] / "shared" / "document" / "linked-pages.md"
KINDS = {
    "busy": CodeKind.BUSY,
    "state of the fixture": CodeKind.STATE,
    "limit": CodeKind.LIMIT,
    "account": CodeKind.ACCOUNT,
    "object missing": CodeKind.REFUSAL,
    "request wrong": CodeKind.REFUSAL,
    "server fault": CodeKind.FAULT,
}
OF_THE_MOMENT = {CodeKind.BUSY, CodeKind.STATE, CodeKind.LIMIT, CodeKind.ACCOUNT}


def seen(came: Response) -> Answer:
    sent = request()
    return Answer(exchange(sent, came), Call(sent, FIXTURES))


@pytest.mark.skipif(not LINKED_PAGES.exists(), reason=f"there is no {LINKED_PAGES}")
def test_the_published_codes_are_those_of_the_page_that_the_document_links_to() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| \d+ \| (.+?) \| .+ \|$", LINKED_PAGES.read_text(), re.M)
    published = {code: KINDS[kind] for kind, codes in rows for code in codes.split(", ")}
    assert published
    assert {code: kind for code, (kind, _) in PUBLISHED.items()} == published


@pytest.mark.parametrize("code", PUBLISHED)
@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_code_for_busy_state_limit_or_account_speaks_of_the_moment(
    code: str, status: int
) -> None:
    kind, message = PUBLISHED[code]
    said = published_reason(refusal(status, code))
    if kind in OF_THE_MOMENT:
        assert said is not None
        assert said[0] is kind
        assert code in said[1]
        assert message in said[1]
    else:
        assert said is None


@pytest.mark.parametrize("code", PUBLISHED)
@pytest.mark.parametrize("status", [405, 406, 411, 413, 414, 415, 417, 431])
def test_a_status_that_speaks_of_the_request_says_so_whatever_its_code(
    code: str, status: int
) -> None:
    assert published_reason(refusal(status, code)) is None


@pytest.mark.parametrize(
    "content",
    [
        {"error_code": "CSBS.1001"},
        {"error": {"error_code": "CSBS.1001", "error_msg": "x"}},
        {"code": "CSBS.1001"},
        {"x": 1, "error": {"code": "CSBS.1001"}},
    ],
)
def test_a_code_is_found_in_the_body_and_one_level_below(content: object) -> None:
    assert published_reason(answer(500, content)) is not None


@pytest.mark.parametrize(
    "came",
    [
        answer(400, b""),
        answer(400, b"CSBS.1001"),
        answer(400, ["CSBS.1001"]),
        answer(400, {"error_code": 1001}),
        answer(400, {"error_code": "csbs.1001"}),
        answer(400, {"error_code": "CSBS.0400"}),
        answer(400, {"error_msg": "CSBS.1001"}),
        answer(200, {"error_code": "CSBS.1001"}),
        answer(202, {"error_code": "CSBS.1001"}),
        answer(302, {"error_code": "CSBS.1001"}),
        answer(400, b'{"a":' * 50_000),
    ],
)
def test_any_other_answer_says_nothing_of_the_moment(came: Response) -> None:
    assert published_reason(came) is None


def kept(clause_id: str, came: Response) -> bool:
    sent = request()
    judge = REGISTRY.errors[clause_id][1]
    return judge(Execution(exchange(sent, came), Call(sent, FIXTURES), Tolerances())) is None


TRACES = [
    'Traceback (most recent call last):\n  File "/app.py", line 3, in f',
    "SyntaxError: no JSON\n    at JSON.parse (<anonymous>)",
    "Error: no\n    at async Service.run (/srv/app/service.js:12:7)",
    '  File "/srv/app.py", line 12',
    "java.lang.NullPointerException\n\tat com.example.Foo.bar(Foo.java:12)",
    "goroutine 1 [running]:",
    'Exception in thread "main"',
    "thread 'main' panicked at src/main.rs:2",
]


@pytest.mark.parametrize("trace", TRACES)
def test_an_error_shows_no_stack_trace(trace: str) -> None:
    assert not kept("EC.body.trace", answer(500, trace.encode()))


@pytest.mark.parametrize("text", ["", "no plan", "File a ticket at line 1", "\xff"])
def test_a_plain_message_is_no_stack_trace(text: str) -> None:
    assert kept("EC.body.trace", answer(500, text.encode("latin-1")))


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (b"{}", JSON_TYPE, True),
        (b"[]", (("Content-Type", "application/problem+json"),), True),
        (b'"x"', (("content-type", "Application/JSON; charset=utf-8"),), True),
        (b"{}", (), False),
        (b"{}", (("Content-Type", "text/html"),), False),
        (b"", JSON_TYPE, False),
        (b"<html>", JSON_TYPE, False),
    ],
)
def test_an_error_is_json_and_says_so(content: bytes, headers: Headers, expected: bool) -> None:
    assert kept("EC.body.json", answer(400, content, headers)) is expected


@pytest.mark.parametrize("token", ["{{token}}", "{{token:halved}}"])
def test_an_error_does_not_repeat_the_token(token: str) -> None:
    assert not kept("EC.body.token", answer(401, f"bad token {token}".encode()))
    assert not kept("EC.body.token", answer(401, b"", (("X-Debug", f"token={token}"),)))


def test_an_error_does_not_repeat_the_token_without_permission() -> None:
    assert not kept("EC.body.token", answer(403, b"no permission for {{forbidden-token}}"))


@pytest.mark.parametrize("text", ["token", "{{open}}token}}", "{token}", ""])
def test_an_error_may_speak_of_tokens(text: str) -> None:
    assert kept("EC.body.token", answer(401, text.encode(), (("X-Debug", text),)))


@pytest.mark.parametrize(
    ("headers", "received"),
    [
        ((("Content-Type", "Text/HTML; charset=x"),), "text/html"),
        ((("Content-Type", "application/json, text/html"),), "application/json, text/html"),
        ((("Content-Type", "application/json,"),), "application/json,"),
        ((), "no Content-Type"),
    ],
)
def test_what_says_that_it_is_no_json_is_told(
    headers: tuple[tuple[str, str], ...], received: str
) -> None:
    told = ("Content-Type: application/json", received)
    sent = request()
    refused = exchange(sent, answer(400, {"error_code": "a", "error_msg": "b"}, headers))
    assert error_is_json(Answer(refused, Call(sent, FIXTURES))) == told
    executed = exchange(sent, answer(200, record_of(sent), headers))
    assert media_type(Execution(executed, Call(sent, FIXTURES), Tolerances())) == told


@pytest.mark.parametrize(
    "value",
    ["application/json, application/json", "application/json,Application/JSON;charset=UTF-8"],
)
def test_a_type_that_was_said_twice_is_one(value: str) -> None:
    """What stands on the way may join two headers by a comma (RFC 9110, 5.3)."""
    sent = request()
    executed = exchange(sent, answer(200, record_of(sent), (("Content-Type", value),)))
    assert media_type(Execution(executed, Call(sent, FIXTURES), Tolerances())) is None


@pytest.mark.parametrize(
    "text",
    [
        'Unexpected character\n at [Source: (String)"{"; line: 1, column: 2]',
        "no JSON\n  at position (3)",
    ],
)
def test_where_a_reader_stopped_is_no_stack_trace(text: str) -> None:
    assert kept("EC.body.trace", answer(400, text.encode()))
