"""A plan from elsewhere cannot send a token anywhere but to the endpoint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_helpers import CONTRACT, FIXTURES, planned

from conformance.errors import UsageError
from conformance.journal.saved_plan import plan_lines, read_plan
from conformance.page.permitted import is_below
from conformance.plan.planner import Profile

LINES = list(plan_lines(planned(FIXTURES).directed, CONTRACT, FIXTURES, Profile.STANDARD, 7))
ENDPOINT = FIXTURES.endpoint
ELSEWHERE = [
    "http://evil.example/v1",
    "//evil.example/v1",
    "",
    "/v1",
    ENDPOINT + ".evil.example/v1",
    ENDPOINT + "@evil.example/v1",
    ENDPOINT + ":1@evil.example/v1",
    ENDPOINT + ":1/v1",
    ENDPOINT.replace("://", "://evil.example/") + "/v1",
    ENDPOINT.replace("://", "://user@") + "/v1",
]
WITHOUT_MEANING = ["{{nonsense}}", "{{token:nonsense}}", "{{proxy-password}}", "{{open:halved}}"]


def refused(path: Path, line: int, field: str, value: object) -> str:
    record = json.loads(LINES[line])
    record["request"][field] = value
    lines = [*LINES]
    lines[line] = json.dumps(record).encode() + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(UsageError) as raised:
        read_plan(path, CONTRACT, FIXTURES)
    return str(raised.value)


@pytest.mark.parametrize("url", ELSEWHERE)
@pytest.mark.parametrize("line", [1, len(LINES) - 1])
def test_a_request_that_goes_elsewhere_is_refused(line: int, url: str, tmp_path: Path) -> None:
    assert "elsewhere" in refused(tmp_path / "plan", line, "url", url)


@pytest.mark.parametrize("mark", WITHOUT_MEANING)
def test_a_placeholder_without_a_meaning_is_refused(mark: str, tmp_path: Path) -> None:
    headers = [["X-Auth-Token", f"a {mark}"]]
    assert "placeholder" in refused(tmp_path / "plan", 1, "headers", headers)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("method", "DELETE", "only GET and POST are sent"),
        ("url", f"{ENDPOINT}/v1/x/backups/all", "neither the operation nor a list"),
        ("headers", [["X-HTTP-Method-Override", "DELETE"]], "a header X-HTTP-Method-Override"),
    ],
)
@pytest.mark.parametrize("line", [1, len(LINES) - 1])
def test_a_request_that_no_planner_makes_is_refused_with_its_line(
    line: int, field: str, value: object, says: str, tmp_path: Path
) -> None:
    told = refused(tmp_path / "plan", line, field, value)
    assert says in told
    assert f"line {line + 1} " in told


@given(st.text())
def test_what_is_below_an_endpoint_begins_with_it(url: str) -> None:
    assert not is_below(url, "https://csbs.example")
    assert is_below("https://csbs.example/" + url, "https://csbs.example")
    assert not is_below("https://csbs.example." + url, "https://csbs.example")
