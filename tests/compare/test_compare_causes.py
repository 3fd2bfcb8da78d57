"""What a reader gets: causes instead of single differences, fitting words, patches."""

from __future__ import annotations

import json
from typing import Any

import pytest
from compare_documents import (
    VERSIONS,
    Document,
    compared,
    content,
    field,
    parameter_schema,
    post,
    request_body,
    schemas,
)
from compare_mutations import MUTATIONS, Mutation

from conformance.compare.model import Severity
from conformance.compare.report import REPORTS
from conformance.compare.report.json_report import as_record
from conformance.compare.report.wording import relation


def patched(document: Document, patch: list[dict[str, Any]]) -> Document:
    """RFC 6902, as far as `compare` uses it."""
    copy: Document = json.loads(json.dumps(document))
    for step in patch:
        *around, last = [
            each.replace("~1", "/").replace("~0", "~") for each in step["path"].split("/")[1:]
        ]
        inner: Any = copy
        for name in around:
            inner = inner[int(name) if isinstance(inner, list) else name]
        if step["op"] == "remove":
            del inner[last]
        else:
            inner[last] = step["value"]
    return copy


@pytest.mark.parametrize("version", VERSIONS)
def test_missing_names_in_one_schema_are_one_cause_with_one_line_to_paste(version: str) -> None:
    document = VERSIONS[version]()
    schemas(document)["checkpoint_resp"]["required"] = ["id"]
    comparison = compared(document)
    (cause,) = comparison.causes
    assert len(comparison.differences) == 5
    assert cause.patch is not None
    ((name, value),) = cause.patch.fields
    assert (name, value[0]) == ("required", "id")
    assert set(value) == set(schemas(VERSIONS[version]())["checkpoint_resp"]["required"])
    (told,) = as_record(comparison)["causes"]
    assert compared(patched(document, told["patch"])).differences == ()


def test_a_body_that_is_not_described_is_one_cause() -> None:
    document = VERSIONS["3.0"]()
    content(document, "200")["schema"] = {"type": "object"}
    comparison = compared(document)
    assert len(comparison.differences) > 25
    (cause,) = comparison.causes
    assert cause.patch is None
    for name in ("junit", "sarif"):
        text = REPORTS[name](comparison)
        assert text.count("<failure") + text.count('"ruleId"') == 1


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize("closed", [True, False])
def test_an_alternative_that_is_no_record_is_one_cause(keyword: str, closed: bool) -> None:
    document = VERSIONS["3.1"]()
    kinds = [{"type": "integer"}, {"type": "string"}, {"type": "null"}]
    errors = [
        {
            "type": "object",
            "required": ["code"],
            "properties": {"code": kind},
            "additionalProperties": not closed,
        }
        for kind in kinds
    ]
    own = content(document, "200")
    own["schema"] = {keyword: [own["schema"], *errors]}
    (cause,) = compared(document).causes
    assert cause.clauses == ("T5.checkpoint.present",)
    schemas(document)["checkpoint_resp"]["properties"]["status"] = {"type": "string"}
    found = [each.clauses for each in compared(document).causes]
    assert found == [("T5.checkpoint.present",), ("T6.status.values",)]


def test_copies_of_one_mistake_are_one_cause_with_every_place() -> None:
    document = VERSIONS["3.0"]()
    for status in ("400", "404"):
        post(document)["responses"][status] = {"description": "No"}
    (body,) = [c for c in compared(document).causes if c.clauses == ("EC.body.json",)]
    assert (len(body.places), body.statuses) == (2, ("400", "404"))


ALONE = [
    pytest.param(mutation, version, id=f"{version} {mutation.name}")
    for number, mutation in enumerate(MUTATIONS)
    for version in mutation.versions
    if len(mutation.expected) == 1 and version == ("2.0" if number % 4 == 0 else "3.1")
]


