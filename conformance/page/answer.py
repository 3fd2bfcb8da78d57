"""An answer, and an execution: an answer that came with status 200 to the page's operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from conformance.model import Exchange, Response, Tolerances, header
from conformance.page.call import Call
from conformance.page.json_text import JsonText, NotJson, TooDeep, parse_json

LONGEST_REMEMBERED = 64 * 1024
"""Bytes of a body that is remembered as JSON: a few hundred are."""


class NotReached(Exception):
    """A response gave a clause nothing to judge by."""


class Unreadable(NotReached):
    """A response that cannot be read here, so that the clause cannot pass; the message says why."""


@dataclass(frozen=True)
class Answer:
    """An exchange that was answered, with its body read as JSON once."""

    exchange: Exchange
    call: Call

    @property
    def response(self) -> Response:
        """The answer itself."""
        assert self.exchange.response is not None
        return self.exchange.response

    @cached_property
    def json(self) -> JsonText | NotJson | TooDeep:
        """The body as JSON, or why it is none."""
        return json_of(self.response)

    @property
    def body(self) -> JsonText:
        """The body as JSON. Raises NotReached where it is none."""
        if not isinstance(self.json, JsonText):
            raise NotReached
        return self.json

    @cached_property
    def media_type(self) -> str:
        """The media type the answer claims, in lower case, empty where it claims none."""
        value = header(self.response.headers, "Content-Type") or ""
        return value.partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Execution(Answer):
    """An answer that says that the policy is being executed."""

    tolerances: Tolerances

    @property
    def checkpoint_id(self) -> str | None:
        """The id of the checkpoint in the answer, if it has one."""
        try:
            return self.text(self.checkpoint, "id")
        except NotReached:
            return None

    @cached_property
    def checkpoint(self) -> Mapping[str, Any]:
        """The checkpoint in the answer. Raises NotReached where there is none."""
        return self._object(self.body.value, "checkpoint")

    @cached_property
    def protection_plan(self) -> Mapping[str, Any]:
        """The policy in the answer. Raises NotReached where there is none."""
        return self._object(self.checkpoint, "protection_plan")

    @staticmethod
    def _object(parent: Any, name: str) -> Mapping[str, Any]:
        value = parent.get(name) if isinstance(parent, dict) else None
        if not isinstance(value, dict):
            raise NotReached
        return value

    @staticmethod
    def text(parent: Mapping[str, Any], name: str) -> str:
        """The string `name` of an object of the answer. Raises NotReached where it is none."""
        value = parent.get(name)
        if not isinstance(value, str):
            raise NotReached
        return value


def json_of(response: Response) -> JsonText | NotJson | TooDeep:
    """The body of a response as JSON, or why it is none; read once, whoever asks."""
    if not response.whole:
        return TooDeep("")  # what it says is not known
    is_short = len(response.body) <= LONGEST_REMEMBERED
    return _remembered(response.body) if is_short else _read(response.body)


def _read(body: bytes) -> JsonText | NotJson | TooDeep:
    try:
        return parse_json(body)
    except (NotJson, TooDeep) as error:
        return error.with_traceback(None)


_remembered = lru_cache(maxsize=256)(_read)


def error_code(response: Response) -> str | None:
    """The `error_code` of an error body, wherever it stands in it."""
    read = json_of(response)
    for candidate in _objects(read.value if isinstance(read, JsonText) else None, depth=2):
        code = candidate.get("error_code", candidate.get("code"))
        if isinstance(code, str):
            return code
    return None


def _objects(value: Any, depth: int) -> list[dict[str, Any]]:
    """The objects in a JSON value, the outer ones first, down to `depth`."""
    if not depth or not isinstance(value, dict):
        return []
    return [value, *(found for item in value.values() for found in _objects(item, depth - 1))]
