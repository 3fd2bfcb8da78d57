"""Of the backups, only the list of the own project is read, and only own records are deleted."""

from __future__ import annotations

import pytest
from emulated import emulated_fixtures
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from conformance.contract.linked_pages import linked_pages
from conformance.page.backups import list_url, record_url
from conformance.page.permitted import NotPermitted, Permitted
from conformance.page.permitted_backups import PermittedBackups

FIXTURES = emulated_fixtures("https://csbs.example/eu")
OWN = "14626f11-b54a-44ea-8e69-7463e527506a"
LIST, RECORD = list_url(FIXTURES, {}), record_url(FIXTURES, OWN)
ELSEWHERE = record_url(replace(FIXTURES, endpoint="https://csbs.example"), OWN)
ANOTHER = replace(FIXTURES, project_id="another")
GATE = PermittedBackups(FIXTURES, frozenset({OWN}))


def is_sent(method: str, url: str, *names: str, gate: PermittedBackups = GATE) -> bool:
    try:
        gate.check(method, url, [(name, "any") for name in names])
    except NotPermitted:
        return False
    return True


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", LIST),
        ("GET", list_url(FIXTURES, {"checkpoint_id": OWN, "limit": "1000"})),
        ("GET", list_url(FIXTURES, {"marker": "", "limit": "1000"})),
        ("GET", list_url(FIXTURES, dict.fromkeys(linked_pages().parameters, "a/b&c=d ü"))),
        ("DELETE", RECORD),
    ],
)
def test_what_is_needed_is_sent(method: str, url: str) -> None:
    assert is_sent(method, url, "X-Auth-Token", "accept")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "HEAD", "delete", ""])
def test_no_other_method_is_sent(method: str) -> None:
    assert not is_sent(method, RECORD)
    assert not is_sent(method, LIST)


@pytest.mark.parametrize(
    "url",
    [
        *("", LIST, f"{LIST}/{OWN}", ELSEWHERE, RECORD.replace("https", "http")),
        *(RECORD + more for more in ("/", "?checkpoint_items=x", "#a", "/../x", "%20", "x")),
        *(RECORD.removesuffix(OWN) + other for other in ("", "..", OWN.upper(), OWN[:-1], "*")),
        *(record_url(ANOTHER, OWN), record_url(replace(FIXTURES, provider_id="p"), OWN)),
    ],
)
def test_nothing_else_is_deleted(url: str) -> None:
    assert not is_sent("DELETE", url)


@pytest.mark.parametrize(
    "url",
    [
        *(LIST + more for more in ("?a=b", "?limit=1&limit=2", "?limit", "/", "/..", "/a/b", "#a")),
        *(list_url(ANOTHER, {}), f"{LIST}/{OWN}", RECORD, record_url(FIXTURES, "x"), f"{LIST}?"),
        *(LIST.replace("csbs.example", "csbs.example.net"), f"{LIST}/%2e%2e", f"{LIST}/a%2F..%2Fb"),
    ],
)
def test_nothing_else_is_read(url: str) -> None:
    assert not is_sent("GET", url)


@pytest.mark.parametrize("record", ["", ".", "..", "../x", "a/../b", "{{token}}", "\n", "\ud800"])
def test_no_id_leads_elsewhere(record: str) -> None:
    gate = PermittedBackups(FIXTURES, frozenset({record}))
    for url in (f"{RECORD.removesuffix(OWN)}{record}", RECORD.removesuffix(f"/{OWN}")):
        assert not is_sent("DELETE", url, gate=gate)


@pytest.mark.parametrize("project", [None, "", ".", ".."])
def test_without_a_project_nothing_is_sent(project: str | None) -> None:
    fixtures = replace(FIXTURES, project_id=project)
    gate = PermittedBackups(fixtures, frozenset({OWN}))
    for method, url in (("GET", list_url(fixtures, {})), ("DELETE", record_url(fixtures, OWN))):
        assert not is_sent(method, url, gate=gate)


def test_no_header_is_sent_that_changes_what_a_request_means() -> None:
    assert not is_sent("DELETE", RECORD, "X-HTTP-Method-Override")


@given(st.text())
def test_only_the_own_record_is_deleted(record: str) -> None:
    if record != OWN:
        try:
            url = record_url(FIXTURES, record)
        except UnicodeEncodeError:
            return
        assert not is_sent("DELETE", url)


@given(st.text())
def test_what_tests_a_target_deletes_nothing(record: str) -> None:
    with pytest.raises(NotPermitted):
        Permitted(FIXTURES.endpoint).check("DELETE", f"{RECORD}{record}", ())
