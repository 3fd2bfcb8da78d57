"""Faults in how a request is written down: escapes, encodings, sizes, numbers (400, 500)."""
# ruff: noqa: D102

import codecs
import json
import math
import re
from collections.abc import Iterator
from urllib.parse import unquote

from conformance.emulator.faults.parts import HANG_UP, crash
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import CheckpointReq, Request, Response
from conformance.emulator.service import Service
from conformance.emulator.world import Policy

_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PAGE = 8_192
_OF_LAX = {"lax": ("T2.body.media-type",)}
"""There, ten executions show no media type by itself, so that it is to blame as well."""


@fault("path-not-utf-8-crashes", breaks="S500.momentary", odd=True)
class PathNotUtf8Crashes(Service):
    """Escapes in the path that are no UTF-8 are decoded without a catch: 500."""

    def answer(self, request: Request) -> Response:
        try:
            unquote(request.path, errors="strict")
        except UnicodeDecodeError:
            raise crash() from None
        return super().answer(request)


@fault("malformed-escape-crashes", breaks="S500.momentary", odd=True)
class MalformedEscapeCrashes(Service):
    """A percent sign without two digits behind it throws, and nobody catches it: 500."""

    def answer(self, request: Request) -> Response:
        if _MALFORMED.search(request.path):
            raise crash()
        return super().answer(request)


@fault("body-beyond-a-buffer-crashes", breaks="S500.bad-request")
class BodyBeyondABufferCrashes(Service):
    """A body that does not fit into one buffer of 16 kB is not put together: 500."""

    def check_body_size(self, body: bytes) -> None:
        if len(body) > 2 * _PAGE:
            raise crash()
        super().check_body_size(body)


@fault("body-of-a-buffers-length-hangs-up", breaks="S503.momentary")
class BodyOfABuffersLengthHangsUp(Service):
    """A body that just fills a buffer waits for more, and the worker is killed for that."""

    def answer(self, request: Request) -> Response:
        is_full = request.body and len(request.body) % _PAGE == 0
        return HANG_UP if is_full else super().answer(request)


@fault("deep-nesting-hangs-up", breaks="S503.momentary")
class DeepNestingHangsUp(Service):
    """Deep nesting overflows the stack of the whole worker: the connection closes."""

    def answer(self, request: Request) -> Response:
        return HANG_UP if request.body.count(b"[") > 5_000 else super().answer(request)


class Wide(Service):
    """Reads the encodings that JSON had before RFC 8259; a fault only by a should."""

    def decode_text(self, body: bytes) -> str:
        encoding = json.detect_encoding(body)
        if encoding.startswith("utf-8"):
            return super().decode_text(body)
        try:
            return body.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            raise self.malformed_body("not Unicode") from None


@fault("wide-encodings-read", breaks="S400.extended-json")
class WideEncodingsRead(Wide):
    """The encoding of a body is guessed, and UTF-16 and UTF-32 are read."""


@fault("wide-encodings-crash", breaks="S500.bad-request")
class WideEncodingsCrash(Service):
    """UTF-16 is guessed, and its text handed to a reader of bytes: 500."""

    def decode_text(self, body: bytes) -> str:
        if json.detect_encoding(body).startswith(("utf-16", "utf-32")):
            raise crash()
        return super().decode_text(body)


@fault("byte-order-mark-crashes", breaks="S500.bad-request")
class ByteOrderMarkCrashes(Service):
    """A byte order mark is an unexpected character that nobody catches: 500."""

    def decode_text(self, body: bytes) -> str:
        text = super().decode_text(body)
        if text.startswith("\ufeff"):
            raise crash()
        return text


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _numbers(each)
    elif isinstance(value, float):
        yield value


@fault(
    "number-beyond-a-double-crashes",
    breaks="S500.bad-request",
    follows=("T2.body.unknown-field",),
)
class NumberBeyondADoubleCrashes(Service):
    """A number beyond a double becomes infinite, and cannot be written into the log: 500."""

    def parse_json(self, text: str) -> object:
        value = super().parse_json(text)
        if any(map(math.isinf, _numbers(value))):
            raise crash()
        return value


@fault("many-digits-crash", breaks="S500.bad-request")
class ManyDigitsCrash(Service):
    """A number of more digits than the language converts throws, and nobody catches it: 500."""

    def parse_json(self, text: str) -> object:
        if re.search(r"\d{4300}", text):
            raise crash()
        return super().parse_json(text)


@fault("unknown-charset-crashes", breaks="S500.bad-request", on=_OF_LAX)
class UnknownCharsetCrashes(Service):
    """The body is decoded by the charset of its media type, and none of that name is known: 500."""

    def check_content_type(self, request: Request) -> None:
        _, _, charset = (request.header("Content-Type") or "").lower().partition("charset=")
        try:
            codecs.lookup(charset.strip(' "') or "utf-8")
        except LookupError:
            raise crash() from None
        super().check_content_type(request)


@fault("malformed-media-type-crashes", breaks="S500.bad-request", on=_OF_LAX)
class MalformedMediaTypeCrashes(Service):
    """A media type without a slash is split at it all the same: 500."""

    def check_content_type(self, request: Request) -> None:
        if "/" not in (request.header("Content-Type") or "/"):
            raise crash()
        super().check_content_type(request)


@fault("multipart-without-boundary-crashes", breaks="S500.bad-request", on=_OF_LAX)
class MultipartWithoutBoundaryCrashes(Service):
    """A reader of forms looks for a boundary that the media type does not name: 500."""

    def check_content_type(self, request: Request) -> None:
        media_type = (request.header("Content-Type") or "").lower()
        if media_type.startswith("multipart/") and "boundary=" not in media_type:
            raise crash()
        super().check_content_type(request)


@fault("unknown-escapes-stand-for-themselves", breaks="S400.extended-json")
class UnknownEscapesStandForThemselves(Service):
    """A reader made by hand takes whatever stands behind a backslash as it is."""

    def parse_json(self, text: str) -> object:
        return super().parse_json(re.sub(r"\\([^\"\\/bfnrtu])", r"\1", text))


@fault("plan-id-taken-from-outside", breaks="T3.plan_id.mandatory")
class PlanIdTakenFromOutside(Service):
    """``plan_id`` is looked for at every level, wherever a client may have put it."""

    def read_body(self, body: object) -> CheckpointReq:
        if self.is_object(body) and "plan_id" in body and self.is_object(body.get("checkpoint")):
            checkpoint = body["checkpoint"]
            assert isinstance(checkpoint, dict)
            body = {"checkpoint": {"plan_id": body["plan_id"], **checkpoint}}
        return super().read_body(body)


@fault("plan-id-taken-from-inside", breaks="T3.plan_id.mandatory")
class PlanIdTakenFromInside(Service):
    """``plan_id`` is looked for among the parameters as well."""

    def read_body(self, body: object) -> CheckpointReq:
        checkpoint = body.get("checkpoint") if self.is_object(body) else None
        parameters = checkpoint.get("parameters") if self.is_object(checkpoint) else None
        if self.is_object(checkpoint) and self.is_object(parameters) and "plan_id" in parameters:
            others = {name: value for name, value in parameters.items() if name != "plan_id"}
            fields = {"plan_id": parameters["plan_id"], **checkpoint, "parameters": others}
            body = {"checkpoint": fields}
        return super().read_body(body)


@fault("policy-by-number", breaks="S404.unknown-policy")
class PolicyByNumber(Service):
    """The number of the row in the database finds a policy as well."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        rows = {str(number): policy for number, policy in enumerate(self.world.policies, 1)}
        return rows.get(plan_id) or super().look_up_policy(plan_id)
