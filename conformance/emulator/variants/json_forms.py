"""Forms of JSON: the same values in other bytes, and other ways to say that it is JSON."""
# ruff: noqa: D102

import json
import re

from conformance.emulator.messages import Checkpoint, Refusal, Response
from conformance.emulator.service import Service
from conformance.emulator.variants.registry import variant


@variant("json-pretty")
class Pretty(Service):
    """JSON is indented."""

    def encode_json(self, value: object) -> bytes:
        return json.dumps(value, indent=4, ensure_ascii=False).encode()


@variant("json-tabs")
class Tabs(Service):
    """JSON is indented with tabs, has lines that end as in HTTP, and blank ones around it."""

    def encode_json(self, value: object) -> bytes:
        text = json.dumps(value, indent="\t", separators=(" ,", " : "), ensure_ascii=False)
        return f"\n {text}\n\n".replace("\n", "\r\n").encode()


@variant("json-newline")
class Newline(Service):
    """JSON ends with a newline."""

    def encode_json(self, value: object) -> bytes:
        return super().encode_json(value) + b"\n"


@variant("json-keys-sorted")
class KeysSorted(Service):
    """Names stand in alphabetical order."""

    def encode_json(self, value: object) -> bytes:
        return json.dumps(value, sort_keys=True, ensure_ascii=False).encode()


@variant("json-keys-reversed")
class KeysReversed(Service):
    """Names stand in the reverse of the page's order."""

    def encode_json(self, value: object) -> bytes:
        return super().encode_json(_reversed(value))


def _reversed(value: object) -> object:
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}
    return list(map(_reversed, value)) if isinstance(value, list) else value


@variant("json-escapes")
class Escapes(Service):
    """What is not ASCII is written as an escape."""

    def encode_json(self, value: object) -> bytes:
        return json.dumps(value).encode("ascii")


@variant("json-escapes-everywhere")
class EscapesEverywhere(Service):
    """Every letter and digit of every string and name is written as an escape."""

    def encode_json(self, value: object) -> bytes:
        text = json.dumps(value, ensure_ascii=False)
        return re.sub(r'"(?:[^"\\]|\\.)*"', _escaped, text).encode()


def _escaped(match: re.Match[str]) -> str:
    units = json.loads(match[0]).encode("utf-16-be").hex("-", 2).split("-")
    return '"' + "".join(f"\\u{unit}" for unit in units if unit) + '"'


@variant("json-slashes-escaped")
class SlashesEscaped(Service):
    r"""A slash is written \/, in capitals in the escapes of all the rest."""

    def encode_json(self, value: object) -> bytes:
        text = json.dumps(value).replace("/", "\\/")
        return re.sub(r"\\u[0-9a-f]{4}", lambda match: "\\u" + match[0][2:].upper(), text).encode()


@variant("json-byte-order-mark")
class ByteOrderMark(Service):
    """JSON begins with a byte order mark, which a should of RFC 8259 advises against."""

    def encode_json(self, value: object) -> bytes:
        return b"\xef\xbb\xbf" + super().encode_json(value)


@variant("json-names-repeated")
class NamesRepeated(Service):
    """A name stands twice in an object, which a should of RFC 8259 advises against."""

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        response = super().render_execution(checkpoint)
        body = response.body.replace(b'"status": ', b'"status": "protecting", "status": ')
        return Response(response.status, response.headers, body)


@variant("content-type-charset")
class ContentTypeCharset(Service):
    """The media type has a charset."""

    def content_type(self) -> str:
        return "application/json;charset=UTF-8"


@variant("content-type-capitals")
class ContentTypeCapitals(Service):
    """The media type is written in capitals, with a quoted parameter."""

    def content_type(self) -> str:
        return 'APPLICATION/JSON ; Charset="utf-8"'


@variant("content-type-vendor")
class ContentTypeVendor(Service):
    """The media type is one of the vendor's own that ends in +json."""

    def content_type(self) -> str:
        return "application/vnd.csbs.v1+json"


@variant("content-type-problem")
class ContentTypeProblem(Service):
    """Errors are of type application/problem+json (RFC 9457)."""

    def render_refusal(self, refusal: Refusal) -> Response:
        value = {
            "type": "about:blank",
            "title": refusal.code,
            "status": refusal.status,
            "detail": refusal.message,
        }
        headers = (("Content-Type", "application/problem+json"), *refusal.headers)
        return Response(refusal.status, headers, self.encode_json(value))
