"""What a body tells that was masked or written anew: the names and values that stand in it.

Whoever takes secrets out of a body, or writes its JSON anew, leaves the other values as they were
sent. Only that something is not there, an id, a size or the exact bytes can come of it: those are
left out here, and so are unknown.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from conformance.recorded.taken_out import is_mask, is_variable

DEEPEST = 20
"""Levels that are looked at; the page's bodies have six."""
CODED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
"""How gzip and zstd streams begin."""
LOST = "\ufffd"
"""Stands where a character could not be read."""


def is_object(data: bytes) -> bool:
    """Whether a body is a JSON object, as it was sent."""
    return bool(_object(data))


def is_list(data: bytes) -> bool:
    """Whether a body is a list of JSON objects, as it was sent."""
    value = _parsed(data)
    return isinstance(value, list) and bool(value) and all(map(_as_sent, value))


def legible(data: bytes, ids: tuple[str, ...]) -> bytes:
    """A JSON object with what was sent so in a body, or nothing; `ids` are no masks."""
    value = {} if data.startswith(CODED) else _object(data)
    found = _standing(value, ids, DEEPEST)
    return json.dumps(found).encode("ascii") if found else b""


def _standing(value: Any, ids: tuple[str, ...], depth: int) -> Any:
    """The value without what may not have been sent so; None where nothing is left."""
    match value:
        case str():
            is_lost = LOST in value or is_mask(value, ids) or is_variable(value)
            return None if is_lost else value or None
        case list() if depth:
            items = (_standing(item, ids, depth - 1) for item in value)
            return [item for item in items if item is not None] or None
        case dict() if depth:
            fields = ((n, _standing(v, ids, depth - 1)) for n, v in value.items() if not _is_id(n))
            return {name: inner for name, inner in fields if inner is not None} or None
        case list() | dict():
            return None
        case _:
            return value


def _is_id(name: str) -> bool:
    """Whether a field holds an id, which tools replace by one of their own making."""
    return name == "id" or name.endswith("_id")


def _object(data: bytes) -> dict[str, Any]:
    """The JSON object in a body; an empty one where there is none.

    Libraries write `{}` for a body that is no text to them, or its bytes one by one.
    """
    return _as_sent(_parsed(data))


def _as_sent(value: Any) -> dict[str, Any]:
    """A JSON object; an empty one where the value is none, or stands for bytes."""
    is_body = isinstance(value, dict) and value.get("type") != "Buffer" and "0" not in value
    return value if is_body else {}


def _parsed(data: bytes) -> Any:
    """The JSON value in a text; None where it is none, or may not be read."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass  # it is faster, and stricter than RFC 8259 where escapes make no character
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
