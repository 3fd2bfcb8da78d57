"""Which records are a run's own, and what is read from a list of backups."""

from __future__ import annotations

import json
from typing import Any

import pytest
from emulated import emulated_fixtures
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from conformance.credentials.braces import escape_body
from conformance.model import Exchange, Request, Response
from conformance.page.backups import list_url, listed, own_records, record_url
from conformance.plan.drafting import Drafts

FIXTURES = emulated_fixtures("https://csbs.example/eu")
DRAFTS = Drafts(FIXTURES, 1)
ID = "14626f11-b54a-44ea-8e69-7463e527506a"


def exchange(request: Request, value: Any, status: int = 200, name: str = "x1") -> Exchange:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    response = Response(status, "", (("Content-Type", "application/json"),), escape_body(body))
    return Exchange(name, request, response, None, 0.0, 0.0)


def executed(record: object = ID, request: Request | None = None, status: int = 200) -> Exchange:
    return exchange(request or DRAFTS.request({}), {"checkpoint": {"id": record}}, status)


def test_what_a_200_brought_is_own() -> None:
    assert own_records([executed(), replace(executed(), id="x2")], FIXTURES) == {ID: "x1"}


@pytest.mark.parametrize("record", ["a/=+", "1", "备" * 1000, "a b", "a?b#c", "%2e%2e"])
def test_any_id_that_a_path_can_carry_is_own(record: str) -> None:
    assert list(own_records([executed(record)], FIXTURES)) == [record]
    assert record_url(FIXTURES, record).startswith(record_url(FIXTURES, ""))


@pytest.mark.parametrize(
    "record", ["", "..", "x/../y", "\\..\\", " ", "a\n", "{{token}}", "x" * 2001, None, 1, [ID]]
)
def test_what_no_path_can_carry_is_not(record: object) -> None:
    assert own_records([executed(record)], FIXTURES) == {}


def test_what_did_not_come_by_an_own_execution_is_not() -> None:
    others = [
        *(executed(status=status) for status in (201, 202, 400, 500)),
        executed(request=DRAFTS.request(method="GET")),
        executed(request=DRAFTS.request({}, project="another")),
        executed(request=replace(DRAFTS.request({}), url="https://other.example/v1/a")),
        executed(request=replace(DRAFTS.request({}), url=f"{FIXTURES.endpoint}x/v1/a")),
        replace(executed(), response=None),
        exchange(DRAFTS.request({}), b"no JSON"),
        exchange(DRAFTS.request({}), [{"checkpoint": {"id": ID}}]),
    ]
    assert own_records(others, FIXTURES) == {}
    assert own_records([executed()], replace(FIXTURES, project_id=None)) == {}


def test_a_list_is_read() -> None:
    request = Request("GET", list_url(FIXTURES, {}), ())
    full = {
        "id": "b1",
        "checkpoint_id": ID,
        "resource_id": "s1",
        "resource_type": "OS::Nova::Server",
        "status": "error",
        "created_at": "2026-03-01T12:00:00.000000",
        "extend_info": {"fail_reason": "disk", "progress": 3},
    }
    found = listed(exchange(request, {"checkpoint_items": [full, {"id": "b2"}, {}, 7, None]}))
    assert found is not None
    first, second = found
    assert (first.id, first.record, first.server, first.status) == ("b1", ID, "s1", "error")
    assert (first.fail_reason, first.extend_info["progress"]) == ("disk", 3)
    assert (second.record, second.status, second.fail_reason) == ("", "", "")


@pytest.mark.parametrize("value", [b"", b"[]", {}, {"checkpoint_items": None}, {"policies": []}])
def test_what_is_no_list_is_none(value: object) -> None:
    request = Request("GET", list_url(FIXTURES, {}), ())
    assert listed(exchange(request, value)) is None
    assert listed(exchange(request, {"checkpoint_items": []}, 404)) is None
    assert listed(exchange(request, {"checkpoint_items": []})) == ()
    assert listed(exchange(request, {"checkpoint_items": [{"id": 7}, None]})) is None


@pytest.mark.parametrize(("length", "is_read"), [(200, True), (201, False)])
def test_a_backup_whose_id_is_too_long_to_be_one_is_not_read(length: int, is_read: bool) -> None:
    request = Request("GET", list_url(FIXTURES, {}), ())
    found = listed(exchange(request, {"checkpoint_items": [{"id": "b1"}, {"id": "x" * length}]}))
    assert [len(each.id) for each in found or ()] == [2, length][: 1 + is_read]


NAMES = st.sampled_from(["checkpoint_items", "id", "status", "extend_info", "fail_reason"])
VALUES = st.recursive(
    st.none() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(VALUES)
def test_any_list_is_read_somehow(value: object) -> None:
    found = listed(exchange(Request("GET", list_url(FIXTURES, {}), ()), value))
    for each in found or ():
        assert isinstance(each.id + each.status + each.fail_reason, str)
