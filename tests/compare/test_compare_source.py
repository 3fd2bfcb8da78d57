"""Any file as a vendor's document: a comparison, or one line that says what is wrong."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compare_documents import (
    VERSIONS,
    Document,
    content,
    field,
    parameter_schema,
    post,
    reference,
    schemas,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import examples

from conformance.compare.comparing import compare
from conformance.compare.report import REPORTS
from conformance.compare.source import parse_source, read_source
from conformance.compare.spots import MOST
from conformance.errors import UsageError

LINE_END = re.compile(r"[\r\n]")
PIECES = st.sampled_from([
    b"openapi: 3.1.0\n", b"swagger: '2.0'\n", b"paths:\n",
    b"  /v1/{a}/providers/{b}/checkpoints:\n", b"    post:\n",
    b"      responses: {200: {}}\n", b"      parameters: [1, {in: path}]\n", b"&a ", b"*a",
    b"!!python/object/apply:os.system [ls]", b"<<: ", b"? [a]\n", b"{", b"}", b"[", b"]",
    b"$ref: '#'", b"---\n", b"\t", b"\x00", b"\xff", b": ", b"- ", b"null", b"1e999", b".nan",
])  # fmt: skip


def outcome(data: bytes) -> int:
    """The exit code for a file; a refusal is one line."""
    try:
        comparison = compare(parse_source(data, "vendor"))
    except UsageError as error:
        return 2 if str(error) and not LINE_END.search(str(error)) else -1
    for report in REPORTS.values():
        report(comparison).encode()
    return comparison.exit_code


@given(st.binary() | st.lists(PIECES, max_size=20).map(b"".join))
@settings(max_examples=examples(80))
def test_any_bytes_are_compared_or_refused_in_a_line(data: bytes) -> None:
    assert outcome(data) in (0, 1, 2, 3)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
    | st.sampled_from(["object", "string", "#/components/schemas/resource", "200", "http"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "$ref", "properties", "allOf", "oneOf", "items", "enum", "in",
                         "name", "schema", "content", "required", "url", "200", "pattern",
                         "additionalProperties", "not", "nullable", "post", "x"]),
        inner, max_size=4),
    max_leaves=6,
)  # fmt: skip


def every_place(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    found = [place]
    for step, inner in steps:
        found.append((*place, step))
        if isinstance(inner, dict | list):
            found += every_place(inner, (*place, step))
    return found


PLACES = {name: [p for p in every_place(make()) if p] for name, make in VERSIONS.items()}


@given(st.data(), st.sampled_from(sorted(VERSIONS)))
@settings(max_examples=examples(150))
def test_a_document_with_anything_anywhere_is_compared_or_refused(
    data: st.DataObject, version: str
) -> None:
    document: Any = VERSIONS[version]()
    place = data.draw(st.sampled_from(PLACES[version]))
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = data.draw(VALUES)
    assert outcome(json.dumps(document).encode()) in (0, 1, 2, 3)


def laughs() -> bytes:
    lines = ["openapi: 3.1.0", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for number in range(1, 30):
        inner = ", ".join([f"*a{number - 1}"] * 10)
        lines.append(f"a{number}: &a{number} [{inner}]")
    return "\n".join(lines).encode()


def chained_anchors() -> bytes:
    return (
        "openapi: 3.1.0\na: " + "&x {a: " * 150 + "[" + "1, " * 50_000 + "1]" + "}" * 150
    ).encode()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (laughs(), "aliases"),
        (chained_anchors(), "aliases"),
        (b"[" * 100_000, "nested too deep"),
        (b"{a: " * 100_000, "nested too deep"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b"- " * 100_000, "nested too deep"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "nested too deep"),
        (b"[" + b"1," * (MOST + 1) + b"1]", "large"),
        (b"openapi: 3.1.0\nx: !!python/object/apply:os.system [ls]", "tag"),
        (b"openapi: 3.1.0\nx: !!python/name:os.system", "python/name"),
        (b"openapi: 3.1.0\nx: !!binary aGVsbG8=", "binary"),
        (b"a: &a [*a]", "alias"),
        (b"a: *b", "alias"),
        (b"openapi: 3.1.0\n---\nopenapi: 3.0.0", "several"),
        (b"openapi: 3.1.0\nx: .inf", "no JSON value"),
        (b"openapi: 3.1.0\n? [a]\n: 1", "for a name"),
        (b"\xff\xff", "UTF-8"),
        (b"", "object is expected"),
        (b"[]", "object is expected"),
        (b"{}", "neither `openapi` nor `swagger`"),
        (b"openapi: 4.0.0", "4.0.0"),
        (b"swagger: '1.2'", "1.2"),
        (b"openapi: 3.1.0\npaths: []", "/paths is not an object"),
        (b"openapi: 3.1.0", "it has no operation at all"),
    ],
)
def test_what_is_no_document_is_refused_in_a_line(data: bytes, told: str) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        compare(parse_source(data, "vendor.yaml"))
    assert len(str(refused.value).splitlines()) == 1
    assert "vendor.yaml" in str(refused.value) or "/paths" in str(refused.value)


def test_what_was_looked_for_and_what_was_found_is_told() -> None:
    document = VERSIONS["3.0"]()
    (item,) = document["paths"].values()
    document["paths"] = {"/v2/{p}/providers/{q}/checkpoints": item, "/other": {"get": {}}}
    with pytest.raises(UsageError) as refused:
        compare(parse_source(json.dumps(document).encode(), "vendor.json"))
    told = str(refused.value)
    assert "POST /v1/{project_id}/providers/{provider_id}/checkpoints" in told
    assert "POST /v2/{p}/providers/{q}/checkpoints" in told
    assert "--operation" in told
    document["paths"] = {"/v1/:p/providers/:q/checkpoints": item}
    with pytest.raises(UsageError, match="braces: write"):
        compare(parse_source(json.dumps(document).encode(), "vendor.json"))
    document["paths"] = {"/v2/{p}/providers/{q}/checkpoints": item}
    operation = ("POST", "/v2/{p}/providers/{q}/checkpoints")
    comparison = compare(parse_source(json.dumps(document).encode(), "v"), operation)
    assert [found.clause.id for found in comparison.differences] == ["URI.post"]


def test_two_operations_that_fit_are_told_apart_by_the_user() -> None:
    document = VERSIONS["3.1"]()
    (item,) = document["paths"].values()
    document["paths"] = {
        "/a/v1/{p}/providers/{q}/checkpoints": item,
        "/b/v1/{p}/providers/{q}/checkpoints": {**item, "post": {"responses": {}}},
    }
    source = parse_source(json.dumps(document).encode(), "vendor.json")
    with pytest.raises(UsageError, match="--operation METHOD PATH") as refused:
        compare(source)
    assert "/a/v1/{p}/providers/{q}/checkpoints (compatible)" in str(refused.value)
    assert "/b/v1/{p}/providers/{q}/checkpoints (incompatible)" in str(refused.value)
    good, bad = [compare(source, ("post", path)).exit_code for path in document["paths"]]
    assert (good, bad) == (0, 1)


def test_more_operations_than_are_compared_are_told_apart_by_the_user() -> None:
    document = VERSIONS["3.1"]()
    (item,) = document["paths"].values()
    many = {f"/{number}/v1/{{p}}/providers/{{q}}/checkpoints": item for number in range(11)}
    with pytest.raises(UsageError, match="11 operations fit"):
        compare(parse_source(json.dumps({**document, "paths": many}).encode(), "vendor.json"))


@pytest.mark.parametrize("status", ["", "201", "202"])
def test_two_operations_with_one_verdict_are_compared_together(status: str) -> None:
    document = VERSIONS["3.1"]()
    (item,) = document["paths"].values()
    other = json.loads(json.dumps(item))
    document["paths"] = {
        "/v1/{project_id}/providers/{provider_id}/checkpoints": item,
        "/api/v1/{project_id}/providers/{provider_id}/checkpoints": other,
    }
    if status:
        for number, each in enumerate((item, other)):
            told = str(int(status) + number)
            each["post"]["responses"][told] = {"description": "Accepted"}
    comparison = compare(parse_source(json.dumps(document).encode(), "vendor.json"))
    paths = [f"POST {path}" for path in document["paths"]]
    assert (comparison.exit_code, comparison.operation) == (int(bool(status)), ", ".join(paths))
    assert len(comparison.differences) == (2 if status else 0)
    assert len({each.place.pointer for each in comparison.differences}) == (2 if status else 0)


def test_an_alias_and_a_merge_are_followed() -> None:
    text = yaml.safe_dump(VERSIONS["3.1"](), sort_keys=False)
    text = text.replace("'403':\n          $ref: '#/components/responses/no_permission'",
                        "'403':\n          <<: *shared")  # fmt: skip
    shared = "x-shared: &shared {$ref: '#/components/responses/no_permission'}\n"
    assert "*shared" in text
    assert compare(parse_source((shared + text).encode(), "v")).exit_code == 0


def test_unquoted_statuses_and_dates_are_texts() -> None:
    text = yaml.safe_dump(VERSIONS["3.0"](), sort_keys=False)
    for status in ("200", "400", "401", "403", "404", "500", "503"):
        text = text.replace(f"'{status}':", f"{status}:")
    text = text.replace("title: Cloud", "x-date: 2022-02-22\n  title: Cloud")
    source = parse_source(text.encode(), "v")
    assert source.document["info"]["x-date"] == "2022-02-22"
    assert compare(source).exit_code == 0


def test_a_file_may_begin_with_a_byte_order_mark_and_hold_tabs(tmp_path: Path) -> None:
    path = tmp_path / "vendor.json"
    text = json.dumps(VERSIONS["2.0"](), indent="\t")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    source = read_source(path)
    assert compare(source).exit_code == 0
    line = source.place("/definitions/resource").line
    assert text.splitlines()[line - 1].strip().startswith('"resource"')


@given(st.sampled_from(sorted(PLACES)), st.data())
@settings(max_examples=examples(40))
def test_every_value_has_the_line_it_stands_on(version: str, data: st.DataObject) -> None:
    document = VERSIONS[version]()
    place = data.draw(st.sampled_from(PLACES[version]))
    inner: Any = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = "the-needle"
    pointer = "".join(f"/{str(s).replace('~', '~0').replace('/', '~1')}" for s in place)
    for text in (json.dumps(document, indent=2), yaml.safe_dump(document, sort_keys=False)):
        found = parse_source(text.encode(), "v").place(pointer)
        assert "the-needle" in text.splitlines()[found.line - 1]


def unreadable(change: str) -> Document:
    document = VERSIONS["3.1"]()
    own = schemas(document)
    match change:
        case "anchor":
            own["checkpoint_resp"] = {"$ref": "#checkpoint"}
        case "dangling":
            own["checkpoint_req"] = {"$ref": "#/components/schemas/nowhere"}
        case "circle":
            own["response"] = reference(document, "response")
        case "answer":
            post(document)["responses"]["200"] = {"$ref": "#/components/responses/nowhere"}
        case "bomb":
            for number in range(60):
                both = [reference(document, f"s{number + 1}")] * 2
                own[f"s{number}"] = {"allOf": both}
            own["s60"] = {"type": "object"}
            own["response"]["allOf"] = [reference(document, "s0")]
        case "dynamic":
            own["checkpoint_req"]["$dynamicRef"] = "#node"
        case "default":
            either = {"oneOf": [reference(document, name) for name in ("response", "error")]}
            content = {"application/json": {"schema": either}}
            described = {"description": "", "content": content}
            post(document)["responses"] = {"default": described}
        case "pattern":
            parameter_schema(document, "provider_id")["pattern"] = "(?i)^[a-z-]++\\Z["
        case "type":
            field(document, "plan_resp", "name")["type"] = "String"
        case "number":
            field(document, "checkpoint_req", "plan_id")["minLength"] = "1"
        case "nothing":
            field(document, "checkpoint_resp", "status")["enum"] = []
            field(document, "checkpoint_resp", "status")["not"] = {}
    return document


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("anchor", "#checkpoint is no JSON pointer"),
        ("dangling", "#/components/schemas/nowhere"),
        ("circle", "without an end"),
        ("answer", "#/components/responses/nowhere"),
        ("bomb", "too often"),
        ("dynamic", r"\$dynamicRef"),
        ("default", "`default` alone describes the status 200"),
        ("nothing", "no answer at all"),
        ("pattern", "not a valid schema"),
        ("type", "not a valid schema"),
        ("number", "not a valid schema"),
    ],
)
def test_what_cannot_be_compared_is_named_and_inconclusive(
    change: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    importlib.import_module("openapi_spec_validator.validation.validators")  # takes a while
    monkeypatch.setattr("conformance.compare.validation.PATIENCE", 0.5)
    comparison = compare(parse_source(json.dumps(unreadable(change)).encode(), "v"))
    assert comparison.exit_code == 3, comparison.differences
    assert any(told.replace("\\", "") in each.problem for each in comparison.obstacles)
    assert all(each.place.line for each in comparison.obstacles)


def test_a_file_is_no_json() -> None:
    document = VERSIONS["2.0"]()
    content(document, "200")["schema"] = {"type": "file"}
    comparison = compare(parse_source(json.dumps(document).encode(), "v"))
    assert comparison.exit_code == 1
    assert "T5.body.type" in {found.clause.id for found in comparison.differences}
    assert not comparison.obstacles


def test_a_pattern_that_keeps_a_matcher_busy_ends_the_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("conformance.compare.generating.PATIENCE", 0.5)
    document = VERSIONS["3.1"]()
    own = schemas(document)["checkpoint_resp"]
    own["properties"]["job"] = {"type": "string", "pattern": "^(a|aa)+$x"}
    own["required"].append("job")
    del field(document, "checkpoint_resp", "status")["enum"]
    comparison = compare(parse_source(json.dumps(document).encode(), "v"))
    assert comparison.exit_code == 3
    assert "took more than" in comparison.obstacles[0].problem


def test_references_through_very_many_steps_are_told() -> None:
    document = VERSIONS["3.1"]()
    own = schemas(document)
    for number in range(5000):
        own[f"step{number}"] = reference(document, f"step{number + 1}")
    own["step5000"] = {"type": "string"}
    own["resource"]["properties"]["name"] = reference(document, "step0")
    assert compare(parse_source(json.dumps(document).encode(), "v")).exit_code == 3


@pytest.mark.parametrize(
    ("place", "value"),
    [("properties", {"required": ["id"]}), ("properties", []), ("patternProperties", [])],
)
def test_a_schema_that_is_none_is_not_compared(place: str, value: object) -> None:
    document = VERSIONS["3.1"]()
    schemas(document)["checkpoint_resp"][place] = value
    comparison = compare(parse_source(json.dumps(document).encode(), "vendor.json"))
    assert comparison.exit_code == 3
    (obstacle,) = comparison.obstacles
    assert obstacle.problem.startswith("this is not a")
    assert place in obstacle.place.pointer
