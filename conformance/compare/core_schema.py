"""Plain scalars by the core schema of YAML 1.2 (section 10.3.2), which OpenAPI asks for.

PyYAML resolves them by YAML 1.1, where `off`, `12:30:45`, `1_000`, `=` and `017` are other values.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

TAG: Final = "tag:yaml.org,2002:"
CONSTANTS: Final[dict[str, Any]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC: Final = frozenset("+-.0123456789")
"""How numbers begin."""
_INTEGER: Final = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OTHER_BASE: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def plain(text: str) -> Any:
    """The value of a plain scalar. Raises ValueError for a number that JSON does not have."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    return _number(text) if text[0] in _NUMERIC else text


def tagged(tag: str, text: str) -> Any:
    """The value of a scalar with the tag of a type. Raises ValueError where it is no such value.

    Raises KeyError for a tag that JSON has no type for.
    """
    kind = tag.removeprefix(TAG) if tag.startswith(TAG) else tag
    if kind == "str":
        return text
    types = {"null": type(None), "bool": bool, "int": int, "float": float}[kind]
    value = plain(text)
    if kind == "float" and type(value) is int:
        value = float(value)
    if type(value) is not types:
        raise ValueError
    return value


def finite(text: str) -> float:
    """A number as JSON writes it. Raises ValueError where it is beyond every number."""
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"the number {text[:40]} is too large")
    return value


def _number(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)  # leading zeros mean nothing: 017 is 17
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return finite(text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError
    return text
