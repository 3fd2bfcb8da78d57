"""JSON as RFC 8259 has it, from any bytes."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.limits import LIMITS
from conformance.page.json_text import JsonText, NotJson, TooDeep, parse_json

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


@contextmanager
def recursion_limit(most: int) -> Iterator[None]:
    """Stands for another interpreter: they differ in how far a reader may call itself."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(most)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


MOST = LIMITS.nesting
DEEP_TEXTS = {
    "list": b"[" * MOST + b"]" * MOST,
    "list, too deep": b"[" * (MOST + 1) + b"]" * (MOST + 1),
    "object": b'{"a":' * MOST + b"1" + b"}" * MOST,
    "object, too deep": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "brackets in strings": b'["' + b"[" * 5000 + b'\\"[{"]',
    "many side by side": b"[" + b"[{}]," * 2000 + b"1]",
    "cut off": b"[" * 5000,
    "wrong at once": b"x" + b"[" * 5000,
    "wrong above": b"[{1:" + b"[" * 5000,
    "wrong below": b"[" * 5000 + b"x",
    "wrong in the end": b"[" * MOST + b"]" * MOST + b"]",
    "no number below": b"[" * 900 + b"NaN" + b"]" * 900,
    "no number too far below": b"[" * 5000 + b"NaN",
    "a comma too many": b"[" * 900 + b"1," + b"]" * 900,
    "repeated": b'{"a":1,"a":' * 600 + b"1" + b"}" * 600,
    "repeated, too deep": b'{"a":1,"a":' * 3000 + b"1" + b"}" * 3000,
    "a byte order mark": b"\xef\xbb\xbf" + b"[" * 950 + b"]" * 950,
}


def told(data: bytes) -> str:
    """What reading came to, in a text: comparing deep values is deep as well."""
    read = outcome(data)
    return f"{type(read).__name__} {getattr(read, 'repeated', read)}"


@pytest.mark.parametrize("text", DEEP_TEXTS.values(), ids=DEEP_TEXTS)
def test_how_deep_is_read_does_not_depend_on_the_interpreter(text: bytes) -> None:
    outcomes = set()
    for most in (700, 1000, 1500, 10_000):
        with recursion_limit(most):
            outcomes.add(told(text))
    assert len(outcomes) == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("list", JsonText),
        ("list, too deep", TooDeep),
        ("object", JsonText),
        ("object, too deep", TooDeep),
        ("brackets in strings", JsonText),
        ("many side by side", JsonText),
        ("cut off", TooDeep),
        ("wrong at once", NotJson),
        ("wrong above", NotJson),
        ("wrong below", TooDeep),
        ("wrong in the end", NotJson),
        ("no number below", NotJson),
    ],
)
def test_a_text_is_read_as_deep_as_the_limit_says(name: str, kind: type[object]) -> None:
    assert type(outcome(DEEP_TEXTS[name])) is kind


@given(st.one_of(like_json, values.map(json.dumps)))
@example("1, 2")
@example('{"a": 1, "a": [2]}')
@example('{"a" 1}')
@example('{"a": 1,}')
@example("{1: 1}")
def test_deep_inside_a_text_everything_is_read_as_it_is_outside(text: str) -> None:
    assert_read_alike(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, {"b": 2, "b": 3}], "c": 4}, 5',
        '[{"a": {}}, [[], 1]], {"a": 1, "a": [2]}',
        '{"a" 1}',
    ],
)
def test_lists_and_objects_deep_inside_are_read_as_outside(text: str) -> None:
    assert_read_alike(text)


def assert_read_alike(text: str) -> None:
    around = 950
    inside = outcome(b"[" * around + f"[{text}]".encode() + b"]" * around)
    outside = outcome(f"[{text}]".encode())
    assert type(inside) is type(outside)
    if isinstance(inside, JsonText) and isinstance(outside, JsonText):
        value = inside.value
        for _ in range(around):
            (value,) = value
        assert JsonText(value, inside.repeated) == outside


@pytest.mark.parametrize("digits", [1_000, 1_001, 5_000, 100_000])
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_number_of_any_length_is_read(digits: int, sign: str) -> None:
    value = parse_json(f"{sign}{'1' * digits}".encode()).value
    assert isinstance(value, int)
    assert abs(value) >= 10**300


def test_a_number_beyond_floating_point_is_read() -> None:
    assert parse_json(b"1e999").value == sys.float_info.max
    assert parse_json(b"-1e999").value == -sys.float_info.max
