"""Steps of JSON pointers (RFC 6901)."""

from __future__ import annotations


def escaped(step: object) -> str:
    """A name or an index as a step of a JSON pointer (RFC 6901)."""
    return str(step).replace("~", "~0").replace("/", "~1")


def unescaped(step: str) -> str:
    """The name that a step of a JSON pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")
