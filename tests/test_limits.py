"""How deep a JSON text is nested is counted without reading it."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from memory import peak_of

from conformance.limits import FILE_NESTING, NestedTooDeep, bounded, bounded_toml, nesting

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


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 101 + "]" * 101,
        "a = " + "{a = " * 101 + "1" + "}" * 101,
        "a." * 101 + "a = 1",
        "a = {" + "a." * 101 + "a = 1}",
        "[" + "a." * 101 + "a]",
        'a = "x" # "\nb = ' + "[" * 101,
        "a = '''x''' \nb = " + "[" * 101,
    ],
)
def test_toml_that_is_nested_deeper_than_any_file_of_ours_is_not_read(text: str) -> None:
    with pytest.raises(NestedTooDeep, match="100 levels"):
        bounded_toml(text)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 99 + "]" * 99,
        "a = [" + "1.5, " * 1000 + "]",
        'a = "' + "[" * 1000 + '\\""',
        "a = '" + "{" * 1000 + "'",
        'a = """' + '\n[["' * 1000 + '"""',
        "a = '''" + "\n[[" * 1000 + "'''",
        "# " + "[[." * 1000 + "\na = 1",
        "[[target]]\na = 1.5\n" * 1000,
    ],
)
def test_what_stands_in_strings_and_comments_of_toml_is_no_level(text: str) -> None:
    assert tomllib.loads(bounded_toml(text))


@given(st.text(st.sampled_from("\"'\\#[]{}.=,a\n"), max_size=60))
def test_no_text_keeps_the_levels_of_toml_from_being_counted(before: str) -> None:
    try:
        tomllib.loads(f"a = 1\n{before}\n")
    except ValueError:
        return
    with pytest.raises(NestedTooDeep):
        bounded_toml(f"a = 1\n{before}\nb = {'[' * 101}{']' * 101}\n")


@pytest.mark.parametrize("unit", ["a", '\\"', '"a'], ids=["letters", "escapes", "quotes"])
def test_a_long_string_of_toml_takes_little_memory(unit: str) -> None:
    text = 'a = """' + unit * (500_000 // len(unit)) + '"""'
    assert peak_of(lambda: bounded_toml(text)) < 10_000_000
