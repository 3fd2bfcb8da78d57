"""HAR files as browsers and proxies write them, entry by entry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from ordinary import ordinary_headers
from recorded_runs import CONTRACT

from conformance.model import Fixtures
from conformance.recorded.judging import Wanted, judge_files
from conformance.report.model import Report

PROJECT = "b942cc8342734d15bcb246babb1953cf"
PLAN = "62171999-3df1-42f7-9513-6f9b1bea4744"
SERVER = "7a32a8b5-7977-4e24-b5da-e0eb457db75b"
TOKEN = "gAAAAABo-a-token-of-a-real-cloud-0123456789abcdefghijklmnopqrstuvwxyz"
OTHER_TOKEN = "gAAAAABo-another-token-of-that-cloud-zyxwvutsrqponmlkjihgfedcba98765"
COOKIE = "s%3Aq1w2e3r4t5z6u7i8o9p0a1s2d3f4g5h6"
HOST = "https://csbs.example.com"
URL = f"{HOST}/v1/{PROJECT}/providers/{CONTRACT.provider_id}/checkpoints"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KNOWN = Fixtures("", "", PROJECT, PLAN, (SERVER,), complete=False)
NUMBERS = count(1)

Json = dict[str, Any]


def asked(plan_id: object = PLAN, **parameters: object) -> Json:
    return {"checkpoint": {"plan_id": plan_id, "parameters": parameters}}


def policy(name: str, *servers: str) -> Json:
    kind = {"type": "OS::Nova::Server", "name": "web", "extra_info": "{}"}
    return {"id": name, "name": "nightly", "resources": [{"id": each, **kind} for each in servers]}


def checkpoint(number: int = 0, at: datetime = NOON, **changes: object) -> Json:
    record = {
        "status": "protecting",
        "created_at": at.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "id": f"00000000-0000-4000-8000-{number or next(NUMBERS):012d}",
        "resource_graph": None,
        "project_id": PROJECT,
        "protection_plan": policy(PLAN, SERVER),
    }
    return {"checkpoint": {**record, **changes}}


def refusal(code: str = "CSBS.0003") -> Json:
    return {"error_code": code, "error_msg": "refused"}


def entry(
    sent: object = None,
    status: int = 200,
    came: object = None,
    *,
    method: str = "POST",
    url: str = URL,
    token: str | None = TOKEN,
    headers: Mapping[str, str] | None = None,
    answer_headers: Mapping[str, str] | None = None,
    after: float = 0.0,
    **changes: Any,
) -> Json:
    """An entry as Chrome writes it; `after` is in seconds."""
    at = NOON + timedelta(seconds=after)
    body = sent if isinstance(sent, str) else json.dumps(asked() if sent is None else sent)
    if came is None:
        came = checkpoint(at=at) if status == 200 else refusal()
    text = came if isinstance(came, str) else json.dumps(came)
    sent_headers = {"content-type": "application/json", **(headers or {})}
    if token is not None:
        sent_headers["x-auth-token"] = token
    given = {"content-type": "application/json", **(answer_headers or {})}
    came_headers = dict(ordinary_headers(tuple(given.items()), at.timestamp()))
    return {
        "_initiator": {"type": "script"},
        "_priority": "High",
        "_resourceType": "fetch",
        "cache": {},
        "request": {
            "method": method,
            "url": url,
            "httpVersion": "http/2.0",
            "headers": [{"name": ":method", "value": method}, *pairs(sent_headers)],
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": len(body.encode()),
            "postData": {"mimeType": "application/json", "text": body},
        },
        "response": {
            "status": status,
            "statusText": "",
            "httpVersion": "http/2.0",
            "headers": pairs(came_headers),
            "cookies": [],
            "content": {"size": len(text.encode()), "mimeType": "application/json", "text": text},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            "_error": None,
        },
        "startedDateTime": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": 12.5,
        "timings": {"send": 0.1, "wait": 12, "receive": 0.4},
        **changes,
    }


def pairs(headers: Mapping[str, str]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def changed(value: Json, path: str, new: object) -> Json:
    """An entry with another value at a path such as `response.content.text`; `...` removes it."""
    first, _, rest = path.partition(".")
    copy = dict(value)
    if rest:
        copy[first] = changed(copy[first], rest, new)
    elif new is ...:
        copy.pop(first, None)
    else:
        copy[first] = new
    return copy


def with_headers(value: Json, given: list[Json]) -> Json:
    """An entry whose response has these headers, beside those that servers send by themselves."""
    usual = {name.lower() for name, _ in ordinary_headers((), 0)}
    kept = [each for each in value["response"]["headers"] if each["name"].lower() in usual]
    return changed(value, "response.headers", [*given, *kept])


def har(entries: Iterable[object], creator: str = "WebInspector", **more: object) -> str:
    log = {"version": "1.2", "creator": {"name": creator, "version": "1"}, **more}
    return json.dumps({"log": {**log, "entries": list(entries)}})


def judged(
    directory: Path, *entries: object, fixtures: Fixtures = KNOWN, creator: str = "WebInspector"
) -> Report:
    """What is said of a HAR file with these entries."""
    path = directory / "recorded.har"
    path.write_text(har(entries, creator), encoding="utf-8")
    return judge_files(CONTRACT, [path], Wanted(fixtures))


def without_plan(fixtures: Fixtures = KNOWN) -> Fixtures:
    return replace(fixtures, plan_id=None, resources=())
