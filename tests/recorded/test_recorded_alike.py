"""What recurs in a recording is read once, and nothing that only looks alike is."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from conformance.limits import LIMITS
from conformance.recorded import json_stream
from conformance.recorded.entry import Json
from conformance.recorded.json_stream import MOST_SEAMS, BadJson, JsonStream, read
from conformance.recorded.messages import (
    LONGEST_REMEMBERED,
    MOST_BYTES,
    MOST_REMEMBERED,
    Alike,
    Message,
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters() | st.sampled_from('"}{,:[]\\\ud800')),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
json_objects = st.dictionaries(st.text(), json_values, max_size=3)


class Note(Message, frozen=True, eq=False):
    """Something that was read."""

    text: str


class Reader:
    """Counts what it reads."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, value: Json) -> Note:
        self.times += 1
        return Note(repr(value))


def written(value: object) -> Raw:
    return Raw(json.dumps(value).encode())


@given(st.lists(json_objects, max_size=8))
def test_each_value_is_read_as_it_is(values: list[dict[str, Any]]) -> None:
    alike = Alike(Reader())
    for member in (*values, *map(written, values), *map(written, values)):
        value = json.loads(bytes(member)) if isinstance(member, Raw) else member
        assert alike.read(member).text == repr(value)


def test_what_recurs_is_read_once() -> None:
    reader = Reader()
    alike = Alike(reader)
    found = {alike.read(written({"status": 200, "headers": [{"name": "Date"}]})) for _ in range(3)}
    assert reader.times == 1
    assert all(each.remembered for each in found)


@pytest.mark.parametrize("member", [None, "x", [1], written("x"), written([1])])
def test_what_is_no_object_is_an_empty_one(member: object) -> None:
    assert Alike(Reader()).read(member).text == "{}"


def test_one_true_and_1_0_are_not_alike() -> None:
    alike = Alike(Reader())
    found = {alike.read(written({"bodySize": value})).text for value in (1, True, 1.0)}
    assert len(found) == 3


def test_few_are_remembered() -> None:
    reader = Reader()
    alike = Alike(reader)
    for number in range(MOST_REMEMBERED + 1):
        alike.read(written({"number": number}))
    alike.read(written({"number": 0}))
    assert reader.times == MOST_REMEMBERED + 2


