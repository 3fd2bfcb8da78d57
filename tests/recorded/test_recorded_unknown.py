"""What a tool left out, cut, coded or wrote anew is not known: it accuses nobody, keeps nothing."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from har_files import KNOWN as KNOWN_FIXTURES
from har_files import (
    PLAN,
    TOKEN,
    URL,
    asked,
    changed,
    checkpoint,
    entry,
    judged,
    pairs,
    with_headers,
)
from har_text import har_report
from hypothesis import given
from hypothesis import strategies as st
from recorded_runs import CONTRACT, failed

from conformance.contract.clauses import Level
from conformance.judge.verdicts import ClauseVerdict, Status, Verdict
from conformance.recorded.judging import Wanted, judge_files
from conformance.recorded.taken_out import TAKEN_OUT, is_redacted
from conformance.report.curl import curl_command
from conformance.report.html import html_report
from conformance.report.model import Report

Json = dict[str, Any]
Change = Callable[[Json], Json]

ASKED = json.dumps(asked())
REFUSED = entry(asked(5), 400, after=9)
"""A request without a policy, refused as it must be."""


def clause(report: Report, clause_id: str) -> ClauseVerdict:
    return next(v for v in report.judgement.clauses if v.clause.id == clause_id)


def in_base64(text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    return base64.b64encode(data).decode()


def post_data(size: object = -1, **fields: object) -> Change:
    def change(each: Json) -> Json:
        data = {"mimeType": "application/json", **fields} if fields else ...
        return changed(changed(each, "request.postData", data), "request.bodySize", size)

    return change


def own_field(name: str, value: object) -> Change:
    return lambda each: changed(each, f"request.{name}", value)


def sent_length(length: int) -> Change:
    def change(each: Json) -> Json:
        added = pairs({"content-length": str(length)})
        return changed(each, "request.headers", [*each["request"]["headers"], *added])

    return change


TEMPLATE = json.dumps(asked("{{plan_id}}"))
REQUESTS: dict[str, Change] = {
    "none, and a size of 0 (Chrome, chrome-har)": post_data(0),
    "none, and no size": post_data(...),
    "none, and a size of -1": post_data(-1),
    "none, and a size": post_data(61),
    "an empty text, and a size of -1 (Firefox)": post_data(-1, text=""),
    "an empty text, and a size of 0": post_data(0, text=""),
    "a null": post_data(-1, text=None),
    "something else than a text": post_data(-1, text={"checkpoint": {}}),
    "something else than an object": lambda each: changed(each, "request.postData", ASKED),
    "parameters": post_data(len(ASKED), params=[{"name": ASKED, "value": ""}]),
    "a file (Playwright)": post_data(len(ASKED), text="", _file="0af.json"),
    "a comment (Firefox)": post_data(40, text=ASKED[:40], comment="Not included."),
    "a comment on a whole text": post_data(len(ASKED), text=ASKED, comment="truncated"),
    "a mark (HTTP Toolkit)": own_field("_requestBodyStatus", "discarded:too-large"),
    "a mark that it was cut": post_data(40, text=ASKED[:40], _truncated=True),
    "cut, and the size is of the cut text": post_data(40, text=ASKED[:40]),
    "cut, and no size": post_data(-1, text=ASKED[:40]),
    "cut, and the length of all is known": sent_length(len(ASKED) + 5),
    "written anew with white space": sent_length(len(ASKED) - 5),
    "base64 that does not say so": post_data(-1, text=in_base64(ASKED)),
    "base64 with its own size": post_data(len(in_base64(ASKED)), text=in_base64(ASKED)),
    "an unknown encoding": post_data(-1, text=ASKED, encoding="rot13"),
    "an encoding that is none": post_data(-1, text=ASKED, encoding=5),
    "no base64": post_data(-1, text=ASKED, encoding="base64"),
    "redacted": post_data(-1, text=json.dumps(asked("[REDACTED]"))),
    "a variable (Postman)": post_data(-1, text=json.dumps(asked("{{plan_id}}"))),
    "a variable (Insomnia)": post_data(-1, text=json.dumps(asked("{{ _.plan_id }}"))),
    "a variable (JMeter)": post_data(-1, text=json.dumps(asked("${plan_id}"))),
    "a variable (Hoppscotch)": post_data(-1, text=json.dumps(asked("<<plan_id>>"))),
    "a variable, and the length of the template": lambda each: sent_length(len(TEMPLATE))(
        post_data(-1, text=TEMPLATE)(each)
    ),
    "a tag (Insomnia)": post_data(-1, text=json.dumps(asked("{% response 'body', 'r' %}"))),
    "stars": post_data(-1, text=json.dumps(asked("*" * len(PLAN)))),
    "a JavaScript object": post_data(13, text="[object Blob]"),
    "an array of bytes": post_data(-1, text=",".join(str(byte) for byte in ASKED.encode())),
    "a typed array as JSON": post_data(-1, text=json.dumps(dict(enumerate(ASKED.encode())))),
    "a buffer as JSON": post_data(-1, text=json.dumps({"type": "Buffer", "data": [123, 125]})),
    "JSON in a string": post_data(-1, text=json.dumps(ASKED)),
    "replacement characters": post_data(-1, text='{"checkpoint": "\ufffd\ufffd"}'),
    "a lone surrogate": post_data(-1, text='{"checkpoint": "\udcff"}'),
    "more than is looked at": post_data(-1, text="x" * (4 * 1024 * 1024 + 1)),
    "still chunked": post_data(-1, text=f"{len(ASKED):x}\r\n{ASKED}\r\n0\r\n\r\n"),
    "a word": post_data(-1, text="binary"),
    "a word of its own size": post_data(6, text="binary"),
    "an empty object, for a Blob": post_data(2, text="{}"),
    "null": post_data(4, text="null"),
    "a list": post_data(2, text="[]"),
    "bytes as Python shows them": post_data(-1, text=repr(ASKED.encode())),
    "an object as Python shows it": post_data(-1, text=repr(json.loads(ASKED))),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_of_unknown_body_neither_accuses_nor_keeps(name: str, tmp_path: Path) -> None:
    executed = judged(tmp_path, REQUESTS[name](entry()), REFUSED)
    assert not failed(executed.judgement)
    assert executed.judgement.verdict is Verdict.INCONCLUSIVE
    assert clause(executed, "T6.status.values").status is Status.PASSED  # the response is known
    assert clause(executed, "S200.executed").exchanges == 0
    assert any(line.startswith("1 request with") for line in executed.warnings)
    refused = judged(tmp_path, entry(), REQUESTS[name](entry(asked(5), 400, after=9)))
    assert not failed(refused.judgement)
    assert refused.judgement.reason == "no request was refused"


@pytest.mark.parametrize("status", [400, 404, 413, 431, 500, 503])
def test_a_request_of_unknown_body_may_get_any_answer_for_its_body(
    status: int, tmp_path: Path
) -> None:
    unknown = [post_data(0)(entry(status=status, after=n * 5)) for n in range(1, 6)]
    assert not failed(judged(tmp_path, entry(), REFUSED, *unknown).judgement, Level.MUST)


def test_what_a_request_of_unknown_body_cannot_get_is_found(tmp_path: Path) -> None:
    report = judged(tmp_path, entry(), REFUSED, post_data(0)(entry(status=302, after=5)))
    assert failed(report.judgement) == {"S.listed"}


VOUCHED: dict[str, tuple[str, Change]] = {
    "nothing was sent": ("", lambda each: sent_length(0)(post_data(0)(each))),
    "nothing was sent, by a lower-case name": ("", lambda each: sent_length(0)(post_data()(each))),
    "a word": ("nonsense", lambda each: sent_length(8)(each)),
    "cut by the client": (ASKED[:40], lambda each: sent_length(40)(each)),
}


@pytest.mark.parametrize("name", VOUCHED)
def test_a_body_that_a_length_vouches_for_is_known(name: str, tmp_path: Path) -> None:
    text, change = VOUCHED[name]
    report = judged(tmp_path, entry(), change(entry(text, 200, after=5)), REFUSED)
    assert failed(report.judgement) == {"S400.not-json"}
    assert clause(report, "S400.not-json").reason.startswith("expected 400; received 200")


def test_a_request_of_unknown_body_may_be_refused_for_its_token(tmp_path: Path) -> None:
    bare = changed(entry(status=401, token=None, after=5), "request.postData", ...)
    report = judged(tmp_path, entry(), bare, REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.judged == 3


@pytest.mark.parametrize("size", [-1, 0, ...])
def test_a_get_has_no_body(size: object, tmp_path: Path) -> None:
    looked = post_data(size)(entry(method="GET", status=405, after=5))
    report = judged(tmp_path, entry(), looked, REFUSED)
    assert clause(report, "URI.get").status is Status.PASSED
    assert not report.warnings


def sent_with(name: str, value: str) -> Change:
    return lambda each: changed(
        each, "request.headers", [*each["request"]["headers"], *pairs({name: value})]
    )


def content(size: object = ..., **fields: object) -> Change:
    def change(each: Json) -> Json:
        text = {"mimeType": "application/json", "size": size, **fields}
        return changed(each, "response.content", {k: v for k, v in text.items() if v is not ...})

    return change


def came_with(name: str, value: str, then: Change) -> Change:
    def change(each: Json) -> Json:
        headers = [*each["response"]["headers"], *pairs({name: value})]
        return then(changed(each, "response.headers", headers))

    return change


CAME = json.dumps(checkpoint(3))
NAMED = json.dumps(checkpoint(3, resource_graph="Übersicht"), ensure_ascii=False)
TORN = json.dumps(checkpoint(3, resource_graph="🖥"), ensure_ascii=False).encode()
TORN = TORN.replace("🖥".encode(), "🖥".encode()[:3])
TORN_TEXT = TORN.decode("utf-8", "replace")
"""A part of a character that is as long as what stands for it."""
PACKED = gzip.compress(CAME.encode())
QUOTED = json.dumps(checkpoint(3, resource_graph="“Übersicht”"), ensure_ascii=False).replace(
    "”", "–"
)


def of_length(text: str, charset: str) -> Change:
    """A body in UTF-8 that was read in another charset, and the length that it was sent with."""
    read = text.encode().decode(charset)
    return came_with("content-length", str(len(text.encode())), content(text=read))


BYTES = json.dumps(list(CAME.encode()))
BUFFERS = json.dumps([{"type": "Buffer", "data": [123, 125]}])
CAME_IN_LIST = json.dumps([CAME])
ANSWERS: dict[str, Change] = {
    "none": content(438),
    "none, and a size of 0": content(0),
    "nothing at all": lambda each: changed(each, "response.content", ...),
    "something else than an object": lambda each: changed(each, "response.content", CAME),
    "an empty text, without a length (mitmproxy)": content(0, text=""),
    "a file (Playwright)": content(438, _file="0af.json"),
    "a comment (Firefox)": content(438, comment="Response bodies are not included."),
    "cut": content(438, text=CAME[:99]),
    "cut, and the size is of the cut text": content(99, text=CAME[:99]),
    "cut, and no size": content(text=CAME[:99]),
    "cut, and the length of all is known": came_with("content-length", "438", content(text="{}")),
    "written anew": came_with("content-length", "9", content(len(CAME), text=CAME)),
    "a mark": content(99, text=CAME[:99], _truncated=True),
    "a mark of an error": lambda each: changed(each, "response._error", "net::ERR_ABORTED"),
    "no base64": content(text=CAME, encoding="base64"),
    "base64 that does not say so": content(text=in_base64(CAME)),
    "an unknown encoding": content(text=CAME, encoding="quoted-printable"),
    "gzip that cannot be read": content(text=in_base64(PACKED[:50]), encoding="base64"),
    "gzip that no header tells of": content(text=in_base64(PACKED), encoding="base64"),
    "gzip as text": content(text=PACKED.decode("utf-8", "replace")),
    "a coding that is not known": came_with(
        "content-encoding", "br", content(text=in_base64(b"\x8b\xff" + PACKED), encoding="base64")
    ),
    "zstd": came_with(
        "content-encoding", "zstd", content(text=in_base64(b"\x28\xb5\x2f\xfd"), encoding="base64")
    ),
    "another charset": content(len(NAMED), text=NAMED),
    "read in another charset": content(len(NAMED.encode()), text=NAMED.encode().decode("latin-1")),
    "redacted": content(text=json.dumps(checkpoint(id="[REDACTED]"))),
    "blocks": content(text=json.dumps(checkpoint(id="█" * 8), ensure_ascii=False)),
    "blocks, escaped": content(text=json.dumps(checkpoint(id="■" * 3))),
    "a word for it": content(text=json.dumps(checkpoint(id="MASKED"))),
    "a word for it, in marks": content(text=json.dumps(checkpoint(project_id="{anonymised}"))),
    "a word for it, in small letters": content(text=json.dumps(checkpoint(id="redacted"))),
    "a word for it, in capitals": content(text=json.dumps(checkpoint(id="ID_REDACTED"))),
    "replacement characters": came_with("content-length", str(len(TORN)), content(text=TORN_TEXT)),
    "redacted as a whole": content(text="[application/json redacted]"),
    "a JavaScript object": content(15, text="[object Object]"),
    "an empty object": content(2, text="{}"),
    "null": content(4, text="null"),
    "a word": content(9, text="undefined"),
    "in hexadecimal": content(text=CAME.encode().hex()),
    "an empty list": content(2, text="[]"),
    "a list of bytes": content(len(BYTES), text=BYTES),
    "a list of buffers": content(len(BUFFERS), text=BUFFERS),
    "a list of texts": content(len(CAME_IN_LIST), text=json.dumps([CAME])),
    "a list that is not as large": content(99, text=f"[{CAME}]"),
    "a list without a size": content(text=f"[{CAME}]"),
    "a list that is said to be cut": content(len(CAME) + 2, text=f"[{CAME}]", _truncated=True),
    "a list with a mask": content(30, text='[{"checkpoint": "[REDACTED]"}]'),
    "still chunked": content(text=f"{len(CAME):x}\r\n{CAME}\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize(
    "name",
    [
        *("redacted backups", "masked-backup, redacted", "Unmasked"),
        *("nightly.redacted", "of-all-the-servers-redacted", "backups.of.the.unredacted.database"),
    ],
)
def test_an_ordinary_word_takes_nothing_out(name: str, tmp_path: Path) -> None:
    plan = {**checkpoint()["checkpoint"]["protection_plan"], "name": name}
    good, wrong = checkpoint(protection_plan=plan), checkpoint(protection_plan=plan, status="X")
    report = judged(tmp_path, entry(came=good), REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    report = judged(tmp_path, entry(), entry(came=wrong, after=30), REFUSED)
    assert failed(report.judgement) == {"T6.status.values"}


def test_bytes_of_a_torn_character_are_known_in_base64(tmp_path: Path) -> None:
    known = content(text=in_base64(TORN), encoding="base64")
    report = judged(tmp_path, entry(), came_with("content-length", str(len(TORN)), known)(entry()))
    assert failed(report.judgement) == {"T5.body.json"}


def test_a_list_of_objects_of_the_recorded_size_was_sent_so(tmp_path: Path) -> None:
    """Nobody makes one of an object that came."""
    listed = content(len(CAME) + 2, text=f"[{CAME}]")(entry(after=5))
    report = judged(tmp_path, entry(), listed, REFUSED)
    assert failed(report.judgement) == {"T5.body.type"}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_of_unknown_body_neither_accuses_nor_keeps(name: str, tmp_path: Path) -> None:
    report = judged(tmp_path, ANSWERS[name](entry()), ANSWERS[name](entry(after=30)), REFUSED)
    assert not failed(report.judgement)
    assert report.exit_code == 3
    assert report.judgement.reason.startswith("no execution was seen: the recording has the answer")
    assert clause(report, "S200.executed").status is Status.PASSED
    assert clause(report, "T5.body.json").exchanges == 0
    assert any(line.startswith("2 responses with") for line in report.warnings)


@pytest.mark.parametrize(
    "change",
    [
        content(36, text="<!DOCTYPE html><title>Sorry</title>\n"),
        came_with("content-length", "5", content(text="Sorry")),
        came_with("content-length", "0", content(0)),
        came_with("content-length", "9", content(text=CAME[:9])),
        came_with("content-length", "2", content(text="{}")),
    ],
    ids=["a page", "a word", "nothing", "cut by the target", "an empty object"],
)
def test_an_answer_that_is_vouched_for_is_known(change: Change, tmp_path: Path) -> None:
    accused = failed(judged(tmp_path, entry(), change(entry(after=5)), REFUSED).judgement)
    assert accused in ({"T5.body.json"}, {"T5.checkpoint.present"})


def test_an_execution_that_was_seen_is_enough_and_the_rest_is_said(tmp_path: Path) -> None:
    report = judged(tmp_path, entry(), content(438)(entry(after=5)), REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.warnings == ("1 response without a body; record with content",)


LEAVING_OUT = [
    *("truncated", "limited to 64 kB", "cut at 4 kB", "left out", "too large", "binary"),
    *("not available", "evicted from the inspector cache", "unavailable", "failed to load"),
    *("no longer kept", "the first 4096 bytes", "couldn't be read", "without the body"),
]
"""What writers say beside a body that is not whole."""
WITHOUT_BODIES = [
    f"{what} without a body; record with content" for what in ("requests", "responses")
]
REMARKS = ["decoded from gzip", "captured in full", "JSON", "executed by hand, not by the console"]


def remark(comment: str) -> Change:
    """A comment beside both bodies."""
    return lambda each: changed(
        changed(each, "request.postData.comment", comment), "response.content.comment", comment
    )


@pytest.mark.parametrize("comment", LEAVING_OUT)
def test_a_comment_that_speaks_of_leaving_out_makes_a_body_unknown(
    comment: str, tmp_path: Path
) -> None:
    wrong = entry(asked(5), after=5), entry(came=checkpoint(status="X"), after=9)
    report = judged(tmp_path, entry(), *map(remark(comment), wrong), REFUSED)
    assert not failed(report.judgement)
    assert set(report.warnings) == {f"2 {told}" for told in WITHOUT_BODIES}


@pytest.mark.parametrize("comment", REMARKS)
def test_any_other_comment_leaves_a_body_as_known_as_it_is(comment: str, tmp_path: Path) -> None:
    conforming = judged(tmp_path, remark(comment)(entry()), remark(comment)(REFUSED))
    assert conforming.judgement.verdict is Verdict.CONFORMS
    assert not conforming.warnings
    wrong = entry(asked(5), after=5), entry(came=checkpoint(status="X"), after=9)
    report = judged(tmp_path, entry(), *map(remark(comment), wrong), REFUSED)
    assert failed(report.judgement) == {"T3.plan_id.type", "T6.status.values"}


@pytest.mark.parametrize("size", [-1, 0, 9, ...])
def test_a_comment_beside_a_body_that_no_length_vouches_for_leaves_it_unknown(
    size: object, tmp_path: Path
) -> None:
    wrong = remark("JSON")(entry(came=checkpoint(status="X"), after=5))
    unsure = changed(wrong, "response.content.size", size)
    report = judged(tmp_path, entry(), unsure, REFUSED)
    assert not failed(report.judgement)
    assert report.warnings == ("1 response without a body; record with content",)
    length = str(len(wrong["response"]["content"]["text"]))
    vouched = came_with("Content-Length", length, lambda each: each)(unsure)
    assert failed(judged(tmp_path, entry(), vouched, REFUSED).judgement) == {"T6.status.values"}


def test_a_comment_where_no_text_is_leaves_a_body_unknown(tmp_path: Path) -> None:
    nothing = changed(remark("nothing to see")(entry(after=5)), "response.content.text", "")
    report = judged(tmp_path, entry(), came_with("Content-Length", "0", lambda each: each)(nothing))
    assert not failed(report.judgement)


def test_a_comment_that_names_the_encoding_is_one(tmp_path: Path) -> None:
    wrong = json.dumps(asked(5))
    coded = post_data(len(wrong), text=in_base64(wrong), comment="base64")
    report = judged(tmp_path, entry(), coded(entry(after=5)), REFUSED)
    assert failed(report.judgement) == {"T3.plan_id.type"}


KNOWN: dict[str, Change] = {
    "base64 in another case": content(text=in_base64(CAME), encoding="Base64"),
    "base64 with white space": content(text=in_base64(CAME).replace("Q", "\nQ"), encoding="BASE64"),
    "base64 with its own size": content(
        len(in_base64(CAME)), text=in_base64(CAME), encoding="base64"
    ),
    "an encoding that is the charset": content(text=CAME, encoding="UTF-8"),
    "gzip as base64": came_with(
        "Content-Encoding", "gzip", content(text=in_base64(PACKED), encoding="base64")
    ),
    "gzip as Latin-1": came_with(
        "content-encoding", "gzip", content(text=PACKED.decode("latin-1"))
    ),
    "decoded, with the header of the coding": came_with(
        "content-encoding", "br", came_with("content-length", "99", content(text=CAME))
    ),
    "the size of the compressed body": content(99, text=CAME),
    "no other than its length": came_with("content-length", str(len(CAME)), content(text=CAME)),
    "other letters": content(len(NAMED.encode()), text=NAMED),
    "UTF-8 that was read as Latin-1, and its length": of_length(NAMED, "latin-1"),
    "UTF-8 that was read as Windows-1252, and its length": of_length(QUOTED, "cp1252"),
    "a status with a fraction": lambda each: changed(each, "response.status", 200.0),
    "a status as a text": lambda each: changed(each, "response.status", "200"),
    "own fields of any type": lambda each: {
        **changed(each, "response._error", {}), "_x": [{}], "comment": 5, "time": "12"
    },
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_what_can_be_read_is_read(name: str, tmp_path: Path) -> None:
    report = judged(tmp_path, KNOWN[name](entry()), REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert not report.warnings


WRONG = json.dumps(checkpoint(3, status="PROTECTING"))
MASK_LIKE = ("masking", "unmasked", "hidden", "removed")
WRONG_ANSWERS: dict[str, Change] = {
    "base64": content(text=in_base64(WRONG), encoding="Base64"),
    "gzip": came_with(
        "content-encoding",
        "gzip",
        content(text=in_base64(gzip.compress(WRONG.encode())), encoding="base64"),
    ),
    "no headers": lambda each: no_headers(content(text=WRONG)(each)),
    "unknown request": lambda each: post_data(0)(content(text=WRONG)(each)),
    "the usual port": lambda each: changed(
        content(text=WRONG)(each), "request.url", URL.replace(".com/", ".com:443/")
    ),
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_what_was_recorded_accuses_all_the_same(name: str, tmp_path: Path) -> None:
    report = judged(tmp_path, entry(), WRONG_ANSWERS[name](entry(after=3)), REFUSED)
    assert failed(report.judgement) == {"T6.status.values"}


@pytest.mark.parametrize("status", MASK_LIKE)
def test_a_word_that_a_target_may_say_is_no_mask(status: str, tmp_path: Path) -> None:
    report = judged(tmp_path, entry(came=checkpoint(status=status)), REFUSED)
    assert failed(report.judgement) == {"T6.status.values"}


NOT_THE_TARGETS: dict[str, Change] = {
    "Chrome, a service worker": lambda each: changed(
        each, "response._fetchedViaServiceWorker", True
    ),
    "Chrome, its cache": lambda each: {**each, "_fromCache": "disk"},
    "Safari, a service worker": lambda each: {**each, "_fetchType": "Service Worker"},
    "Safari, its memory": lambda each: {**each, "_fetchType": "Memory Cache"},
    "Safari, its disk": lambda each: {**each, "_fetchType": "Disk Cache"},
    "Safari, an override": lambda each: {**each, "_fetchType": "Inspector Override"},
    "Playwright, a route": lambda each: {**each, "_wasFulfilled": True},
    "a library": lambda each: {**each, "fromServiceWorker": True},
    "a mock": came_with("x-powered-by", "msw", lambda each: each),
}


@pytest.mark.parametrize("name", NOT_THE_TARGETS)
def test_an_answer_that_is_not_the_targets_is_left_out(name: str, tmp_path: Path) -> None:
    mock = NOT_THE_TARGETS[name](entry(came={"mock": True}, after=5))
    report = judged(tmp_path, entry(), mock, REFUSED)
    assert not failed(report.judgement)
    assert report.warnings == ("skipped 1 exchange answered by the browser itself",)


def test_a_get_that_the_cache_had_is_left_out(tmp_path: Path) -> None:
    """chrome-har says so by what HAR 1.2 has for it; no POST is answered from a cache."""
    cached = {**entry(method="GET", after=5), "cache": {"beforeRequest": {"hitCount": 0}}}
    report = judged(tmp_path, entry(), cached, REFUSED)
    assert report.warnings == ("skipped 1 exchange answered by the browser itself",)


LOCAL_FILES = [
    *(("X-Charles-Map-Local", "/home/me/a.json"), ("x-proxyman-map-local", "/home/me/a.json")),
    *(("X-Proxyman-Local", "a.json"), ("Server", "mitmproxy 12.1.2"), ("server", "mitmproxy 7.0")),
    *(("FiddlerTemplate", "True"), ("fiddlertemplate", "true")),
]


@pytest.mark.parametrize(("name", "value"), LOCAL_FILES)
def test_a_local_file_that_a_proxy_answers_with_is_left_out(
    name: str, value: str, tmp_path: Path
) -> None:
    mock = entry(came={"mock": True}, answer_headers={name: value}, after=5)
    report = judged(tmp_path, entry(), mock, REFUSED)
    assert not failed(report.judgement)
    assert report.warnings == ("skipped 1 exchange answered by a proxy on the way",)


OWN_ERRORS = [
    *((502, "Fiddler - Connection Failed"), (502, "Fiddler - DNS Lookup Failed")),
    *((504, "Fiddler - Receive Failure"), (502, "fiddler - gateway connection failed")),
]


@pytest.mark.parametrize(("status", "reason"), OWN_ERRORS)
def test_what_a_proxy_says_where_it_reached_nobody_is_left_out(
    status: int, reason: str, tmp_path: Path
) -> None:
    own = changed(
        entry(came="[Fiddler] it failed", status=status, after=5), "response.statusText", reason
    )
    report = judged(tmp_path, entry(), own, REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.warnings == ("skipped 1 exchange answered by a proxy on the way",)


OWN_PAGES = [
    (502, "<html><head><title>Burp Suite Professional</title></head><body>Error: Unknown host"),
    (503, "<html>\n<head>\n<title>Charles Error Report</title>\n</head>"),
    (504, "ZAP Error [java.net.SocketTimeoutException]: Read timed out"),
]


@pytest.mark.parametrize("in_bytes", [False, True])
@pytest.mark.parametrize(("status", "page"), OWN_PAGES)
def test_a_page_that_a_proxy_shows_where_it_reached_nobody_is_left_out(
    status: int, page: str, in_bytes: bool, tmp_path: Path
) -> None:
    shown = content(text=in_base64(page), encoding="base64") if in_bytes else content(text=page)
    own = shown(entry(status=status, after=5))
    report = judged(tmp_path, entry(), own, REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.warnings == ("skipped 1 exchange answered by a proxy on the way",)
    answered = shown(entry(status=500, after=5))
    assert judged(tmp_path, entry(), answered, REFUSED).judged == 3


def test_an_error_of_squid_is_left_out(tmp_path: Path) -> None:
    own = entry(status=503, came="", answer_headers={"X-Squid-Error": "ERR_DNS_FAIL 0"}, after=5)
    report = judged(tmp_path, entry(), own, REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.warnings == ("skipped 1 exchange answered by a proxy on the way",)


@pytest.mark.parametrize(
    "change",
    [
        came_with("x-charles-rewrite", "1", lambda each: each),
        lambda each: changed(each, "response.statusText", "Fiddler"),
        came_with("Server", "mitmproxy-gateway 2", lambda each: each),
        came_with("FiddlerTemplate", "False", lambda each: each),
        lambda each: {**each, "_fetchType": "Network Load", "cache": {"beforeRequest": None}},
        lambda each: {**each, "cache": {"beforeRequest": {"lastAccess": "", "hitCount": 0}}},
        lambda each: changed(each, "response._fetchedViaServiceWorker", False),
        lambda each: {**each, "_fromCache": None, "_wasFulfilled": False},
    ],
)
def test_an_answer_that_is_the_targets_is_judged(change: Change, tmp_path: Path) -> None:
    report = judged(tmp_path, entry(), change(entry(came={"odd": True}, after=5)), REFUSED)
    assert failed(report.judgement) == {"T5.checkpoint.present"}


def no_headers(each: Json) -> Json:
    return changed(changed(each, "request.headers", []), "response.headers", [])


def without_types(each: Json) -> Json:
    types = changed(each, "response.content.mimeType", "x-unknown")
    return changed(types, "request.postData.mimeType", "")


HEADERS: dict[str, Change] = {
    "empty lists (BrowserMob)": no_headers,
    "no lists": lambda each: changed(
        changed(each, "request.headers", ...), "response.headers", ...
    ),
    "nulls": lambda each: changed(changed(each, "request.headers", None), "response.headers", None),
}


@pytest.mark.parametrize("name", HEADERS)
def test_where_no_headers_were_recorded_the_types_beside_the_bodies_stand_in(
    name: str, tmp_path: Path
) -> None:
    report = judged(tmp_path, HEADERS[name](entry()), HEADERS[name](REFUSED))
    assert report.judgement.verdict is Verdict.CONFORMS
    assert clause(report, "T5.body.media-type").status is Status.PASSED
    assert len(report.warnings) == 2


@pytest.mark.parametrize("name", HEADERS)
def test_without_headers_and_types_nothing_is_decided_on_them(name: str, tmp_path: Path) -> None:
    entries = [
        HEADERS[name](without_types(each))
        for each in (entry(), entry(status=415, after=3), entry(status=431, after=4), REFUSED)
    ]
    report = judged(tmp_path, *entries)
    assert not failed(report.judgement)
    assert not clause(report, "T5.body.media-type").exchanges
    assert not clause(report, "T2.body.media-type").exchanges
    assert not clause(report, "S401.no-token").exchanges


def test_without_the_clock_of_the_answer_that_of_the_recorder_accuses_nobody(
    tmp_path: Path,
) -> None:
    late = entry(
        came=checkpoint(created_at="2026-03-01T13:07:00.000000+00:00"),
        answer_headers={"Date": "Sun, 01 Mar 2026 12:00:00 GMT"},
    )
    assert "T6.created_at.fresh" in failed(judged(tmp_path, late, REFUSED).judgement)
    without = changed(late, "response.headers", late["response"]["headers"][:1])
    for unknown in (no_headers(late), without):
        report = judged(tmp_path, unknown, REFUSED)
        assert "T6.created_at.fresh" not in failed(report.judgement)
        assert not clause(report, "T6.created_at.fresh").exchanges


ODD_HEADERS: list[object] = [
    {"name": "Content-Type", "value": None},
    {"name": "Content-Type", "value": ["application/json"]},
    {"name": "Content-Type"},
    {"name": "Content-Type", "value": "[REDACTED]"},
    "Content-Type: application/json",
    None,
]


@pytest.mark.parametrize("odd", ODD_HEADERS)
def test_an_odd_header_costs_the_header(odd: object, tmp_path: Path) -> None:
    each = changed(without_types(entry(after=3)), "response.headers", [odd, *pairs({"a": "b"})])
    report = judged(tmp_path, entry(), each, REFUSED)
    assert not failed(report.judgement)
    assert report.judged == 3
    assert clause(report, "T5.body.media-type").exchanges == 1


def test_headers_that_are_a_copy_of_the_requests_are_none_of_the_response(tmp_path: Path) -> None:
    """A request has a Host, and a response has none (RFC 9110, 7.2)."""

    def copied(each: Json, **more: str) -> Json:
        sent = [*pairs({"Host": "csbs.example.com", **more}), *each["request"]["headers"]]
        each = changed(each, "request.headers", sent)
        return changed(each, "response.headers", each["request"]["headers"])

    plain = entry(headers={"content-type": "text/plain"}, after=5)
    report = judged(tmp_path, entry(), copied(plain), REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert "1 response without all headers; record with headers" in report.warnings
    wrong = copied(entry(came=checkpoint(status="X"), after=5), **{"Content-Length": "5"})
    assert failed(judged(tmp_path, entry(), wrong, REFUSED).judgement) == {"T6.status.values"}
    untold = changed(copied(plain), "response.content.mimeType", "text/plain")
    assert not failed(judged(tmp_path, entry(), untold, REFUSED).judgement)


def test_what_a_response_with_a_host_has_of_its_own_is_judged(tmp_path: Path) -> None:
    """The server that is built into PHP sends the Host back."""
    each = changed(entry(after=5), "response.content.mimeType", "text/html")
    own = with_headers(each, pairs({"Host": "csbs.example.com", "Content-Type": "text/html"}))
    report = judged(tmp_path, entry(), own, REFUSED)
    assert failed(report.judgement) == {"T5.body.media-type"}


@pytest.mark.parametrize("odd", [None, 5.5, True, "[REDACTED]", "********"])
def test_an_odd_token_is_not_a_missing_one(odd: object, tmp_path: Path) -> None:
    headers = [{"name": "X-Auth-Token", "value": odd}, *pairs({"content-type": "application/json"})]
    entries = [changed(entry(after=n), "request.headers", headers) for n in (3, 4)]
    assert not failed(judged(tmp_path, entry(), *entries, REFUSED).judgement)


HEAD, CLAIMS, SIGNATURE = in_base64('{"alg":"RS256"}'), in_base64('{"sub":"me"}'), "c2lnbmF0dXJl"
PARTLY_MASKED = [
    f"{HEAD}.{CLAIMS}.redacted",
    f"{HEAD}.Masked.{SIGNATURE}",
    f"redacted.{CLAIMS}.{SIGNATURE}",
    f"v2:{SIGNATURE}{SIGNATURE}:sanitized",
    f"{SIGNATURE}{SIGNATURE}~scrubbed",
]
"""Tokens of which a sanitizer took a part out."""


@pytest.mark.parametrize("token", PARTLY_MASKED)
def test_a_token_of_which_a_part_was_taken_out_is_not_known(token: str, tmp_path: Path) -> None:
    """Another token, whose signature was wrong, looks the same."""
    refusals = [entry(status=401, token=token, after=n * 10) for n in (1, 3)]
    executions = [entry(token=token, after=n * 10) for n in (0, 2, 4)]
    report = judged(tmp_path, *executions, *refusals, entry(asked(5), 400, token=token, after=90))
    assert not failed(report.judgement)
    whole = json.dumps([*executions, *refusals]).replace(token, HEAD + CLAIMS + SIGNATURE)
    assert failed(judged(tmp_path, *json.loads(whole)).judgement) == {"S200.executed"}


@pytest.mark.parametrize("token", PARTLY_MASKED)
def test_a_body_with_such_a_token_is_not_as_it_was_sent(token: str, tmp_path: Path) -> None:
    unknown = entry(came=checkpoint(status=token), after=5)
    report = judged(tmp_path, entry(), unknown, REFUSED)
    assert not failed(report.judgement)
    assert report.warnings == (
        "1 response with a body that may not be as it was sent; record it as it is",
    )


LOGINS = (
    *(
        "X-Apig-AppCode",
        "X-HW-AppKey",
        "Ocp-Apim-Subscription-Key",
        "X-Access-Key",
        "x-functions-key",
    ),
    *(
        "X-JWT-Assertion",
        "jwt",
        "X-Sign",
        "sign",
        "X-Ca-Signature",
        "X-Client-Cert",
        "SSL_CLIENT_CERT",
    ),
    *("X-Forwarded-Client-Cert", "X-Ssl-Client-Verify", "X-Remote-User", "X-Forwarded-User"),
)
NO_LOGINS = (
    *("X-Request-Id", "traceparent", "authority", "X-Original-Authority", "X-Author", "User-Agent"),
    *(
        "Idempotency-Key",
        "X-Country-Code",
        "X-Design",
        "X-Forwarded-For",
        "Upgrade-Insecure-Requests",
    ),
)
OTHER_LOGINS: dict[str, Change] = {
    "a cookie in the list of them": lambda each: changed(
        each, "request.cookies", [{"name": "JSESSIONID", "value": "s-1"}]
    ),
    "a login in the URL": lambda each: changed(
        each, "request.url", URL.replace("https://", "https://me:secret@")
    ),
    "a key": sent_with("X-Api-Key", "k-123"),
    "a temporary token": sent_with("X-Security-Token", "t"),
    "a proxy's login": sent_with("Proxy-Authorization", "Basic x"),
    "the date of a signature": sent_with("X-Sdk-Date", "20260301T120000Z"),
    "the date of another signature": sent_with("x-amz-date", "20260301T120000Z"),
    "the digest of a signature": sent_with("X-Amz-Content-Sha256", "0" * 64),
    **{name: sent_with(name, "0a1b2c3d") for name in LOGINS},
}


@pytest.mark.parametrize("name", OTHER_LOGINS)
def test_who_logs_in_elsewhere_does_not_lack_a_token(name: str, tmp_path: Path) -> None:
    other = OTHER_LOGINS[name](entry(token=None, after=5))
    assert not failed(judged(tmp_path, entry(), other, REFUSED).judgement)


@pytest.mark.parametrize(
    "change",
    [
        lambda each: each,
        sent_with("X-Auth-Token", ""),
        sent_with("X-Api-Key", ""),
        *(sent_with(name, "0a1b2c3d") for name in NO_LOGINS),
        lambda each: changed(each, "request.cookies", [{}, None, {"name": "a", "value": ""}]),
    ],
)
def test_who_does_not_log_in_lacks_a_token(change: Change, tmp_path: Path) -> None:
    other = change(entry(token=None, after=5))
    assert failed(judged(tmp_path, entry(), other, REFUSED).judgement) == {"S401.no-token"}


def test_a_type_that_stands_beside_the_body_says_that_a_header_is_missing(tmp_path: Path) -> None:
    each = with_headers(entry(after=3), pairs({"server": "nginx"}))
    report = judged(tmp_path, entry(), each, REFUSED)
    assert not failed(report.judgement)
    plain = changed(each, "response.content.mimeType", "text/plain")
    assert failed(judged(tmp_path, entry(), plain, REFUSED).judgement) == {"T5.body.media-type"}


def test_values_that_chrome_joins_are_several_headers(tmp_path: Path) -> None:
    each = with_headers(entry(), pairs({"content-type": "application/json\ntext/plain"}))
    assert not failed(judged(tmp_path, each, REFUSED).judgement)


def test_a_reproducer_takes_the_token_from_the_environment(tmp_path: Path) -> None:
    for each in (entry(asked(5), 200, came=checkpoint(), after=2), entry(status=302)):
        (broken,) = judged(tmp_path, each, REFUSED).exchanges
        command = curl_command(broken.request)
        assert '-H "x-auth-token: $CSBS_TOKEN"' in command
        assert TOKEN not in command
        assert "recorded-" not in command


def test_a_reproducer_says_what_was_not_recorded(tmp_path: Path) -> None:
    signed = {"Authorization": "SDK-HMAC-SHA256 Access=x, Signature=0123456789abcdef"}
    each = post_data(0)(entry(status=302, token=None, headers=signed))
    command = curl_command(judged(tmp_path, each).exchanges[0].request)
    assert command.startswith("# a secret was not kept: put one for {{recorded-secret}}\n")
    assert "# its body was not recorded: save one to the file `body` first\n" in command
    assert command.endswith("--data-binary @body")
    bare = judged(tmp_path, changed(entry(status=302), "request.headers", [])).exchanges[0]
    assert "# not all of its headers were recorded\n" in curl_command(bare.request)


def test_a_report_tells_what_is_not_known_from_what_is_empty(tmp_path: Path) -> None:
    report = judged(tmp_path, ANSWERS["none"](post_data(0)(entry(status=302))), REFUSED)
    (written,) = json.loads(har_report(report))["log"]["entries"]
    assert "postData" not in written["request"]
    assert written["request"]["bodySize"] == -1
    assert "text" not in written["response"]["content"]
    again = tmp_path / "again.har"
    again.write_text(har_report(report), encoding="utf-8")
    judgement = judge_files(CONTRACT, [again], Wanted(KNOWN_FIXTURES)).judgement
    assert failed(judgement) == {"S.listed"}
    assert "a body that was not recorded" in html_report(report)


WORDS = (
    *("redacted", "masked", "scrubbed", "obfuscated", "anonymized", "anonymised"),
    *("sanitized", "sanitised"),
)


@given(
    st.text(max_size=20),
    st.sampled_from([*TAKEN_OUT, *map('"{}"'.format, WORDS), "REDACTED", "███", "\\u2588" * 3]),
    st.text(max_size=20),
)
def test_what_is_put_in_a_place_is_seen_in_any_text(before: str, mark: str, behind: str) -> None:
    assert is_redacted(f"{before} {mark} {behind}")


@pytest.mark.parametrize("word", WORDS)
def test_a_word_that_is_a_part_of_a_token_is_seen(word: str) -> None:
    assert is_redacted(f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{word}")
