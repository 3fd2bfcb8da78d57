"""Steps of JSON pointers (RFC 6901)."""

from __future__ import annotations

from typing import Any


def escaped(step: object) -> str:
    """A name or an index as a step of a JSON pointer (RFC 6901)."""
    return str(step).replace("~", "~0").replace("/", "~1")


def unescaped(step: str) -> str:
    """The name that a step of a JSON pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")


def put(tree: dict[str, Any], pointer: str, schema: Any) -> bool:
    """Put a schema where its pointer says, unless an outer schema has it there already.

    The result says whether it stands there as it is, where that is a schema of keywords.
    """
    steps = [unescaped(step) for step in pointer.split("/")[1:]]
    inner: Any = tree
    for step in steps[:-1]:
        if isinstance(inner, list):
            inner = inner[int(step)]
        elif isinstance(inner, dict):
            inner = inner.setdefault(step, {})
        else:
            return True
    if not steps:
        return True
    last: Any = int(steps[-1]) if isinstance(inner, list) else steps[-1]
    there = inner[last] if isinstance(inner, list) else inner.setdefault(last, schema)
    return there == schema or not isinstance(there, dict)
