"""HAR files as their writers leave them: of the emulator, which conforms, by those that run here.

`writers/` has what each wrote of the same eleven requests: three that are executed (the body of one
is a Blob), and eight that are refused, one of them without a body. The rest is told by its source.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import zipfile
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from har_files import KNOWN, asked, changed, checkpoint, entry, har, pairs, with_headers
from recorded_runs import CONTRACT, failed

from conformance.errors import UsageError
from conformance.judge.verdicts import Verdict
from conformance.recorded.judging import Wanted, judge_files
from conformance.report.model import Report

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reference" / "recordings.md"
CONFORMS, UNDECIDED = Verdict.CONFORMS, Verdict.INCONCLUSIVE
NO_REQUESTS, NO_RESPONSES = (
    "requests without a body; record with content",
    "responses without a body; record with content",
)
BLOB = "1 request without a body; record with content"
NO_HOST = "10 requests without all headers; record with headers"
CHANGED = "with a body that may not be as it was sent; record it as it is"

RECORDED: dict[str, tuple[str, Verdict, tuple[str, ...]]] = {
    "axios-har-tracker": ("axios-har-tracker", UNDECIDED, (f"11 responses {CHANGED}",)),
    "chrome-har, with text": ("chrome-har", UNDECIDED, (f"8 {NO_REQUESTS}",)),
    "chrome-har": (
        "chrome-har-no-text", UNDECIDED, (f"8 {NO_REQUESTS}", f"11 {NO_RESPONSES}")
    ),
    "chrome-har-capturer": (
        "chrome-har-capturer", CONFORMS, (f"1 request {CHANGED}", f"2 {NO_REQUESTS}")
    ),
    "har-recorder": ("har-recorder", CONFORMS, (f"1 request {CHANGED}", BLOB)),
    "mitmproxy": ("mitmproxy-plain", CONFORMS, ()),
    "mitmproxy, streaming": (
        "mitmproxy-stream", UNDECIDED, (f"10 {NO_REQUESTS}", f"11 {NO_RESPONSES}")
    ),
    "Playwright, embed": ("playwright-embed", CONFORMS, (BLOB,)),
    "Playwright, minimal": ("playwright-minimal", CONFORMS, (BLOB,)),
    "Playwright, attach, without its files": (
        "playwright-attach", UNDECIDED, (f"10 {NO_REQUESTS}", f"11 {NO_RESPONSES}")
    ),
    "Playwright, omit": (
        "playwright-omit", UNDECIDED, (f"10 {NO_REQUESTS}", f"11 {NO_RESPONSES}")
    ),
    "Playwright, with a service worker": ("playwright-worker", CONFORMS, (NO_HOST,)),
    "Playwright, with a service worker that adds the token": (
        "playwright-worker-token", CONFORMS, (NO_HOST,)
    ),
}  # fmt: skip


def text_of(name: str) -> str:
    return gzip.decompress((HERE / "writers" / f"{name}.har.gz").read_bytes()).decode()


def judged(text: str, directory: Path) -> Report:
    path = directory / "recorded.har"
    path.write_text(text, encoding="utf-8")
    return judge_files(CONTRACT, [path], Wanted(KNOWN))


@pytest.mark.parametrize("name", RECORDED)
def test_what_a_writer_left_of_a_target_that_conforms(name: str, tmp_path: Path) -> None:
    file, verdict, said = RECORDED[name]
    report = judged(text_of(file), tmp_path)
    assert not failed(report.judgement)
    assert report.judgement.verdict is verdict
    assert set(said) <= set(report.warnings)


@pytest.mark.parametrize("name", RECORDED)
def test_what_a_writer_left_of_a_target_that_does_not(name: str, tmp_path: Path) -> None:
    """A status of the same length as the right one: it shows wherever it was recorded."""
    file = RECORDED[name][0]
    text = text_of(file).replace("protecting", "PROTECTING")
    seen = "PROTECTING" in text
    assert failed(judged(text, tmp_path).judgement) == ({"T6.status.values"} if seen else set())


def test_bodies_that_stand_beside_the_file_are_read(tmp_path: Path) -> None:
    embedded = json.loads(text_of("playwright-embed"))["log"]["entries"]
    attached = json.loads(text_of("playwright-attach"))
    digests = {
        sha1(text.encode(), usedforsecurity=False).hexdigest(): text
        for each in embedded
        for holder in (each["request"].get("postData", {}), each["response"]["content"])
        if (text := holder.get("text"))
    }
    names = set(re.findall(r"[0-9a-f]{40}\.\w+", json.dumps(attached)))
    known = [name for name in names if name[:40] in digests]
    for name in known:
        (tmp_path / name).write_text(digests[name[:40]], encoding="utf-8")
    report = judged(json.dumps(attached), tmp_path)
    assert report.judgement.verdict is not Verdict.VIOLATES
    assert BLOB in report.warnings  # the responses of the other run were other ones


def test_an_archive_is_read_with_the_bodies_in_it(tmp_path: Path) -> None:
    text = json.dumps(checkpoint())
    name = f"{sha1(text.encode(), usedforsecurity=False).hexdigest()}.json"
    each = changed(entry(), "response.content", {"size": len(text), "_file": name})
    with zipfile.ZipFile(tmp_path / "recorded.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("har.har", har([each, REFUSED]))
        archive.writestr(name, text)
    report = judge_files(CONTRACT, [tmp_path / "recorded.zip"], Wanted(KNOWN))
    assert report.judgement.verdict is Verdict.CONFORMS
    assert not report.warnings


def test_what_macos_packs_beside_a_file_is_no_file_of_its_own(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "recorded.zip", "w") as archive:
        archive.writestr("day/recorded.har", har([entry(), REFUSED]))
        archive.writestr("__MACOSX/day/._recorded.har", b"\0\5\x16\7")
        archive.writestr("day/._recorded.har", b"\0\5\x16\7")
    report = judge_files(CONTRACT, [tmp_path / "recorded.zip"], Wanted(KNOWN))
    assert report.judgement.verdict is Verdict.CONFORMS


@pytest.mark.parametrize("names", [[], ["one.har", "two.har"]])
def test_an_archive_without_one_har_file_is_wrong_use(names: list[str], tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "recorded.zip", "w") as archive:
        archive.writestr("other.txt", "")
        for name in names:
            archive.writestr(name, har([entry()]))
    with pytest.raises(UsageError, match=r"does not hold one HAR file for all to read; unpack it"):
        judge_files(CONTRACT, [tmp_path / "recorded.zip"], Wanted(KNOWN))


@pytest.mark.parametrize("name", ["../secret.json", "/etc/passwd", "a" * 40, f"{'a' * 40}/x", ""])
def test_a_recording_leads_to_no_other_file(name: str, tmp_path: Path) -> None:
    for place in (tmp_path / ("a" * 40), tmp_path.parent / "secret.json"):
        place.write_text(json.dumps(checkpoint()), encoding="utf-8")
    each = changed(entry(), "response.content", {"size": 9, "_file": name})
    report = judged(har([each, REFUSED]), tmp_path)
    assert report.warnings == ("1 response without a body; record with content",)


REFUSED = entry(asked(5), 400, after=90)
CAME = json.dumps(checkpoint(3))
PACKED = base64.b64encode(gzip.compress(CAME.encode())).decode()
Json = dict[str, Any]


def without_post_data(each: Json) -> Json:
    return changed(changed(each, "request.postData", ...), "request.bodySize", 0)


def said_by_firefox(each: Json) -> Json:
    data = {"mimeType": "application/json", "params": [], "text": "", "comment": "Not included."}
    return changed(each, "request.postData", data)


def packed(each: Json) -> Json:
    headers = pairs({"Content-Type": "application/json", "Content-Encoding": "gzip"})
    content = {"size": len(PACKED), "encoding": "base64", "text": PACKED}
    return changed(with_headers(each, headers), "response.content", content)


def redacted(each: Json) -> Json:
    headers = [*pairs({"content-type": "application/json"}), {"name": "x-auth-token"}]
    headers[1]["value"] = "[x-auth-token redacted]"
    return changed(each, "request.headers", headers)


def without_signature(each: Json) -> Json:
    token = {"x-auth-token": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.redacted"}
    headers = pairs({"content-type": "application/json", **token})
    return changed(each, "request.headers", headers)


def copied(each: Json) -> Json:
    sent = [*each["request"]["headers"], *pairs({"Host": "csbs.example.com"})]
    return changed(changed(each, "request.headers", sent), "response.headers", sent)


def without_headers(each: Json) -> Json:
    return changed(changed(each, "request.headers", []), "response.headers", [])


TOLD: dict[str, tuple[Callable[[Json], Json], Verdict]] = {
    "Chrome and Edge, developer tools": (without_post_data, UNDECIDED),
    "Chrome, a service worker": (
        lambda each: changed(each, "response._fetchedViaServiceWorker", True), UNDECIDED
    ),
    "Chromium by WebDriver BiDi": (without_post_data, UNDECIDED),
    "Firefox, without bodies": (said_by_firefox, UNDECIDED),
    "Safari, a service worker": (
        lambda each: {**each, "_fetchType": "Service Worker"}, UNDECIDED
    ),
    "Safari": (lambda each: {**each, "_fetchType": "Network Load"}, CONFORMS),
    "BrowserMob Proxy, without headers": (without_headers, CONFORMS),
    "BrowserMob Proxy, selenium-wire": (packed, CONFORMS),
    "Charles": (
        lambda each: changed(
            changed(each, "time", -1), "response.content",
            {"encoding": "base64", "text": base64.b64encode(CAME.encode()).decode()},
        ),
        CONFORMS,
    ),
    "Fiddler": (
        lambda each: {
            **each, "startedDateTime": "2026-03-01T13:00:00.1234567+01:00", "comment": "[#7]"
        },
        CONFORMS,
    ),
    "Fiddler, a rule of its AutoResponder": (
        lambda each: with_headers(each, pairs({"FiddlerTemplate": "True"})), UNDECIDED
    ),
    "HTTP Toolkit, a large body": (
        lambda each: changed(
            without_post_data(each), "request._requestBodyStatus", "discarded:too-large"
        ),
        UNDECIDED,
    ),
    "Cloudflare's sanitizer": (redacted, CONFORMS),
    "Cloudflare's sanitizer, signatures": (without_signature, CONFORMS),
    "Levo's extension of Burp": (copied, CONFORMS),
    "Writers in Java with Gson": (
        lambda each: changed(each, "response.status", 200.0), CONFORMS
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_of_a_writer(name: str, tmp_path: Path) -> None:
    change, verdict = TOLD[name]
    report = judged(har([change(entry()), REFUSED]), tmp_path)
    assert not failed(report.judgement)
    assert report.judgement.verdict is verdict


def test_the_table_of_the_docs_has_a_row_for_each_writer_that_is_tried() -> None:
    row = re.compile(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \| (judged|undecided)\b[^|]* \|$", re.M)
    rows = {name: (version, what) for name, version, what in row.findall(PAGE.read_text())}
    word = {CONFORMS: "judged", UNDECIDED: "undecided"}
    tried = {name: verdict for name, (_, verdict, _) in RECORDED.items()}
    tried |= {name: verdict for name, (_, verdict) in TOLD.items()}
    assert {name: what for name, (_, what) in rows.items()} == {
        name: word[verdict] for name, verdict in tried.items()
    }
    for name, (file, _, _) in RECORDED.items():
        creator = json.loads(text_of(file))["log"]["creator"]
        if creator["name"] in name and name != "axios-har-tracker":  # which always says 0.1.0
            assert rows[name][0] == creator["version"]
