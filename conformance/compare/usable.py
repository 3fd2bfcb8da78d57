"""Whether what stands under one keyword of a schema is what JSON Schema has there."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import jsonschema_rs

from conformance.compare.keywords import (
    FORMATS,
    LATER_MAPS,
    LATER_PLAIN,
    LISTS,
    MAPS,
    PLAIN,
)
from conformance.compare.model import Inconclusive
from conformance.compare.pointers import escaped
from conformance.compare.vendor import Node
from conformance.contract import load_contract

PATTERNS: Final = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)
_EXCLUSIVE: Final = ("exclusiveMinimum", "exclusiveMaximum")


def check_keyword(keyword: str, node: Node, *, is_modern: bool) -> bool:
    """Whether a keyword, with the value of a node, restricts. Raises Inconclusive for no schema.

    `required: true` within a property, as JSON Schema had it before 2013, is passed over, and so is
    a format that only some tools know. Before OpenAPI 3.1 a boolean makes a bound exclusive.
    """
    told: Any = node.value
    is_boolean = isinstance(told, bool)
    if keyword in LISTS | {"prefixItems", "enum"} and not (isinstance(told, list) and told):
        raise Inconclusive(node.pointer, "this is not a list with something in it; correct it")
    if keyword in MAPS | LATER_MAPS:
        _check_map(node)
    if keyword not in PLAIN | LATER_PLAIN or (is_boolean and keyword == "required"):
        return False
    if not (is_boolean and keyword in _EXCLUSIVE and not is_modern):
        _check_plain(keyword, node)
    return keyword != "format" or told in FORMATS


def _check_map(node: Node) -> None:
    if not isinstance(node.value, dict):
        raise Inconclusive(node.pointer, "this is not an object; correct it")
    for name, value in node.value.items():
        if not isinstance(value, dict | bool | None):
            raise Inconclusive(
                f"{node.pointer}/{escaped(name)}", "this is not a schema; correct it"
            )


def _check_plain(keyword: str, node: Node) -> None:
    told = node.value
    if keyword == "required" and isinstance(told, list) and all(isinstance(x, str) for x in told):
        told = list(dict.fromkeys(told))
    try:
        jsonschema_rs.Draft202012Validator({keyword: told}, pattern_options=PATTERNS, offline=True)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        problem = f"not a valid schema: {first_line(error)}; correct it"
        raise Inconclusive(node.pointer, problem) from None


@cache
def example_ids() -> list[str]:
    """The ids of the requests of the page's examples."""
    parts = load_contract().document["components"]
    checkpoint = parts["examples"]["request_full"]["value"]["checkpoint"]
    in_path = (each["example"] for each in parts["parameters"].values())
    return [*in_path, checkpoint["plan_id"], *checkpoint["parameters"]["resources"]]


def first_line(error: Exception) -> str:
    """The beginning of what an error of the library says."""
    text = getattr(error, "message", None) or str(error)
    return str(text).splitlines()[0][:200] if str(text) else type(error).__name__
