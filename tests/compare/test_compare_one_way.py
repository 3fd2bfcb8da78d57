"""What is for one direction only, said anywhere in what a schema is composed of by `allOf`.

"If the property is marked as readOnly being true and is in the required list, the required will
take effect on the response only" (OpenAPI 3.0.3); writeOnly is the mirror of it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from compare_documents import VERSIONS, Document, compared, reference, schemas

NEWER = ("3.0", "3.1")
READ, WRITE = "readOnly", "writeOnly"
ID = {"type": "string"}
Shape = Callable[[Document, str, str, str], None]
"""Makes `field` of the schema `name` required, and one-way by the keyword."""


def by_parts_of_the_property(document: Document, name: str, field: str, keyword: str) -> None:
    own = schemas(document)[name]
    schemas(document)[f"{field}_kind"] = own["properties"].get(field, ID)
    own["properties"][field] = {"allOf": [reference(document, f"{field}_kind"), {keyword: True}]}
    own["required"] = [*own["required"], field]


def by_parts_of_parts(document: Document, name: str, field: str, keyword: str) -> None:
    own = schemas(document)[name]
    schemas(document)[f"{field}_inner"] = {**own["properties"].get(field, ID), keyword: True}
    schemas(document)[f"{field}_outer"] = {"allOf": [reference(document, f"{field}_inner")]}
    own["properties"][field] = {"allOf": [reference(document, f"{field}_outer")]}
    own["required"] = [*own["required"], field]


def parted(document: Document, name: str, field: str, keyword: str) -> tuple[Document, Document]:
    """The fields of a schema, one of them one-way, and what else it says."""
    own = dict(schemas(document)[name])
    fields = own.pop("properties")
    fields[field] = {**fields.get(field, ID), keyword: True}
    own["required"] = [*own["required"], field]
    return {"type": "object", "properties": fields}, own


def by_the_parent(document: Document, name: str, field: str, keyword: str) -> None:
    parent, own = parted(document, name, field, keyword)
    schemas(document)[f"{field}_parent"] = parent
    schemas(document)[name] = {"allOf": [reference(document, f"{field}_parent")], **own}


def by_a_parent_of_parents(document: Document, name: str, field: str, keyword: str) -> None:
    parent, own = parted(document, name, field, keyword)
    schemas(document)[f"{field}_parent"] = parent
    schemas(document)[f"{field}_middle"] = {"allOf": [reference(document, f"{field}_parent")]}
    schemas(document)[name] = {"allOf": [reference(document, f"{field}_middle"), own]}


def by_the_child(document: Document, name: str, field: str, keyword: str) -> None:
    parent = schemas(document)[name]
    parent["properties"].setdefault(field, ID)
    parent["required"] = [*parent["required"], field]
    schemas(document)[f"{field}_parent"] = parent
    more = {"type": "object", "properties": {field: {keyword: True}}}
    schemas(document)[name] = {"allOf": [reference(document, f"{field}_parent"), more]}


def by_a_brother(document: Document, name: str, field: str, keyword: str) -> None:
    one, other = parted(document, name, field, keyword)
    schemas(document)[f"{field}_one"], schemas(document)[f"{field}_other"] = one, other
    both = [reference(document, f"{field}_other"), reference(document, f"{field}_one")]
    schemas(document)[name] = {"allOf": both}


def around_alternatives(document: Document, name: str, field: str, keyword: str) -> None:
    fields, own = parted(document, name, field, keyword)
    schemas(document)[f"{field}_kind"] = own
    schemas(document)[name] = {**fields, "anyOf": [reference(document, f"{field}_kind")]}


def in_a_circle(document: Document, name: str, field: str, keyword: str) -> None:
    by_the_parent(document, name, field, keyword)
    schemas(document)[f"{field}_parent"]["properties"]["former"] = reference(document, name)


SHAPES = [
    by_parts_of_the_property, by_parts_of_parts, by_the_parent, by_a_parent_of_parents,
    by_the_child, by_a_brother, around_alternatives, in_a_circle,
]  # fmt: skip


@pytest.mark.parametrize("version", ["2.0", *NEWER])
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_read_only_is_not_required_of_requests(shape: Shape, version: str) -> None:
    if version == "2.0" and shape is around_alternatives:
        pytest.skip("it has no anyOf")
    document = VERSIONS[version]()
    shape(document, "checkpoint_req", "id", READ)
    comparison = compared(document)
    assert comparison.differences == ()
    assert comparison.obstacles == ()


@pytest.mark.parametrize("version", NEWER)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_write_only_is_in_no_response(shape: Shape, version: str) -> None:
    document = VERSIONS[version]()
    shape(document, "checkpoint_resp", "resource_graph", WRITE)
    comparison = compared(document)
    assert [each.clause.id for each in comparison.differences] == ["T6.resource_graph.present"]
    assert comparison.obstacles == ()


@pytest.mark.parametrize("version", NEWER)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_for_the_other_direction_is_required_in_this_one(
    shape: Shape, version: str
) -> None:
    document = VERSIONS[version]()
    shape(document, "checkpoint_req", "id", WRITE)
    shape(document, "checkpoint_resp", "job", READ)
    comparison = compared(document)
    assert [each.clause.id for each in comparison.differences] == ["S200.executed"]
    assert comparison.obstacles == ()


def test_a_reference_and_read_only_beside_it_are_one_property_since_3_1() -> None:
    document = VERSIONS["3.1"]()
    own = schemas(document)["checkpoint_req"]
    schemas(document)["kind"] = ID
    own["properties"]["id"] = {**reference(document, "kind"), READ: True}
    own["required"] = [*own["required"], "id"]
    assert compared(document).differences == ()


@pytest.mark.parametrize("version", NEWER)
def test_a_part_that_says_it_is_noted(version: str) -> None:
    document = VERSIONS[version]()
    by_parts_of_the_property(document, "checkpoint_req", "id", READ)
    (note,) = compared(document).notes
    assert note.text.startswith("`readOnly` in a part of `allOf` was read as that of the property")


def required_elsewhere(document: Document, name: str, keyword: str) -> None:
    """A parent that requires a field is used by itself as well."""
    by_the_child(document, name, "id", keyword)
    schemas(document)["id_parent"]["properties"]["former"] = reference(document, "id_parent")


def one_way_in_an_alternative(document: Document, name: str, keyword: str) -> None:
    own = schemas(document)[name]
    own["required"] = [*{*own["required"], "id"}]
    one = {"properties": {"id": {**ID, keyword: True}}}
    schemas(document)[name] = {**own, "anyOf": [one, {"properties": {"id": ID}}]}


@pytest.mark.parametrize("version", NEWER)
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (required_elsewhere, "this schema requires what is {} in one schema that it is a part of"),
        (one_way_in_an_alternative, "`id` is required here, and {} in an alternative only"),
    ],
)
@pytest.mark.parametrize(
    ("name", "keyword"), [("checkpoint_req", READ), ("checkpoint_resp", WRITE)]
)
def test_what_cannot_be_told_is_inconclusive(
    change: Callable[[Document, str, str], None], told: str, name: str, keyword: str, version: str
) -> None:
    document = VERSIONS[version]()
    change(document, name, keyword)
    comparison = compared(document)
    assert comparison.differences == ()
    (obstacle,) = comparison.obstacles
    assert obstacle.problem.startswith(told.format(keyword))
    assert comparison.exit_code == 3


def test_many_ways_to_compose_schemas_come_to_an_end() -> None:
    """Each of the alternatives has a one-way field of its own, and leads to all of the next."""
    document = VERSIONS["3.0"]()
    for level in range(40):
        following = [reference(document, f"{side}{level + 1}") for side in "ab"]
        for side in "ab":
            fields = {f"{side}{level}": {**ID, READ: True}}
            schemas(document)[f"{side}{level}"] = {"properties": fields, "anyOf": following}
    schemas(document)["a40"] = schemas(document)["b40"] = {"type": "object"}
    schemas(document)["checkpoint_req"]["allOf"] = [reference(document, "a0")]
    comparison = compared(document)
    assert comparison.differences == ()
    assert comparison.exit_code == 3
