"""YAML as YAML 1.2 has it, and JSON: values, keys, duplicates, encodings, and what they cost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from compare_documents import VERSIONS, field
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import examples

from conformance.compare.comparing import compare
from conformance.compare.source import parse_source
from conformance.errors import UsageError

CORE: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "0": 0, "017": 17, "-08": -8, "+12": 12, "0o17": 15, "0x1F": 31, "0xff": 255,
    "1.": 1.0, ".5": 0.5, "-.5": -0.5, "1e9": 1e9, "12e03": 12000.0,
    "+1.5E-3": 0.0015, "1e+2": 100.0,
}  # fmt: skip
TEXTS = (
    "nULL", "none", "tRue", "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On",
    "ON", "off", "Off", "OFF", "=", "<<", "12:30:45", "190:20:30", "1_000", "0b1", "0o8", "0xg",
    "-0x1F", "+0o7", "0X1F", "2016-12-06", "2016-12-06T21:20:29.898823", "2001-12-14 21:59:43.1",
    "1.2.3", "1,5", "e3", ".", "-", "+", "1e", "Inf", "nan", "NaN", "infinity", ".infinity",
    "١٢", "685_230.15", "!x"[1:],
)  # fmt: skip


def value_of(text: str) -> Any:
    return parse_source(f"openapi: 3.1.0\nx: {text}\n".encode(), "v").document["x"]


@pytest.mark.parametrize("text", CORE)
def test_a_plain_scalar_is_what_the_core_schema_says(text: str) -> None:
    value = value_of(text)
    assert value == CORE[text]
    assert type(value) is type(CORE[text])


@pytest.mark.parametrize("text", TEXTS)
def test_what_the_core_schema_does_not_know_is_a_text(text: str) -> None:
    assert value_of(text if text not in ("-",) else '"-"') == text
    listed = parse_source(f"openapi: 3.1.0\nx: [ {text} , 1]\n".encode(), "v") if (
        text not in ("-", "1,5")) else None  # fmt: skip
    assert listed is None or listed.document["x"] == [text, 1]


@pytest.mark.parametrize("text", [*CORE, *TEXTS])
@pytest.mark.parametrize("quote", ["'{}'", '"{}"', "!!str {}", "! {}"])
def test_what_is_quoted_or_tagged_as_a_text_is_one(text: str, quote: str) -> None:
    if "!" not in quote or text not in ("-", ""):
        assert value_of(quote.format(text)) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("!!int 017", 17), ("!!float 3", 3.0), ("!!bool 'true'", True), ("!!null ''", None)],
)
def test_tags_of_the_core_schema_are_followed(text: str, value: Any) -> None:
    assert (value_of(text), type(value_of(text))) == (value, type(value))


@pytest.mark.parametrize(
    "text", [".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1e999", "!!int x", "!!bool yes",
             "!!float on", "!!timestamp 2001-01-01", "!!binary eA==", "!!set {a}", "!custom x",
             "9" * 5000]
)  # fmt: skip
def test_what_json_has_no_value_for_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(UsageError, match=r"line 2"):
        value_of(text)


def test_keys_are_the_texts_they_are_written_with() -> None:
    text = "openapi: 3.1.0\nx: {200: a, 0x1F: b, on: c, 1.0: d, ~: e, null: f, &k yes: g, *k : h}"
    with pytest.raises(UsageError, match=r"duplicate key `yes` \(lines 2 and 2\)"):
        parse_source(text.encode(), "v")
    found = parse_source(text.replace(", *k : h", ", y: *k").encode(), "v").document["x"]
    assert list(found) == ["200", "0x1F", "on", "1.0", "~", "null", "yes", "y"]
    assert found["y"] == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "openapi: 3.1.0\nx:\n  a: 1\n  b: {}\n  'a': 2\n",
        '{"openapi": "3.1.0",\n "x": {\n"a": {"b":\t1},\n"b": "\\ud83d\\ude00",\n"a": 2}}',
        'openapi: 3.1.0\nx:\n  "\\x61": [1]\n  b: 1\n  a: 2\n',
        "openapi: 3.1.0\nx: {\n  a: 1,\n b: 2,\n  a: 1}\n",
    ],
)
def test_a_duplicate_key_is_named_with_both_lines(text: str) -> None:
    with pytest.raises(UsageError, match=r"duplicate key `a` \(lines 3 and 5\)"):
        parse_source(text.encode(), "vendor")


def test_a_status_is_one_key_quoted_or_not() -> None:
    with pytest.raises(UsageError, match=r"duplicate key `200` \(lines 2 and 3\)"):
        parse_source(b"openapi: 3.1.0\n200: 1\n'200': 2\n", "vendor")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("dump", [json.dumps, yaml.safe_dump])
def test_every_encoding_of_yaml_is_read(encoding: str, dump: Any) -> None:
    assert compare(parse_source(dump(VERSIONS["3.1"]()).encode(encoding), "v")).exit_code == 0


def test_line_separators_of_yaml_1_1_are_characters() -> None:
    text = "openapi: 3.1.0\nx: a\u2028b\u0085c\u2029d\ny: [\n1, 2]\n"
    source = parse_source(text.encode(), "v")
    assert source.document["x"] == "a\u2028b\u0085c\u2029d"
    assert source.place("/y/0").line == 4


def test_an_alias_stands_where_it_is_written_and_its_parts_at_the_anchor() -> None:
    source = parse_source(b"openapi: 3.1.0\na: &a\n  b: [1,\n 2]\nc: *a\nd:\n- *a\n- x\n", "v")
    lines = [source.place(each).line for each in ("/c", "/c/b", "/c/b/1", "/d/0", "/d/0/b", "/d/1")]
    assert lines == [5, 3, 4, 7, 3, 8]


def test_merged_fields_are_taken_over_the_first_first_and_told() -> None:
    text = "openapi: 3.1.0\na: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc:\n  <<: [*a, *b]\n  y: 3\n"
    source = parse_source(text.encode(), "v")
    assert source.document["c"] == {"y": 3, "x": 1, "z": 2}
    assert "line 5" in source.text.notes[0]
    quoted = parse_source(text.replace("<<", "'<<'").encode(), "v")
    assert list(quoted.document["c"]) == ["<<", "y"]
    assert quoted.text.notes == ()


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(TEXTS) | st.text(st.characters(codec="utf-8", exclude_categories=["C"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(TEXTS), inner, max_size=4), max_leaves=8))  # fmt: skip
@settings(max_examples=examples(60))
def test_yaml_that_begins_like_json_says_what_json_says(value: Any) -> None:
    text = json.dumps({"x": value}, ensure_ascii=False)
    plain = parse_source(text.encode(), "v").document
    assert parse_source(b"%YAML 1.2\n---\n" + text.encode(), "v").document == plain == {"x": value}


def deep_keys() -> bytes:
    """216 kB that are 2 GB where every value keeps its pointer."""
    lines = [f"{' ' * level}{'k' * 1000}{level}:" for level in range(195)]
    items = ", ".join(["1"] * 10_000)
    return ("openapi: 3.1.0\n" + "\n".join(lines) + f" [{items}]\n").encode()


def many_schemas() -> bytes:
    """10 MB of a document."""
    document = VERSIONS["3.0"]()
    one = json.dumps(document["components"]["schemas"]["checkpoint_resp"])
    number = 10_000_000 // len(one)
    for each in range(number):
        document["components"]["schemas"][f"more{each}"] = json.loads(one)
    return json.dumps(document).encode()


def small_objects() -> bytes:
    """As many objects as a document may have, each with one value."""
    return json.dumps({**VERSIONS["3.1"](), "x": [{"a": each} for each in range(330_000)]}).encode()


def too_many() -> bytes:
    """10 MB of values, of which there are too many to be read."""
    return b"openapi: 3.1.0\nx: [" + b"1," * 4_900_000 + b"1]"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak")
@pytest.mark.parametrize("make", [deep_keys, many_schemas, small_objects, too_many])
def test_what_is_small_stays_small(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "vendor.yaml"
    path.write_bytes(make())
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from conformance.compare.comparing import compare\n"
        "from conformance.compare.source import read_source\n"
        "from conformance.errors import UsageError\n"
        "try:\n    compare(read_source(Path(sys.argv[1])))\n"
        "except UsageError as error:\n    print(error)\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=120,
        check=True,
    )  # fmt: skip
    *_, kilobytes = done.stdout.splitlines()
    assert int(kilobytes) < 300_000, done.stdout


def test_a_status_that_only_yaml_1_1_takes_for_a_boolean_is_a_difference() -> None:
    document = VERSIONS["3.0"]()
    field(document, "checkpoint_resp", "status")["enum"].append("off")
    text = yaml.safe_dump(document, sort_keys=False).replace("'off'", "off")
    assert "- off" in text
    assert [d.clause.id for d in compare(parse_source(text.encode(), "v")).differences] == [
        "T6.status.values"
    ]


@pytest.mark.parametrize("value", ["!Sub 'arn:${x}'", "!Ref X", "!include more.yaml", "!If [a, b]"])
def test_a_tag_of_another_program_is_passed_over_in_an_extension(value: str) -> None:
    text = yaml.safe_dump(VERSIONS["3.0"](), sort_keys=False)
    for more in (f"x-more: {value}", f"x-more: {{uri: [{value}]}}"):
        assert compare(parse_source(f"{text}{more}\n".encode(), "v")).exit_code == 0


@pytest.mark.parametrize(
    "text",
    [
        "more: !Sub x",
        "x-more: &more !Sub x",
        "x-more: &more {uri: !Sub x}",
        "components: {schemas: {x-more: {type: !Sub x}}}",
    ],
)
def test_a_tag_of_another_program_is_refused_where_its_value_may_be_used(text: str) -> None:
    with pytest.raises(UsageError, match="'!Sub'"):
        parse_source(f"openapi: 3.0.0\n{text}\n".encode(), "v")


def test_what_a_tag_of_another_program_makes_is_not_known() -> None:
    document = VERSIONS["3.0"]()
    field(document, "checkpoint_req")["properties"]["plan_id"] = {"$ref": "#/x-more"}
    text = yaml.safe_dump(document, sort_keys=False) + "x-more: !Schema {type: string}\n"
    comparison = compare(parse_source(text.encode(), "v"))
    assert (comparison.exit_code, comparison.differences) == (3, ())
