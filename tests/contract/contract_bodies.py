"""Valid bodies, and ways to change one."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from conformance.contract import load_contract

EXAMPLES = load_contract().document["components"]["examples"]
BODIES: dict[str, Any] = {
    "request": EXAMPLES["request_full"]["value"],
    "response": EXAMPLES["response_protecting"]["value"],
    "error": EXAMPLES["error_400"]["value"],
}
Path = tuple[str | int, ...]


class Absent:
    """Takes the place of a value that is to be removed."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()

texts = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from('\ud800\udfff{}\\"')), max_size=6
)
numbers = st.one_of(
    st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.just(10**300)
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, here: Path = ()) -> list[Path]:
    """Where something stands in a JSON value."""
    found = [here]
    if isinstance(value, dict):
        for name, item in value.items():
            found += paths(item, (*here, name))
    if isinstance(value, list):
        for place, item in enumerate(value):
            found += paths(item, (*here, place))
    return found


def changed(value: Any, path: Path, new: Any) -> Any:
    """A copy of a JSON value with something else at `path`, or nothing."""
    if not path:
        return new
    copy = deepcopy(value)
    parent = copy
    for step in path[:-1]:
        parent = parent[step]
    if isinstance(new, Absent):
        del parent[path[-1]]
    else:
        parent[path[-1]] = new
    return copy


@st.composite
def mutated(draw: st.DrawFn, name: str) -> Any:
    """A valid body of a schema, changed in up to three places."""
    body = BODIES[name]
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(paths(body)))
        new = draw(st.one_of(json_values, st.just(ABSENT)) if path else json_values)
        body = changed(body, path, new)
    return body
