"""Names of fields in another case: the readers of several languages take them for the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BODY: Mapping[str, Mapping[str, Any]] = {
    "checkpoint": {"plan_id": {}, "parameters": {"auto_trigger": {}, "resources": {}}}
}
"""The names of Tables 2 to 4, each with those within it."""


def in_lower_case(value: Any, names: Mapping[str, Any] = BODY) -> Any:
    """A body read without regard to case: of names that are the same then, the last counts.

    It is the same object where no name of the tables stands there in another case.
    """
    if not isinstance(value, dict) or not names:
        return value
    read: dict[str, Any] = {}
    for name, inner in value.items():
        known = name.lower() if name.isascii() and name.lower() in names else name
        read[known] = in_lower_case(inner, names.get(known, {}))
    is_same = list(read) == list(value) and all(read[name] is value[name] for name in read)
    return value if is_same else read
