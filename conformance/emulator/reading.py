"""From the bytes of a request body to a checked ``CheckpointReq`` (tables 2, 3 and 4)."""

import json
import re
from collections.abc import Mapping
from typing import Final, TypeGuard

from conformance.emulator.messages import CheckpointReq, Request
from conformance.emulator.refusals import Refusals

_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class Reading(Refusals):
    """The steps that read a request; each raises the refusal it decides on."""

    max_body_bytes: int = 1 << 20

    def parse_body(self, request: Request) -> object:
        """Return the JSON value in the body."""
        self.check_content_type(request)
        self.check_body_size(request.body)
        text = self.decode_text(self.unpack(request))
        value = self.parse_json(text)
        if _SURROGATE_ESCAPE.search(text):
            self.check_unicode(value)
        return value

    def check_content_type(self, request: Request) -> None:
        """Refuse a body that does not say it is JSON."""
        media_type = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise self.other_media_type()

    def unpack(self, request: Request) -> bytes:
        """Refuse a body with a content coding."""
        if (request.header("Content-Encoding") or "identity").lower() != "identity":
            raise self.content_coding()
        return request.body

    def check_body_size(self, body: bytes) -> None:
        """Refuse a body of more than ``max_body_bytes`` bytes."""
        if len(body) > self.max_body_bytes:
            raise self.body_too_large(self.max_body_bytes)

    def decode_text(self, body: bytes) -> str:
        """Decode strict UTF-8 (RFC 8259 section 8.1)."""
        try:
            return body.decode()
        except UnicodeDecodeError:
            raise self.malformed_body("not UTF-8") from None

    def parse_json(self, text: str) -> object:
        """Parse strict JSON (RFC 8259): no NaN, nothing too deep or too long to hold."""
        try:
            return json.loads(text, parse_constant=self.not_a_number, object_pairs_hook=self.fields)
        except RecursionError:
            raise self.malformed_body("nested too deeply") from None
        except ValueError:
            raise self.malformed_body("syntax") from None

    def fields(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        """Make an object of its fields; refuse a name that is repeated (RFC 8259 section 4)."""
        found = dict(pairs)
        if len(found) < len(pairs):
            raise self.malformed_body("repeated name")
        return found

    def not_a_number(self, constant: str) -> float:
        """Refuse NaN and the infinities, which are no JSON (RFC 8259 section 6)."""
        raise self.malformed_body(constant)

    def check_unicode(self, value: object) -> None:
        """Refuse text with half a surrogate pair, which is no Unicode (RFC 8259 section 8.2)."""
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except (UnicodeEncodeError, RecursionError):
            raise self.malformed_body("half a surrogate pair") from None

    def read_body(self, body: object) -> CheckpointReq:
        """Read the request body (table 2)."""
        if not self.is_object(body):
            raise self.wrong_type("body", "an object")
        return self.read_checkpoint(self.mandatory(body, "checkpoint"))

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        """Read ``checkpoint_req`` (table 3)."""
        if not self.is_object(checkpoint):
            raise self.wrong_type("checkpoint", "an object")
        parameters = self.read_parameters(self.mandatory(checkpoint, "parameters"))
        return CheckpointReq(
            plan_id=self.read_plan_id(self.mandatory(checkpoint, "plan_id")),
            auto_trigger=self.read_auto_trigger(parameters.get("auto_trigger", False)),
            resources=self.read_resources(parameters.get("resources", [])),
        )

    def mandatory(self, fields: Mapping[str, object], name: str) -> object:
        """Return the field's value, which may be null; refuse if it is left out."""
        if name not in fields:
            raise self.missing_field(name)
        return fields[name]

    def read_plan_id(self, plan_id: object) -> str:
        """Read ``plan_id`` (table 3)."""
        if not self.is_string(plan_id):
            raise self.wrong_type("plan_id", "a string")
        return plan_id

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        """Read ``parameters``, all of whose fields are optional (table 4)."""
        if not self.is_object(parameters):
            raise self.wrong_type("parameters", "an object")
        return parameters

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        """Read ``auto_trigger`` (table 4)."""
        if not self.is_boolean(auto_trigger):
            raise self.wrong_type("auto_trigger", "a boolean")
        return auto_trigger

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        """Read ``resources`` (table 4); None, the whole policy, where it is empty."""
        if not self.is_list(resources):
            raise self.wrong_type("resources", "a list")
        return tuple(map(self.read_resource, resources)) or None

    def read_resource(self, resource: object) -> str:
        """Read one item of ``resources`` (table 4: List<String>)."""
        if not self.is_string(resource):
            raise self.wrong_type("an item of resources", "a string")
        return resource

    def is_object(self, value: object) -> TypeGuard[dict[str, object]]:
        """Whether the JSON value is an object."""
        return isinstance(value, dict)

    def is_list(self, value: object) -> TypeGuard[list[object]]:
        """Whether the JSON value is an array."""
        return isinstance(value, list)

    def is_string(self, value: object) -> TypeGuard[str]:
        """Whether the JSON value is a string."""
        return isinstance(value, str)

    def is_boolean(self, value: object) -> TypeGuard[bool]:
        """Whether the JSON value is true or false; a number is neither."""
        return isinstance(value, bool)
