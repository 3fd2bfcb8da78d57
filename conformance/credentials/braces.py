"""The one border between texts as they are and texts as they are stored.

In a stored text, `{{` begins a placeholder. A literal `{{` is stored as `{{open}}`. Whatever is
stored passes `escape` once, on its way in; whoever sends a stored text, or reads what it says,
passes it through `plain` once, on its way out. URLs of requests hold no braces: those are
percent-encoded.
"""

from __future__ import annotations

OPEN = "{{open}}"


class Placeholder(str):
    """A text that is stored as it is, since it stands for a secret; any other text is escaped."""

    __slots__ = ()


def escape(text: str) -> str:
    """A text as it is stored."""
    return str(text) if isinstance(text, Placeholder) else text.replace("{{", OPEN)


def escape_body(body: bytes) -> bytes:
    """A body as it is stored."""
    return body.replace(b"{{", OPEN.encode())


def plain(stored: str) -> str:
    """A stored text as it is, but for the placeholders in it."""
    return stored.replace(OPEN, "{{")


def plain_body(stored: bytes) -> bytes:
    """A stored body as it is, but for the placeholders in it."""
    return stored.replace(OPEN.encode(), b"{{")
