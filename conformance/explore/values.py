"""JSON values that exploration puts where others belong, each type as likely as any other."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from conformance.explore.texts import WORDS, Texts, texts

Values = st.SearchStrategy[Any]

POWERS = (7, 8, 15, 16, 24, 31, 32, 53, 62, 63, 64, 65, 127, 128, 256, 1023, 1024)
WHOLE = {0, 1, 2, 3, 10, 42, 100, 1000, 1_700_000_000, 1_700_000_000_000}
WHOLE |= {2**power + more for power in POWERS for more in (-1, 0, 1)}
WHOLE |= {10**power for power in (9, 12, 15, 16, 18, 19, 20, 22, 40, 100, 400)}
PARTS = (0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 1e-7, 5e-324, 2.2e-308, 1e9, 1e15, 1e16, 2.0**53, 1e22)
LARGE = (2.0**63, 2.0**64, 3.5e38, 1e100, 1e307, 1.7e308)
SIZES = (*WHOLE, *PARTS, *LARGE)
NUMBERS: tuple[int | float, ...] = tuple(sorted([*SIZES, *(-n for n in SIZES)], key=abs))
"""Numbers at which types end, the smallest first."""
NAMES = (
    *("a", "id", "name", "plan_id", "checkpoint", "parameters", "resources", "auto_trigger"),
    *(
        "value",
        "type",
        "$ref",
        "$ne",
        "__proto__",
        "constructor",
        "",
        "0",
        "é",
        "备份",
        "\U0001f4be",
    ),
)
MANY = (1, 2, 3, 4, 5, 6, 7, 8, 10, 16, 17, 32, 33, 50, 64, 65, 100, 101, 128, 129, 200, 256, 257)
DEEPEST = 40
LONGEST_LEAF = 257
MOST_BYTES = 20_000
"""What many of the same may take: a body that is too large may be refused for that alone."""


def numbers() -> Values:
    """Numbers: at the ends of types, small, and any."""
    ends = st.sampled_from(NUMBERS)
    small = st.integers(-20, 20)
    # Few digits and a power of ten: a number of many digits takes too many requests to shrink.
    digits, powers = st.integers(-99, 99), st.integers(0, 25)
    whole = st.builds(lambda some, power: some * 10**power, digits, powers)
    parts = st.builds(lambda some, power: float(f"{some}e{power}"), digits, st.integers(-30, 300))
    return _one([ends, small, whole, parts, ends, ends])


def json_values(favourites: Texts | None = None) -> Values:
    """Any JSON value; `favourites` are texts that mean something where it will stand."""
    some_texts = texts() if favourites is None else favourites
    leaves = _one([numbers(), st.booleans(), st.none(), some_texts, texts(LONGEST_LEAF)])
    plain = [st.none(), st.booleans(), numbers(), texts()]
    return _one([*plain, numbers(), *(lists(leaves), objects(leaves)) * 2, nested(leaves)])


def lists(leaves: Values) -> Values:
    """Lists: of none, one, several, or many."""
    several = st.lists(leaves, max_size=4)
    mixed = st.lists(_one([leaves, st.lists(leaves, max_size=2)]), min_size=1, max_size=3)
    many = st.builds(
        lambda item, count: [item] * _fitting(item, count), leaves, st.sampled_from(MANY)
    )
    return _one([several, several, mixed, many])


def _fitting(item: Any, count: int) -> int:
    """The count, or as many of the item as a body can hold."""
    return min(count, MOST_BYTES // len(json.dumps(item)) + 1)


def objects(leaves: Values) -> Values:
    """Objects: of no field, one, several, or many; names of all kinds."""
    names = _one([st.sampled_from(NAMES), texts(65)])
    several = st.dictionaries(names, leaves, max_size=3)
    single = st.builds(lambda name, value: {name: value}, names, leaves)
    many = st.builds(
        lambda name, value, count: {
            f"{name}{place}": value for place in range(_fitting(value, count))
        },
        st.sampled_from(NAMES),
        leaves,
        st.sampled_from(MANY),
    )
    return _one([single, several, single, many])


def nested(leaves: Values) -> Values:
    """Values in lists in objects in lists: usually two or three deep, at times many."""
    few = st.lists(st.sampled_from([None, *NAMES]), min_size=1, max_size=4)
    depths = st.sampled_from([2, 3, 4, 5, 6, 8, 10, 16, 20, DEEPEST])
    deep = st.builds(lambda kind, depth: [kind] * depth, st.sampled_from([None, "a"]), depths)
    return st.builds(_wrapped, leaves, _one([few, few, deep]), st.booleans())


def _wrapped(value: Any, wrappings: list[str | None], empty: bool) -> Any:
    """The value inside a list for each None, and an object for each name."""
    found = [] if empty else value
    for name in wrappings:
        found = [found] if name is None else {name: found}
    return found


def unknown_fields() -> st.SearchStrategy[tuple[str, Any]]:
    """A field that the page does not have. Names that differ in case alone are left out."""
    page = {"checkpoint", "parameters", "plan_id", "auto_trigger", "resources"}
    names = _one([st.sampled_from(["a", "name", "id", *WORDS]), texts(65)])
    apart = names.map(lambda name: f"x{name}" if name.casefold().strip() in page else name)
    return st.tuples(apart, json_values())


def _one(options: list[Values]) -> Values:
    """One of the options, drawn flat: `st.one_of` would count the options within options."""
    last = len(options) - 1

    @st.composite
    def drawn(draw: st.DrawFn) -> Any:
        return draw(options[draw(st.integers(0, last))])

    return drawn()
