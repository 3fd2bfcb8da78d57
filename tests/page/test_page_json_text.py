"""JSON as RFC 8259 has it, from any bytes."""

from __future__ import annotations

import json
import math
import sys
from typing import Any, NoReturn

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.page.json_text import HUGE, JsonText, NotJson, TooDeep, parse_json

texts = st.text(st.characters(codec="utf-8"), max_size=8)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), texts, st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
like_json = st.text('{}[]",:0123456789.eE+-truefalsn \n\\/u"', max_size=12)


def refuse(_: str) -> NoReturn:
    raise ValueError


def read_by_the_standard_library(text: str) -> tuple[bool, Any]:
    try:
        return True, json.loads(text, parse_constant=refuse)
    except ValueError:
        return False, None


@given(values, st.booleans(), st.sampled_from([None, 0, 3]))
def test_what_was_written_is_read_back(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert parse_json(text.encode()) == JsonText(value)


def outcome(data: bytes) -> object:
    try:
        return parse_json(data)
    except (NotJson, TooDeep) as error:
        return error


cut_off = values.map(lambda value: json.dumps(value)[:-1].encode())


@given(st.one_of(st.binary(), like_json.map(str.encode), cut_off))
def test_any_bytes_are_json_or_no_json_and_nothing_else(data: bytes) -> None:
    assert str(outcome(data))


def finite(value: Any) -> Any:
    """The value with the largest floats in place of infinite ones."""
    if isinstance(value, float) and math.isinf(value):
        return math.copysign(sys.float_info.max, value)
    if isinstance(value, list):
        return [finite(item) for item in value]
    return {k: finite(v) for k, v in value.items()} if isinstance(value, dict) else value


@given(like_json)
@example("1E1000")
def test_what_is_json_is_what_the_strict_reader_of_the_standard_library_takes(text: str) -> None:
    is_json, value = read_by_the_standard_library(text)
    if is_json:
        assert finite(parse_json(text.encode()).value) == finite(value)
    else:
        with pytest.raises(NotJson):
            parse_json(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b'{"a": NaN}',
        b"[1,]",
        b'{"a": 1,}',
        b"{'a': 1}",
        b"{a: 1}",
        b"01",
        b"1.",
        b".5",
        b"+1",
        b"0x1",
        b"True",
        b"None",
        b'"a\nb"',
        b'"\t"',
        b'"\\x41"',
        b'"open',
        b"1 2",
        b"{}{}",
        b"[] x",
        b"/* */ 1",
        b"\x0c1",
        "\xa01".encode(),
        b'"\xff"',
        b"\xed\xa0\x80",
        '"é"'.encode("latin-1"),
        '"a"'.encode("utf-16"),
        '"a"'.encode("utf-32-le"),
        b"\xef\xbb\xbf\xef\xbb\xbf1",
        b"1\0",
    ],
)
def test_what_other_readers_may_take_is_no_json(text: bytes) -> None:
    with pytest.raises(NotJson):
        parse_json(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"1", 1),
        (b"-0", 0),
        (b"1e2", 100.0),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\ud800"', "\ud800"),
        (b' \t\r\n{ "a" : [ ] } ', {"a": []}),
        (b'"\\/"', "/"),
        ('"\u2028"'.encode(), "\u2028"),
    ],
)
def test_every_form_of_json_is_read(text: bytes, value: Any) -> None:
    assert parse_json(text) == JsonText(value)


def test_a_byte_order_mark_is_noted_and_passed_over() -> None:
    assert parse_json(b"\xef\xbb\xbf{}") == JsonText({}, marked=True)


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        (b'{"a": 1, "b": 2}', ()),
        (b'{"a": 1, "a": 1}', ("a",)),
        (b'{"a": 1, "\\u0061": 2}', ("a",)),
        (b'{"a": {"a": 1}}', ()),
        (b'{"b": 1, "b": 2, "a": 1, "a": 2}', ("a", "b")),
        (b'[{"x": {"y": 1, "y": 2}}, {"y": 1}]', ("y",)),
    ],
)
def test_names_that_stand_twice_in_one_object_are_noted(
    text: bytes, repeated: tuple[str, ...]
) -> None:
    assert parse_json(text).repeated == repeated


def test_of_a_repeated_name_the_last_value_counts() -> None:
    assert parse_json(b'{"a": 1, "a": 2}').value == {"a": 2}


@pytest.mark.parametrize(
    ("opening", "is_list"), [(b"[", True), (b'{"a":', False), (b" \n[", True), (b'{"a":[', False)]
)
def test_a_nesting_that_cannot_be_followed_is_too_deep(opening: bytes, is_list: bool) -> None:
    with pytest.raises(TooDeep) as caught:
        parse_json(opening * 100_000)
    assert caught.value.is_list is is_list


@pytest.mark.parametrize("digits", [1_000, 1_001, 5_000, 100_000])
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_number_of_any_length_is_read(digits: int, sign: str) -> None:
    value = parse_json(f"{sign}{'1' * digits}".encode()).value
    assert isinstance(value, int)
    assert abs(value) >= HUGE


def test_a_number_beyond_floating_point_is_read() -> None:
    assert parse_json(b"1e999").value == sys.float_info.max
    assert parse_json(b"-1e999").value == -sys.float_info.max
