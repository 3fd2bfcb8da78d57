"""What recurs in a recording is read once, and nothing that only looks alike is."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.limits import LIMITS
from conformance.recorded.entry import Json
from conformance.recorded.messages import LONGEST_REMEMBERED, MOST_REMEMBERED, Alike

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class Reader:
    """Counts what it reads."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, value: Json) -> str:
        self.times += 1
        return repr(value)


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=3), max_size=8))
def test_each_value_is_read_as_it_is(values: list[dict[str, Any]]) -> None:
    alike = Alike(Reader())
    assert [alike.read(value) for value in values] == list(map(repr, values))
    assert [alike.read(value) for value in values] == list(map(repr, values))


def test_what_recurs_is_read_once() -> None:
    reader = Reader()
    alike = Alike(reader)
    for _ in range(3):
        alike.read({"status": 200, "headers": [{"name": "Date"}]})
    assert reader.times == 1


def test_one_true_and_1_0_are_not_alike() -> None:
    alike = Alike(Reader())
    found = {alike.read({"bodySize": value}) for value in (1, True, 1.0)}
    assert len(found) == 3


def test_what_is_as_deep_as_is_read_is_told_apart() -> None:
    read: list[Json] = []
    alike = Alike(read.append)
    for innermost in (1, 2):
        value: Any = innermost
        for _ in range(LIMITS.nesting - 1):
            value = [value]
        alike.read({"headers": value})
    assert len(read) == 2


def test_what_is_remembered_stays_small() -> None:
    reader = Reader()
    alike = Alike(reader)
    for number in range(MOST_REMEMBERED + 1):
        alike.read({"number": number})
    alike.read({"number": 0})
    assert reader.times == MOST_REMEMBERED + 2
    long = {"text": "a" * LONGEST_REMEMBERED}
    alike.read(long)
    alike.read(long)
    assert reader.times == MOST_REMEMBERED + 4
