"""How deep a JSON text is nested is counted without reading it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.limits import FILE_NESTING, NestedTooDeep, bounded, nesting

texts = st.text('[]{}"\\\\ aé', max_size=6)
values = st.recursive(
    st.none() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def levels(value: Any) -> int:
    if isinstance(value, list):
        return 1 + max(map(levels, value), default=0)
    return 1 + max(map(levels, value.values()), default=0) if isinstance(value, dict) else 0


@given(values, st.booleans(), st.sampled_from([None, 1]))
@example(["\\\\", "[", '\\"[['], False, None)
@example({"": "", '"': ["", "", [""]]}, True, None)
def test_levels_are_those_of_the_value(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert nesting(text.encode()) == levels(value)


@given(st.binary(max_size=60))
def test_any_bytes_have_a_depth(data: bytes) -> None:
    assert 0 <= nesting(data) <= data.count(b"[") + data.count(b"{")


def test_a_file_may_have_any_number_of_values_and_few_levels() -> None:
    wide = b"[" + b"[{}]," * 1000 + b"1]"
    assert bounded(wide) is wide
    deep = b"[" * (FILE_NESTING + 1)
    with pytest.raises(NestedTooDeep, match="more than 100 levels"):
        bounded(deep)
