"""A gateway that verifies signatures, and passes requests on with a token, as Huawei Cloud's does.

It works the signature out by itself, so that it can show the suite wrong.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from cli_helpers import KNOWN, WORLD, Counting

from conformance.emulator import Request, Response

ACCESS, SECRET = "ACCESSKEYOFATESTER01", "secret-key-of-a-tester-0123456789abcdefg"
FORM = re.compile(
    r"SDK-HMAC-SHA256 Access=(?P<access>[^,]+), SignedHeaders=(?P<names>[^,]+), "
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def percent(text: str) -> str:
    return "".join(
        c if c in PLAIN else "".join(f"%{b:02X}" for b in c.encode("latin-1")) for c in text
    )


def expected(request: Request, names: list[str], moment: str) -> str:
    """The signature that a request should have."""
    path, _, query = request.path.partition("?")
    written = "/".join(percent(unquote(part, "latin-1")) for part in path.split("/"))
    if written[-1] != "/":
        written += "/"
    pairs = []
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        pairs.append((percent(unquote(name, "latin-1")), percent(unquote(value, "latin-1"))))
    lines = [request.method, written, "&".join("=".join(pair) for pair in sorted(pairs))]
    lines += [f"{name}:{(request.header(name) or '').strip()}" for name in names]
    lines += ["", ";".join(names), hashlib.sha256(request.body).hexdigest()]
    hashed = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    text = f"SDK-HMAC-SHA256\n{moment}\n{hashed}"
    return hmac.digest(SECRET.encode(), text.encode(), "sha256").hex()


class Gateway(Counting):
    """Verifies signatures before the reference answers."""

    def __init__(self) -> None:
        super().__init__(WORLD)
        self.signatures: list[str] = []
        self.rejected = 0

    def is_right(self, request: Request, given: re.Match[str]) -> bool:
        moment = request.header("X-Sdk-Date") or ""
        names = given["names"].split(";")
        assert {"host", "x-sdk-date"} <= set(names)
        when = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        assert abs(datetime.now(UTC) - when) < timedelta(minutes=15)
        right = expected(request, names, moment)
        return given["access"] == ACCESS and hmac.compare_digest(given["signature"], right)

    def handle(self, request: Request) -> Response:
        given = FORM.fullmatch(request.header("Authorization") or "")
        if given is None:
            return super().handle(request)
        self.signatures.append(given["signature"])
        assert request.header("X-Project-Id") == KNOWN["project_id"]
        if not self.is_right(request, given):
            self.rejected += 1
            told = {"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication"}
            headers = (("Content-Type", "application/json"), ("WWW-Authenticate", "SDK-HMAC"))
            return Response(401, headers, json.dumps(told).encode())
        kept = tuple(pair for pair in request.headers if pair[0].lower() != "authorization")
        return super().handle(replace(request, headers=(*kept, ("X-Auth-Token", KNOWN["token"]))))


class AcceptsAnySignature(Gateway):
    """Looks at the access key only."""

    def is_right(self, request: Request, given: re.Match[str]) -> bool:
        return given["access"] == ACCESS


class WritesOddPathsInAnotherWay(Gateway):
    """Comes to another signature where a path has an escape in it."""

    def is_right(self, request: Request, given: re.Match[str]) -> bool:
        return "%" not in request.path and super().is_right(request, given)


class RepeatsWhatWasSent(Gateway):
    """Tells every header of a request in the headers of its response."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        sent = request.header("Authorization") or "nothing"
        body = response.body
        if response.status >= 400:
            document = json.loads(body)
            told = {**document, "error_msg": f"{document['error_msg']} {sent} {SECRET}"}
            body = json.dumps(told).encode()
        return replace(response, headers=(*response.headers, ("X-Sent", sent)), body=body)