@pytest.mark.parametrize(("mutation", "version"), ALONE)
def test_a_patch_mends_what_it_is_told_for(mutation: Mutation, version: str) -> None:
    document = VERSIONS[version]()
    mutation.change(document)
    before = compared(document)
    for told in as_record(before)["causes"]:
        if told["patch"] is None:
            continue
        after = compared(patched(document, told["patch"]))
        mended = {(found["clause"], found["message"]) for found in told["differences"]}
        kept = {(found.clause.id, found.message) for found in after.differences}
        assert not mended & kept
        assert {each.severity for each in after.differences} <= {Severity.WARNING}


def test_most_mutations_of_one_line_have_a_patch() -> None:
    names = ("one_more_status", "empty_id", "no_servers", "any_kind_of_object", "short_policy_ids",
             "a_hundred_servers_at_most", "another_provider", "never_a_bad_request", "created",
             "integer plan_resp.name", "optional resource.id", "a_parameter_of_the_query",
             "integer checkpoint_req.plan_id")  # fmt: skip
    for mutation in (mutation for mutation in MUTATIONS if mutation.name in names):
        document = VERSIONS["3.1"]()
        mutation.change(document)
        assert all(cause.patch for cause in compared(document).causes), mutation.name


def _no_400(document: Document) -> None:
    del post(document)["responses"]["400"]


def _conflict(document: Document) -> None:
    post(document)["responses"]["409"] = post(document)["responses"]["400"]


def _short_projects(document: Document) -> None:
    parameter_schema(document, "project_id")["maxLength"] = 8


def _another_status(document: Document) -> None:
    field(document, "checkpoint_resp", "status")["enum"].append("off")


def _no_flag(document: Document) -> None:
    field(document, "checkpoint_param", "auto_trigger")["enum"] = [False]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_no_400, "the contract has the status 400, the document does not"),
        (_conflict, "the document has the status 409, the contract does not"),
        (_another_status, "the document allows this response, the contract does not"),
        (_no_flag, "the contract allows this request, the document does not"),
        (
            _short_projects,
            "the contract allows project_id = b942cc8342734d15bcb246babb1953cf, "
            "the document does not",
        ),
    ],
)
def test_the_direction_is_told_in_words_that_fit(change: Any, words: str) -> None:
    document = VERSIONS["3.0"]()
    change(document)
    (difference,) = compared(document).differences
    assert relation(difference) == words


def test_a_witness_is_shown_whole() -> None:
    document = VERSIONS["3.0"]()
    _another_status(document)
    comparison = compared(document)
    whole = json.dumps(comparison.differences[0].witness.value)
    assert "OS::Nova::Server" in whole
    for name, report in REPORTS.items():
        text = report(comparison)
        assert "OS::Nova::Server" in text, name
        assert "…" not in text


@pytest.mark.parametrize("version", VERSIONS)
def test_a_document_that_asks_for_less_is_laxer_and_compatible(version: str) -> None:
    document = VERSIONS[version]()
    schemas(document)["checkpoint_req"]["required"].remove("parameters")
    del field(document, "checkpoint_param", "auto_trigger")["type"]
    comparison = compared(document)
    assert (comparison.exit_code, comparison.differences) == (0, ())
    assert [found.clause.id for found in comparison.laxer] == [
        "T3.parameters.mandatory",
        "T4.auto_trigger.type",
    ]
    told = as_record(comparison)["laxer"][0]
    assert told["only_in"] == "document"
    assert "parameters" not in told["witness"]["value"]["checkpoint"]
    for name, report in REPORTS.items():
        assert "T3.parameters.mandatory" in report(comparison), name


@pytest.mark.parametrize("version", VERSIONS)
def test_a_document_that_lets_the_body_be_left_out_is_laxer(version: str) -> None:
    document = VERSIONS[version]()
    del request_body(document)["required"]
    comparison = compared(document)
    assert (comparison.exit_code, comparison.differences) == (0, ())
    assert [found.clause.id for found in comparison.laxer] == ["S400.not-json"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_contract_itself_is_not_laxer(version: str) -> None:
    comparison = compared(VERSIONS[version]())
    assert (comparison.laxer, comparison.notes) == ((), ())
