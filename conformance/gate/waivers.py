"""Reads a file of waivers (TOML): one table `[[waiver]]` for each clause."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.files import MOST_OF_A_CONFIG, read_text
from conformance.gate.model import Waiver
from conformance.limits import bounded_toml
from conformance.text import shorten, visible_line

KEYS = ("clause", "reason", "expires")
LONGEST = 1000
"""Characters of a reason."""
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_waivers(path: Path, known: Collection[str]) -> tuple[Waiver, ...]:
    """The waivers in a file; `known` are the ids of all clauses. Raises UsageError."""
    try:
        text = read_text(path, MOST_OF_A_CONFIG)
    except OSError as error:
        raise UsageError(f"--waivers {path}: {error.strerror}; give a readable file") from None
    except ValueError:
        raise UsageError(f"--waivers {path}: not UTF-8 text; give a TOML file") from None
    try:
        return parse_waivers(text, known)
    except UsageError as error:
        raise UsageError(f"--waivers {path}: {error}") from None


def parse_waivers(text: str, known: Collection[str]) -> tuple[Waiver, ...]:
    """The waivers in the text of a file. Raises UsageError for anything that is none.

    A waiver names one clause: a pattern would also waive what nobody has looked at.
    """
    import tomllib

    try:
        found = tomllib.loads(bounded_toml(text))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not TOML ({_brief(error)})") from None
    if surplus := sorted(found.keys() - {"waiver"}):
        raise UsageError(f"{_brief(surplus[0])} is unknown; write a table [[waiver]] for a clause")
    entries = found.get("waiver", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageError("waiver is no list of tables; begin each with [[waiver]]")
    waivers = tuple(_waivers(entries, known))
    names = [waiver.clause for waiver in waivers]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{name} is waived twice; leave one of them")
    return waivers


def _waivers(entries: list[dict[str, Any]], known: Collection[str]) -> Iterator[Waiver]:
    for number, entry in enumerate(entries, 1):
        try:
            yield _waiver(entry, known)
        except UsageError as error:
            raise UsageError(f"waiver {number}: {error}") from None


def _waiver(entry: dict[str, Any], known: Collection[str]) -> Waiver:
    if surplus := sorted(entry.keys() - set(KEYS)):
        raise UsageError(f"{_brief(surplus[0])} is unknown; it has {', '.join(KEYS)}")
    clause = entry.get("clause")
    if not isinstance(clause, str) or clause not in known:
        named = f"{_brief(clause)} is no clause" if clause else "no clause is named"
        raise UsageError(f"{named}; give one id, as csbs-conformance clauses lists them")
    reason = entry.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise UsageError(f"no reason is given for {clause}; say in a string why it may be broken")
    if len(reason) > LONGEST:
        raise UsageError(f"the reason for {clause} has more than {LONGEST} characters; shorten it")
    return Waiver(clause, reason.strip(), _expiry(entry.get("expires"), clause))


def _expiry(value: Any, clause: str) -> date:
    """The last day: a date of TOML, or a string that is one."""
    if type(value) is date:  # a moment is one, too, for isinstance
        return value
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    what = "there is no" if value is None else f"{_brief(value)} is no"
    raise UsageError(f"{what} last day for {clause}; write it as expires = 2030-12-31")


def _brief(value: Any) -> str:
    return visible_line(shorten(str(value), 80))
