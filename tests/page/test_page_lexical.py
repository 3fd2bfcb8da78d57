"""What in a body many readers fail on, seen whatever stands around it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.page.call import _read
from conformance.page.lexical import Oddity, oddities

ORDINARY = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**17), 10**17),
        st.text(st.characters(min_codepoint=1, max_codepoint=0xFFFF, exclude_categories=["Cs"])),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
)

BODIES = {
    b'{"a": 1e400}': {Oddity.NUMBER},
    b'{"a": 1.0}': {Oddity.NUMBER},
    b"[1000000000000000000000]": {Oddity.NUMBER},
    b'{"1.5": "1e400 and \\" 9999999999999999999999"}': set(),
    '{"a": "\U0001f4be"}'.encode(): {Oddity.ASTRAL},
    b'{"a": "\\ud83d\\udcbe"}': {Oddity.ASTRAL},
    '{"a": "\u5907"}'.encode(): set(),
    b'{"a": "\\u0000"}': {Oddity.ZERO},
    b'{"a": 1}\0': {Oddity.ZERO, Oddity.FORM},
    b'{"a": "\xff"}': {Oddity.BYTES, Oddity.FORM},
    b'{"a": NaN}': {Oddity.FORM},
    b'{"a": 1,}': {Oddity.FORM},
    b"{": {Oddity.FORM},
    b" ": {Oddity.FORM},
    b"": set(),
}


def read_of(body: bytes) -> frozenset[Oddity]:
    return oddities(body, _read(body, takes_first=False))


@pytest.mark.parametrize("body", BODIES)
def test_each_oddity_is_seen_where_it_is(body: bytes) -> None:
    assert read_of(body) == BODIES[body]


@given(ORDINARY, st.booleans(), st.sampled_from([None, 2]))
def test_ordinary_json_has_none_however_it_is_written(
    value: object, escapes: bool, indent: int | None
) -> None:
    assert not read_of(json.dumps(value, ensure_ascii=escapes, indent=indent).encode())
