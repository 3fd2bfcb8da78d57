"""On which line of `openapi.yaml` each clause is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from conformance.contract import Contract

FILE: Final = "openapi.yaml"
"""The contract's file, as reports call it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the contract, counted from 1, the column likewise, and the line's text."""

    number: int
    column: int
    text: str


@lru_cache(maxsize=2)
def clause_lines(contract: Contract) -> Mapping[str, Line]:
    """The line of every clause that the contract names, by its id."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    lines = contract.text.decode("utf-8").splitlines()
    return {
        node.value: Line(mark.line + 1, mark.column + 1, lines[mark.line])
        for node in _named(yaml.compose(contract.text, Loader=loader))
        if (mark := node.start_mark)
    }


def _named(node: Any) -> Iterator[Any]:
    """The scalars that name clauses, wherever `x-clauses` stands."""
    if not isinstance(node.value, list):
        return
    for child in node.value:
        key, value = child if isinstance(child, tuple) else (None, child)
        if key is not None and key.value == "x-clauses":
            for _, entry in value.value:
                yield from _ids(entry)
        else:
            yield from _named(value)


def _ids(entry: Any) -> Iterator[Any]:
    """The ids in what stands under a keyword: an id, a list of ids, or an object with one."""
    if not isinstance(entry.value, list):
        yield entry
        return
    for child in entry.value:
        if not isinstance(child, tuple):
            yield child
        elif child[0].value == "id":
            yield child[1]
