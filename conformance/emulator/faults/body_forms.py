"""Faults in what a body may look like: JSON or not, its media type, its names (Table 2, 400)."""
# ruff: noqa: D102

import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from conformance.emulator.faults.late import Late
from conformance.emulator.faults.parts import crash
from conformance.emulator.faults.registry import HIDDEN, fault
from conformance.emulator.faults.table_2 import HasDefaultPolicy
from conformance.emulator.messages import CheckpointReq, Refusal, Request
from conformance.emulator.service import Service


@fault("other-media-type-forbidden", breaks="T2.body.media-type", on={"lax": HIDDEN})
class OtherMediaTypeForbidden(Service):
    """Another media type than JSON is refused with 403, by a rule of the gateway."""

    def other_media_type(self) -> Refusal:
        return super().other_media_type().with_status(403)


@fault("no-media-type-crashes", breaks="T2.body.media-type", follows=("S500.bad-request",))
class NoMediaTypeCrashes(Service):
    """The header Content-Type is used without a check whether it is there: 500."""

    def check_content_type(self, request: Request) -> None:
        if request.header("Content-Type") is None:
            raise crash()
        super().check_content_type(request)


@fault(
    "text-media-type-not-found",
    breaks="T2.body.media-type",
    on={"lax": HIDDEN},
)
class TextMediaTypeNotFound(Service):
    """Routes are chosen by media type; for text there is none: 404."""

    def check_content_type(self, request: Request) -> None:
        if (request.header("Content-Type") or "").startswith("text/"):
            raise self.unknown_path()
        super().check_content_type(request)


@fault("compressed-body-forbidden", breaks="S404.unknown-policy")
class CompressedBodyForbidden(Service):
    """What the gateway cannot read it takes for an attack: 403."""

    def unpack(self, request: Request) -> bytes:
        if request.header("Content-Encoding"):
            raise self.malformed_body("content coding").with_status(403)
        return super().unpack(request)


@fault("compressed-body-crashes", breaks="S500.bad-request")
class CompressedBodyCrashes(Service):
    """A compressed body is read as text without a catch: 500."""

    def unpack(self, request: Request) -> bytes:
        if request.header("Content-Encoding"):
            raise crash()
        return super().unpack(request)


@fault("charset-refused", breaks="T2.body.json-forms")
class CharsetRefused(Service):
    """The media type is compared as a whole, so that a charset is refused with 415."""

    def check_content_type(self, request: Request) -> None:
        if ";" in (request.header("Content-Type") or ""):
            raise self.other_media_type().with_status(400)
        super().check_content_type(request)


@fault(
    "media-type-in-capitals-crashes", breaks="S500.bad-request", on={"lax": ("T2.body.media-type",)}
)
class MediaTypeInCapitalsCrashes(Service):
    """Readers are looked up by media type with regard to case, and none is found: 500."""

    def check_content_type(self, request: Request) -> None:
        super().check_content_type(request)
        if (request.header("Content-Type") or "").startswith("Application"):
            raise crash()


@fault("escapes-not-decoded", breaks="T2.body.json-forms")
class EscapesNotDecoded(Service):
    """A reader made by hand does not know escapes, and finds no field of the right name."""

    def parse_json(self, text: str) -> object:
        value = super().parse_json(text)
        if re.search(r'\\u00[0-7].{1,11}"\s*:', text):
            raise self.missing_field("checkpoint")
        return value


@fault("order-of-names-fixed", breaks="T2.body.json-forms")
class OrderOfNamesFixed(Service):
    """The reader wants ``plan_id`` before ``parameters``, as in the example."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        wanted = super().read_checkpoint(checkpoint)
        if self.is_object(checkpoint) and next(iter(checkpoint)) != "plan_id":
            raise self.missing_field("plan_id")
        return wanted


@fault("order-of-names-of-the-table", breaks="T2.body.json-forms")
class OrderOfNamesOfTheTable(Service):
    """The reader wants ``parameters`` before ``plan_id``, as in the table."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        wanted = super().read_checkpoint(checkpoint)
        if self.is_object(checkpoint) and next(iter(checkpoint)) != "parameters":
            raise self.missing_field("parameters")
        return wanted


@fault("compact-refused", breaks="T2.body.json-forms")
class CompactRefused(Service):
    """A filter wants the space behind a colon that its author's own client writes."""

    def parse_json(self, text: str) -> object:
        value = super().parse_json(text)
        if '":' in text and '": ' not in text:
            raise self.malformed_body("no space behind a colon")
        return value


@fault("line-breaks-refused", breaks="T2.body.json-forms")
class LineBreaksRefused(Service):
    """A filter against header injection refuses line breaks in the body, too."""

    def parse_json(self, text: str) -> object:
        value = super().parse_json(text)
        if "\r\n" in text:
            raise self.malformed_body("line break")
        return value


