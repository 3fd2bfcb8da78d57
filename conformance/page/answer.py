"""A response, and an execution: a response that came with status 200 to the page's operation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from conformance.credentials.braces import plain_body
from conformance.lazily import lazily
from conformance.model import Exchange, Headers, Response, Tolerances, header
from conformance.page.call import Call
from conformance.page.ids import canonical
from conformance.page.json_text import (
    JsonText,
    NotJson,
    NotKnown,
    TooDeep,
    as_value,
    parse_json,
)

LONGEST_REMEMBERED, LONGEST_OF_ALL = 8 * 1024, 1024 * 1024
"""Bytes of a body that is remembered as JSON: a few hundred are, and the latest of the larger."""


class NotReached(Exception):
    """A response gave a clause nothing to judge by."""


class Undecided(Exception):
    """A response may break a clause, and it cannot be known whether it does; the message says why.

    The clause cannot pass then, whatever else was seen.
    """


class Answer(Struct, frozen=True, dict=True):
    """An exchange that was answered, with its body read as JSON once."""

    exchange: Exchange
    call: Call

    @property
    def response(self) -> Response:
        """The response itself."""
        assert self.exchange.response is not None
        return self.exchange.response

    @lazily
    def json(self) -> JsonText | NotJson | TooDeep | NotKnown:
        """The body as JSON, or why it is none."""
        return json_of(self.response)

    @property
    def body(self) -> JsonText:
        """The body as JSON. Raises NotReached where it is none."""
        if not isinstance(self.json, JsonText):
            raise NotReached
        return self.json

    @lazily
    def told(self) -> Any:
        """The body, or what is known of it. Raises NotReached where that is no JSON."""
        return self.body.value if self.response.whole else told(self.response)

    @lazily
    def media_type(self) -> str:
        """The media type the response claims, in lower case, empty where it claims none.

        One that was said twice, joined by a comma (RFC 9110, 5.3), is one. Raises NotKnown.
        """
        said = (self.header("Content-Type") or "").lower()
        each = {part.partition(";")[0].strip() for part in said.split(",")}
        return each.pop() if len(each) == 1 else said.partition(";")[0].strip()

    def header(self, name: str) -> str | None:
        """The first value of a header; None where it did not come. Raises NotKnown."""
        value = header(self.response.headers, name)
        if value is None and not self.response.all_headers:
            raise NotKnown
        return value


class Execution(Answer, frozen=True, dict=True):
    """A response that says that the policy is being executed."""

    tolerances: Tolerances

    @property
    def checkpoint_id(self) -> str | None:
        """The id of the checkpoint in the response, if it has one."""
        try:
            return self.text(self.checkpoint, "id")
        except NotReached:
            return None

    @lazily
    def checkpoint(self) -> Mapping[str, Any]:
        """The checkpoint in the response. Raises NotReached where there is none."""
        return self._object(self.told, "checkpoint")

    @lazily
    def protection_plan(self) -> Mapping[str, Any]:
        """The policy in the response. Raises NotReached where there is none."""
        return self._object(self.checkpoint, "protection_plan")

    @lazily
    def listed_servers(self) -> frozenset[str]:
        """The servers in the response, each in its one spelling, as far as it can be read."""
        try:
            listed = self.protection_plan.get("resources")
        except (NotReached, NotKnown):
            return frozenset()
        items = listed if isinstance(listed, list) else []
        ids = [item.get("id") for item in items if isinstance(item, dict)]
        return frozenset(canonical(each) for each in ids if isinstance(each, str))

    @staticmethod
    def _object(parent: Any, name: str) -> Mapping[str, Any]:
        value = parent.get(name) if isinstance(parent, dict) else None
        if not isinstance(value, dict):
            raise NotReached
        return value

    @staticmethod
    def text(parent: Mapping[str, Any], name: str) -> str:
        """The string `name` of an object of the response. Raises NotReached where it is none."""
        value = parent.get(name)
        if not isinstance(value, str):
            raise NotReached
        return value


@lru_cache(maxsize=256)
def request_ids(headers: Headers) -> tuple[tuple[str, str], ...]:
    """The headers of a response that say which one it is, as `X-Request-Id`."""
    lowered = ((name.lower(), value) for name, value in headers)
    return tuple((name, value) for name, value in lowered if name.endswith("id"))


def marks(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    """What tells a recorded exchange from others: its connection, and the ids of its response."""
    ids = request_ids(exchange.response.headers) if exchange.response else ()
    if not exchange.connection:
        return ids
    return (*ids, (f"connection in file {exchange.recording}", exchange.connection))


def differ(one: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]) -> bool:
    """Whether the marks of two exchanges have a name in common, and not its value."""
    known = dict(other)
    return any(known.get(name, value) != value for name, value in one)


class Sighting(NamedTuple):
    """What is remembered of an execution, to tell another one from the same one seen again.

    `asked` and `said` are digests of what the bodies say, `asked` empty where that is not known.
    """

    name: str
    recording: int
    started: float
    ended: float
    date: str | None = None
    asked: bytes = b""
    said: bytes = b""
    marks: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, execution: Execution) -> Sighting:
        """The sighting of an execution; of our own ones the name tells enough."""
        exchange = execution.exchange
        seen = cls(exchange.id, exchange.recording, exchange.started, exchange.ended)
        if not seen.recording:
            return seen
        asked = execution.call.json
        return seen._replace(
            date=header(execution.response.headers, "Date"),
            asked=_digest(asked.value) if isinstance(asked, JsonText) else b"",
            said=_digest(execution.body.value),
            marks=marks(exchange),
        )

    def may_be(self, other: Sighting) -> bool:
        """Whether two sightings may be of one execution.

        A recording may have one twice, as a page and its service worker saw it, or as a browser and
        a proxy did, in other words and by clocks that differ. It is another one where it was asked
        otherwise or said otherwise, over another connection or with another id, or where it came
        later by a clock that saw both.
        """
        if not (self.recording and other.recording) or self.said != other.said:
            return False
        if differ(self.marks, other.marks):
            return False
        if self.asked and other.asked and self.asked != other.asked:
            return False
        apart = self.ended < other.started or other.ended < self.started
        if self.date and other.date:  # the clock of the target itself
            return not apart or self.date == other.date
        measured = self.started < self.ended and other.started < other.ended
        return not (apart and measured and self.recording == other.recording)


def _digest(value: Any) -> bytes:
    """A digest of a JSON value, however it was written; empty where it cannot be written."""
    try:
        return blake2b(msgspec.json.encode(value), digest_size=8).digest()
    except (ValueError, TypeError, OverflowError, RecursionError):
        return b""


def json_of(response: Response) -> JsonText | NotJson | TooDeep | NotKnown:
    """The body of a response as JSON, or why it is none; read once, whoever asks."""
    if not response.whole:
        return NotKnown()
    if response.undecodable:
        return NotJson(response.undecodable)
    body = plain_body(response.body)
    if len(body) <= LONGEST_REMEMBERED:
        return _remembered(body)
    return _read(body) if len(body) > LONGEST_OF_ALL else _latest(body)


def told(response: Response) -> Any:
    """What a body says, as far as that is known. Raises NotReached where that is no JSON."""
    read = json_of(replace(response, whole=True)) if response.body else None
    if not isinstance(read, JsonText):
        raise NotReached
    return read.value


def _read(body: bytes) -> JsonText | NotJson | TooDeep:
    try:
        return parse_json(body)
    except (NotJson, TooDeep) as error:
        return as_value(error)


_remembered = lru_cache(maxsize=256)(_read)
_latest = lru_cache(maxsize=1)(_read)


def error_code(response: Response) -> str | None:
    """The `error_code` of an error body, wherever it stands in it.

    It counts too where the body does not follow its content coding: it speaks for the target.
    """
    body = response.body
    return _known_code(body) if len(body) <= LONGEST_REMEMBERED else _code(body)


def _code(body: bytes) -> str | None:
    try:
        value = told(Response(0, "", (), body))
    except NotReached:
        return None
    for candidate in _objects(value, depth=2):
        code = candidate.get("error_code", candidate.get("code"))
        if isinstance(code, str):
            return code
    return None


_known_code = lru_cache(maxsize=256)(_code)


def _objects(value: Any, depth: int) -> list[dict[str, Any]]:
    """The objects in a JSON value, the outer ones first, down to `depth`."""
    if not depth or not isinstance(value, dict):
        return []
    return [value, *(found for item in value.values() for found in _objects(item, depth - 1))]
