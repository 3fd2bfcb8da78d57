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
    inner = {name: in_lower_case(value[name], names[name]) for name in names if name in value}
    is_same = all(read is value[name] for name, read in inner.items())
    if is_same and not any(_known(name, names) for name in value if name not in names):
        return value
    read: dict[str, Any] = {}
    for name, item in value.items():
        known = _known(name, names)
        read[known or name] = in_lower_case(item, names.get(known, {}))
    return read


def _known(name: str, names: Mapping[str, Any]) -> str:
    """The name of a table that a name is, in whatever case; empty where it is none."""
    lower = name.lower()
    return lower if lower in names and name.isascii() else ""