@fault("repeated-name-crashes", breaks="S500.bad-request", follows=("T2.body.repeated-name",))
class RepeatedNameCrashes(Service):
    """The reader throws on a repeated name, and nobody catches it: 500."""

    def fields(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            raise crash()
        return dict(pairs)


@fault("repeated-name-forbidden", breaks="T2.body.repeated-name")
class RepeatedNameForbidden(Service):
    """A firewall takes a repeated name for an attack: 403."""

    def fields(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            raise Refusal(403, "CSBS.0403", "No operation permission.")
        return dict(pairs)


@fault(
    "unknown-field-crashes",
    breaks="T2.body.unknown-field",
    follows=("T4.resources.empty",),
    on={"strict": HIDDEN},
)
class UnknownFieldCrashes(Late):
    """``start_backup(**parameters)`` with one that it does not have: 500."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        return bool(parameters.keys() - {"auto_trigger", "resources"})


@fault("unknown-field-not-found", breaks="T2.body.unknown-field", on={"strict": HIDDEN})
class UnknownFieldNotFound(Late):
    """A field that does not exist is something that is not found: 404."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        return bool(parameters.keys() - {"auto_trigger", "resources"})

    def doom(self) -> Refusal:
        return Refusal(404, "CSBS.0404", "field not found")


@fault(
    "unchecked-where-there-is-a-charset",
    breaks="T3.plan_id.mandatory",
    follows=("T3.parameters.mandatory",),
)
class UncheckedWhereThereIsACharset(Service):
    """The schema is that of ``application/json`` to the letter; defaults stand in for the rest."""

    def parse_body(self, request: Request) -> object:
        body = super().parse_body(request)
        match body:
            case {"checkpoint": dict(checkpoint)} if ";" in (request.header("Content-Type") or ""):
                defaults = {"plan_id": self.world.policies[0].id, "parameters": {}}
                return {"checkpoint": {**defaults, **checkpoint}}
        return body


@fault("bad-json-not-found", breaks="S400.not-json", follows=("T4.auto_trigger.type",))
class BadJsonNotFound(Service):
    """A body that cannot be read is answered with 404."""

    def malformed_body(self, reason: str) -> Refusal:
        refusal = super().malformed_body(reason)
        return refusal.with_status(404) if reason == "syntax" else refusal


@fault("bad-json-unsupported", breaks="S.listed")
class BadJsonUnsupported(Service):
    """A body that is not JSON is refused with 415, though its media type is right."""

    def malformed_body(self, reason: str) -> Refusal:
        refusal = super().malformed_body(reason)
        return refusal.with_status(415) if reason == "syntax" else refusal


@fault("trailing-text-ignored", breaks="S400.not-json")
class TrailingTextIgnored(Service):
    """The reader stops behind the first value, whatever follows."""

    def parse_json(self, text: str) -> object:
        with contextlib.suppress(ValueError, RecursionError):
            text = text[: json.JSONDecoder().raw_decode(text)[1]]
        return super().parse_json(text)


@fault("open-brackets-closed", breaks="S400.not-json")
class OpenBracketsClosed(Service):
    """A body that was cut off is repaired: brackets left open are closed."""

    def parse_json(self, text: str) -> object:
        return super().parse_json(text + "}" * (text.count("{") - text.count("}")))


@fault("not-utf-8-read", breaks="S400.extended-json", on={"strict": HIDDEN}, odd=True)
class NotUtf8Read(Service):
    """Bytes that are no UTF-8 are replaced, and the field they stand in ignored."""

    def decode_text(self, body: bytes) -> str:
        return body.decode("utf-8", "replace")


@fault("empty-body-is-the-default", breaks="S400.not-json")
class EmptyBodyIsTheDefault(HasDefaultPolicy):
    """Without a body, the first policy is executed."""

    def parse_json(self, text: str) -> object:
        if not text:
            return {"checkpoint": {"plan_id": self.default_policy, "parameters": {}}}
        return super().parse_json(text)


@fault("blank-body-is-the-default", breaks="S400.not-json")
class BlankBodyIsTheDefault(HasDefaultPolicy):
    """A body of nothing but white space executes the first policy; an empty one does not."""

    def parse_json(self, text: str) -> object:
        if text and not text.strip():
            return {"checkpoint": {"plan_id": self.default_policy, "parameters": {}}}
        return super().parse_json(text)


@fault("form-read", breaks="S400.not-json")
class FormRead(Service):
    """A form is read as well, its brackets as objects and lists."""

    def parse_json(self, text: str) -> object:
        form: dict[str, Any] = {}
        for name, value in parse_qsl(text):
            *path, last = (part.rstrip("]") for part in name.removesuffix("[]").split("["))
            inner = form
            for part in path:
                inner = inner.setdefault(part, {})
            inner[last] = [value] if name.endswith("[]") else value
        return form if "checkpoint" in form else super().parse_json(text)


@fault("yaml-read", breaks="S400.not-json")
class YamlRead(Service):
    """What is no JSON is read as YAML, whatever media type it has."""

    def parse_json(self, text: str) -> object:
        if found := re.match(r"checkpoint:\s+plan_id: (\S+)\s", text):
            return {"checkpoint": {"plan_id": found[1], "parameters": {}}}
        return super().parse_json(text)


@fault("xml-read", breaks="S400.not-json")
class XmlRead(Service):
    """A body that is not JSON is read as XML, as in the version before."""

    def parse_json(self, text: str) -> object:
        if found := re.search("<plan_id>(.*)</plan_id>", text):
            return {"checkpoint": {"plan_id": found[1], "parameters": {}}}
        return super().parse_json(text)


@fault("bytes-of-no-text-dropped", breaks="S400.not-json")
class BytesOfNoTextDropped(Service):
    """Bytes that are no UTF-8 are dropped, wherever they stand."""

    def decode_text(self, body: bytes) -> str:
        return body.decode("utf-8", "ignore")


@fault("body-cut-behind-a-buffer", breaks="S200.executed")
class BodyCutBehindABuffer(Service):
    """The body is read into 4096 bytes, and what does not fit in is lost."""

    def decode_text(self, body: bytes) -> str:
        return super().decode_text(body[:4096])
