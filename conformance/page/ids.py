"""Which texts that a target wrote can be ids that somebody goes on with."""

from __future__ import annotations

from typing import TypeGuard

from conformance.credentials.braces import OPEN

LONGEST_ID = 200
"""Characters; what is longer is no id, and no line of a configuration."""


def is_id(value: object, longest: int = LONGEST_ID) -> TypeGuard[str]:
    """Whether a value can be an id: a short word that prints, and no placeholder of a secret."""
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        return False
    return value.isprintable() and "{{" not in value.replace(OPEN, "") and value == value.strip()