def test_what_is_remembered_stays_small() -> None:
    reader = Reader()
    alike = Alike(reader)
    long = "a" * (LONGEST_REMEMBERED // 2)
    for number in range(times := 2 * MOST_BYTES // len(long) + 1):
        alike.read(written({"number": number, "text": long}))
    alike.read(written({"number": 0, "text": long}))
    assert reader.times == times + 1


def test_what_is_very_long_is_not_remembered() -> None:
    reader = Reader()
    alike = Alike(reader)
    long = written({"text": "a" * LONGEST_REMEMBERED})
    assert not alike.read(long).remembered
    alike.read(long)
    assert reader.times == 2


def listed(text: str) -> tuple[list[Any], int]:
    """The items of a list, and of how many objects the members could be had as they are written."""
    stream = JsonStream(io.BytesIO(text.encode("utf-8", "surrogatepass")))
    items: list[Any] = []
    apart = 0
    for _ in stream.items():
        parts = stream.parts()
        apart += parts is not None
        items.append(stream.value() if parts is None else {k: read(v) for k, v in parts.items()})
    stream.end()
    return items, apart


separators = st.tuples(st.sampled_from([",", ", ", " ,\n"]), st.sampled_from([":", ": "]))


@given(st.lists(json_values, max_size=8), separators, st.none() | st.just(1), st.booleans())
def test_a_list_is_read_as_the_standard_library_reads_it(
    values: list[Any], marks: tuple[str, str], indent: int | None, is_ascii: bool
) -> None:
    text = json.dumps(values, separators=marks, indent=indent, ensure_ascii=is_ascii)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(values, separators=marks, indent=indent)
    assert repr(listed(text)[0]) == repr(json.loads(text))


@given(
    st.lists(st.sampled_from(["request", "time", "a\\b"]), min_size=2, max_size=4, unique=True),
    st.lists(st.tuples(st.integers(0, 3), json_objects), min_size=20, max_size=30),
    st.sampled_from([(",", ":"), (", ", ": ")]),
)
def test_objects_that_begin_alike_are_taken_apart(
    names: list[str], given: list[tuple[int, dict[str, Any]]], marks: tuple[str, str]
) -> None:
    """Those inside of them may begin as they do, and may not be taken for them."""
    values = [
        {names[at % len(names)]: [{names[0]: 1}, {names[0]: inner}]} | inner for at, inner in given
    ]
    text = json.dumps(values, separators=marks)
    assert repr(listed(text)[0]) == repr(json.loads(text))


def test_of_entries_of_one_tool_nearly_all_are_taken_apart() -> None:
    values = [
        {"time": n, "request": {"url": f"/{n}", "headers": [{"name": "x"}]}} for n in range(50)
    ]
    for indent in (None, 2):
        items, apart = listed(json.dumps(values, indent=indent))
        assert items == values
        assert apart >= len(values) - 3


def test_objects_that_begin_in_turns_are_taken_apart() -> None:
    values = [{f"name{n % MOST_SEAMS}": n} for n in range(100)]
    items, apart = listed(json.dumps(values))
    assert items == values
    assert apart > len(values) // 2


@pytest.mark.parametrize(
    "wrong",
    [
        '{"a": tru}', '{"a": 01}', '{"a": 1.}', '{"a": "\\q"}', '{"a": "\x01"}', '{"a": NaN}',
        '{"a": [1,]}', '{"a": 1,}', '{"a" 1}', '{"a": "\\u12g4"}', "{'a': 1}", '{"a": -}',
        '{"a": 1} {"a": 1}', '{"a": "}', '{"a": 1',
    ],
)  # fmt: skip
def test_what_is_wrong_in_one_of_them_is_found(wrong: str) -> None:
    good = ['{"a": 1}'] * 20
    with pytest.raises(BadJson):
        listed(f"[{', '.join([*good, wrong, *good])}]")


@pytest.mark.parametrize("levels", [LIMITS.nesting - 1, LIMITS.nesting])
def test_how_deep_one_of_them_may_be_is_the_limit_of_this_suite(levels: int) -> None:
    good = ['{"a": 1}'] * 20
    deep = f'{{"a": {"[" * levels}{"]" * levels}}}'
    text = f"[{', '.join([*good, deep, *good])}]"
    if levels < LIMITS.nesting:
        assert len(listed(text)[0]) == 41
    else:
        with pytest.raises(BadJson):
            listed(text)


@pytest.mark.parametrize("digits", [LIMITS.digits, LIMITS.digits + 1])
def test_how_long_a_number_may_be_is_the_limit_of_this_suite(digits: int) -> None:
    good = ['{"a": 1}'] * 20
    text = ", ".join([*good, '{"a": %s}' % ("1" * digits), *good])
    if digits > LIMITS.digits:
        with pytest.raises(BadJson, match="digits"):
            listed(f"[{text}]")
    else:
        assert listed(f"[{text}]")[0][20] == {"a": int("1" * digits)}


def test_where_guessing_fails_it_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands between two items stands within each of them, too."""
    tried = 0
    decode = json_stream._MEMBERS.decode

    class Counting:
        def decode(self, text: str) -> Any:
            nonlocal tried
            tried += 1
            return decode(text)

    monkeypatch.setattr(json_stream, "_MEMBERS", Counting())
    values = [{"a": [{"a": 1}, {"a": 2}]}] * 200
    items, apart = listed(json.dumps(values))
    assert items == values
    assert not apart
    assert tried <= json_stream.MOST_MISSES + 1
