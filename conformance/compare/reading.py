"""Reads a text of any origin as JSON or YAML, with the line on which each value stands."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any, Final, NoReturn

from conformance.compare.core_schema import finite
from conformance.compare.spots import DEEPEST, MOST, Text, measure
from conformance.compare.yaml_text import NotYaml, quoted, read_yaml
from conformance.errors import UsageError

_SURROGATE: Final = re.compile(r"(\\u)[dD](?=[89a-fA-F])")


def read_text(text: str, name: str) -> Text:
    """What the text of the file `name` says. Raises UsageError."""
    is_json = text.lstrip()[:1] in ("{", "[")
    return _json(text, name) if is_json else read_yaml(text, name)


def _json(text: str, name: str) -> Text:
    """JSON, or YAML that begins like JSON; the lines come from reading it as YAML."""
    try:
        document = json.loads(
            text,
            parse_constant=_no_number,
            parse_float=finite,
            object_pairs_hook=_unique,
        )
    except RecursionError:
        raise UsageError(f"{name} is nested too deep (more than {DEEPEST} levels)") from None
    except _Duplicate as error:
        with suppress(NotYaml):
            read_yaml(_as_yaml(text), name)  # says on which lines
        raise UsageError(f"{name} has a duplicate key, {error}; remove one") from None
    except ValueError as error:
        try:
            return read_yaml(text, name)
        except NotYaml:
            raise NotYaml(f"{name} is neither JSON nor YAML: {error}") from None
    if measure(document) is None:
        raise UsageError(
            f"{name} is too large to be an OpenAPI document (more than {MOST:,} values), "
            f"or nested too deep (more than {DEEPEST} levels)"
        )
    try:
        return Text(document, read_yaml(_as_yaml(text), name).begins)
    except UsageError:
        return Text(document, 0)


def _as_yaml(text: str) -> str:
    """JSON with the same lines, keys and values in YAML, as far as lines are asked for.

    Tabs are white space in JSON, and nothing else; halves of a surrogate pair are no characters
    of YAML.
    """
    return _SURROGATE.sub(r"\1e", text.replace("\t", " "))


class _Duplicate(ValueError):
    """An object of JSON has a key twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise _Duplicate(quoted(twice))
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")
