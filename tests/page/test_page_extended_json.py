"""Extensions of JSON are read for what they say; everything else stays no JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge_helpers import FIXTURES, request

from conformance.limits import LIMITS
from conformance.page.call import Call
from conformance.page.extended_json import Form, parse_extended_json
from conformance.page.json_text import JsonText, NotJson, TooDeep, parse_json

BEYOND = sys.float_info.max


@pytest.mark.parametrize(
    ("text", "value", "forms"),
    [
        ("NaN", BEYOND, [Form.NOT_A_NUMBER]),
        ("[-Infinity]", [-BEYOND], [Form.NOT_A_NUMBER]),
        ('{"a": Infinity}', {"a": BEYOND}, [Form.NOT_A_NUMBER]),
        ('"a\tb\n\x00"', "a\tb\n\x00", [Form.CONTROL]),
        ('"\\\\\t\\""', '\\\t"', [Form.CONTROL]),
        ("[1,]", [1], [Form.COMMA]),
        ('{"a": {},\n}', {"a": {}}, [Form.COMMA]),
        ("[[],[1,],]", [[], [1]], [Form.COMMA]),
        ("1//", 1, [Form.COMMENT]),
        ("/* ' \" { */[1//,\n,2]", [1, 2], [Form.COMMENT]),
        ("[1,/**/]", [1], [Form.COMMENT, Form.COMMA]),
        ("'it\\'s \"so\" \\u00e9 \\\\'", 'it\'s "so" é \\', [Form.SINGLE_QUOTES]),
        ("{'a': \"'\"}", {"a": "'"}, [Form.SINGLE_QUOTES]),
        ("'\n'", "\n", [Form.SINGLE_QUOTES, Form.CONTROL]),
        ("'NaN'", "NaN", [Form.SINGLE_QUOTES]),
        ("'//,]'", "//,]", [Form.SINGLE_QUOTES]),
        ('"\\check\\-\\é\\\\q"', "check-é\\q", [Form.ESCAPE]),
        ('"it\\\'s"', "it's", [Form.ESCAPE]),
        ("'\\q\\''", "q'", [Form.SINGLE_QUOTES, Form.ESCAPE]),
    ],
)
def test_each_form_is_read_for_what_it_says(text: str, value: Any, forms: list[Form]) -> None:
    with pytest.raises(NotJson):
        parse_json(text.encode())
    read = parse_extended_json(text.encode())
    assert (read.value, list(read.extended)) == (value, forms)


@pytest.mark.parametrize(
    "text",
    [
        *("", "]", "}"),
        *(",", "[,]", "{,}", "[1,,]", "[,1]", '{"a":,}', '{"a",}', "1,", ",1", "[1}", "[1] 2"),
        *("/*", "/", "1/**/2", "# 1", "<!-- -->1", "'", "'\\'", '"', '"\\x"', "'\\\n'", "'a''b'"),
        *(
            "nan",
            "infinity",
            "+Infinity",
            "--Infinity",
            "NaNs",
            "-NaN",
            "True",
            "None",
            "undefined",
        ),
        *(
            "{a: 1}",
            "0x10",
            ".5",
            "5.",
            "+1",
            "01",
            "1_000",
            "`a`",
            "a\x00",
            "\ufeff\ufeff1",
            "1\u00a0",
        ),
    ],
)
def test_other_laxities_are_no_json(text: str) -> None:
    with pytest.raises(NotJson):
        parse_extended_json(text.encode())


@pytest.mark.parametrize(
    ("data", "value", "forms"),
    [
        (b'"\xe9"', "\ufffd", [Form.MALFORMED]),
        (b'{"\xe9\xff": 1}', {"\ufffd\ufffd": 1}, [Form.MALFORMED]),
        (b"'\xe9'", "\ufffd", [Form.SINGLE_QUOTES, Form.MALFORMED]),
        (b'"\xed\xa0\x80"', "\ufffd" * 3, [Form.MALFORMED]),
    ],
)
def test_bytes_that_are_no_utf_8_are_replaced(data: bytes, value: Any, forms: list[Form]) -> None:
    with pytest.raises(NotJson):
        parse_json(data)
    read = parse_extended_json(data)
    assert (read.value, list(read.extended)) == (value, forms)


@pytest.mark.parametrize("data", [b"\xff", b"[1]\xe9", b"\xe9[1]", b'{"a\xe9: 1}'])
def test_bytes_that_are_no_utf_8_are_no_json_outside_of_strings(data: bytes) -> None:
    with pytest.raises(NotJson):
        parse_extended_json(data)


def test_a_name_that_stands_twice_and_a_byte_order_mark_are_told_as_elsewhere() -> None:
    read = parse_extended_json(b"\xef\xbb\xbf{'a': 1, 'a': 2}")
    assert (read.value, read.repeated, read.marked) == ({"a": 2}, ("a",), True)
    assert parse_extended_json(b"{'a': 1, 'a': 2}", first=True).value == {"a": 1}


def test_it_goes_as_deep_as_json() -> None:
    deep = LIMITS.nesting
    assert parse_extended_json(b"[" * deep + b"NaN" + b"]" * deep).extended
    with pytest.raises(TooDeep):
        parse_extended_json(b"[" * (deep + 1) + b"NaN" + b"]" * (deep + 1))


strings = st.text(st.characters(codec="utf-8"), max_size=6)
values = st.recursive(
    st.booleans() | st.integers() | strings,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(strings, inner, max_size=4),
    max_leaves=10,
)


@given(values)
def test_what_is_json_is_read_alike_and_has_none_of_the_forms(value: Any) -> None:
    text = json.dumps(value).encode()
    assert parse_extended_json(text) == parse_json(text) == JsonText(value)


@given(strings)
def test_a_string_in_single_quotes_is_the_string(value: str) -> None:
    inner = json.dumps(value)[1:-1].replace('\\"', '"').replace("'", "\\'")
    read = parse_extended_json(f"'{inner}'".encode())
    assert read == JsonText(value, extended=(Form.SINGLE_QUOTES,))


pieces = st.sampled_from(
    [*"[]{},:'\"\\/*\n\t ", "NaN", "Infinity", "1", "true", '"a"', "'a'", "//", "/*", "*/", '"a":']
)


@given(st.lists(pieces, max_size=10).map("".join))
def test_any_text_is_extended_json_or_no_json(text: str) -> None:
    try:
        read = parse_extended_json(text.encode())
    except NotJson:
        return
    try:
        assert parse_json(text.encode()).value == read.value
    except NotJson:
        assert read.extended


def test_a_request_whose_body_is_an_extension_and_too_deep_is_read_as_too_deep() -> None:
    deep = b"{'a':" + b"[" * 50_000 + b"]" * 50_000 + b"}"
    assert isinstance(Call(request(deep), FIXTURES).json, TooDeep)
