"""Ids: which texts that a target wrote can be one, and which of them are one and the same."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeGuard
from uuid import UUID

from conformance.credentials.braces import OPEN

LONGEST_ID = 200
"""Characters; what is longer is no id, and no line of a configuration."""
UUID_SPELLING = re.compile(
    r"(?:urn:uuid:)?(?P<open>[{(])?"
    r"(?P<digits>[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})(?(open)[})])",
    re.IGNORECASE,
)
"""A UUID as RFC 9562 has it, and as common readers take it beside that."""


def is_id(value: object, longest: int = LONGEST_ID) -> TypeGuard[str]:
    """Whether a value can be an id: a short word that prints, and no placeholder of a secret."""
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        return False
    return value.isprintable() and "{{" not in value.replace(OPEN, "") and value == value.strip()


def may_be_read_as(text: str, known: str) -> bool:
    """Whether a text is `known` to a reader that skips bytes that are no UTF-8."""
    return "\ufffd" in text and same_id(text.replace("\ufffd", ""), known)


def same_id(one: str, other: str) -> bool:
    """Whether two ids are the same text, or two spellings of the same UUID."""
    return one == other or (canonical(one) == canonical(other) and is_uuid(one))


def is_uuid(text: str) -> bool:
    """Whether a text spells a UUID, with hyphens or without, in braces or as a URN."""
    return UUID_SPELLING.fullmatch(text) is not None


def canonical(text: str) -> str:
    """The one spelling of a UUID; any other text as it is."""
    return _canonical(text) if len(text) <= LONGEST_ID else text


@lru_cache(maxsize=1024)  # the ids of a run recur in all of it
def _canonical(text: str) -> str:
    match = UUID_SPELLING.fullmatch(text)
    return str(UUID(match["digits"])) if match else text
