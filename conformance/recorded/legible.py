"""What a body tells that was masked or written anew: the names and values that stand in it.

Whoever takes secrets out of a body, or writes its JSON anew, leaves the other values as they were
sent. Only that something is not there, an id, a size or the exact bytes can come of it: those are
left out here, and so are unknown.
"""

from __future__ import annotations

import json
from typing import Any

from conformance.recorded.taken_out import has_variable, is_redacted

DEEPEST = 20
"""Levels that are looked at; the page's bodies have six."""
LOST = "\ufffd"
"""Stands where a character could not be read."""


def legible(value: Any) -> bytes:
    """A JSON object with what was sent so in a parsed body, or nothing."""
    found = _standing(value, DEEPEST) if isinstance(value, dict) else None
    return json.dumps(found).encode("ascii") if found else b""


def _standing(value: Any, depth: int) -> Any:
    """The value without what may not have been sent so; None where nothing is left."""
    match value:
        case str():
            is_lost = LOST in value or is_redacted(value) or has_variable(value)
            return None if is_lost else value or None
        case list() if depth:
            items = (_standing(item, depth - 1) for item in value)
            return [item for item in items if item is not None] or None
        case dict() if depth:
            fields = ((n, _standing(v, depth - 1)) for n, v in value.items() if not _is_id(n))
            return {name: inner for name, inner in fields if inner is not None} or None
        case list() | dict():
            return None
        case _:
            return value


def _is_id(name: str) -> bool:
    """Whether a field holds an id, which tools replace by one of their own making."""
    return name == "id" or name.endswith("_id")
