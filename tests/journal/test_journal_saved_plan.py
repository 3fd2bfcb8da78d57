"""A plan that was saved is the plan that is read, or it is refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from msgspec.structs import replace
from plan_helpers import CONTRACT, FIXTURES, fixtures_with, planned, some_tokens, texts, whole_plan

from conformance.errors import UsageError
from conformance.journal.saved_plan import SavedPlan, plan_lines, read_plan
from conformance.model import Fixtures, Request, Token
from conformance.page.permitted import HEADERS
from conformance.plan.drafting import Probe
from conformance.plan.planner import Plan, Profile

LINES = list(plan_lines(planned(FIXTURES).directed, CONTRACT, FIXTURES, Profile.STANDARD, 7))


def read(path: Path, content: bytes, fixtures: Fixtures = FIXTURES) -> Plan:
    path.write_bytes(content)
    return read_plan(path, CONTRACT, fixtures).plan


def test_a_saved_plan_is_read_back(tmp_path: Path) -> None:
    plan = whole_plan()
    path = tmp_path / "plan.ndjson"
    path.write_bytes(b"".join(plan_lines(plan, CONTRACT, FIXTURES, Profile.DEEP, 3)))
    assert read_plan(path, CONTRACT, FIXTURES) == SavedPlan(plan, Profile.DEEP, 3, is_whole=True)


def sent_to(endpoint: str, plan: Plan) -> Plan:
    """The plan with all its requests sent to the operation of an endpoint."""
    return Plan(
        *(
            tuple(
                structs.replace(
                    probe, request=replace(probe.request, url=f"{endpoint}{probe.request.url}")
                )
                for probe in getattr(plan, part.name)
            )
            for part in fields(plan)
        )
    )


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("saved") / "plan.ndjson"


UNBRACED = st.characters(codec="latin-1", exclude_characters="{\0\r\n")
"""Characters that a header can have, and that make no placeholder."""
names = st.sampled_from(sorted(HEADERS)) | st.sampled_from(["X-Auth-Token", "Content-Type"])
requests = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST"]),
    url=st.from_regex(r"/v1/[a-z0-9]*/providers/[a-z]*/checkpoints", fullmatch=True),
    headers=st.lists(st.tuples(names, st.text(UNBRACED)), max_size=3).map(tuple),
    body=st.binary(max_size=30),
)
probes = st.lists(st.builds(Probe, id=st.text(max_size=10), request=requests), max_size=3)
parts = probes.map(tuple)


@given(
    st.builds(Plan, *([parts] * 6)),
    fixtures_with(texts, tokens=some_tokens),
)
def test_any_plan_is_read_back(shared: Path, plan: Plan, fixtures: Fixtures) -> None:
    plan = sent_to(fixtures.endpoint, plan)
    content = b"".join(plan_lines(plan, CONTRACT, fixtures, Profile.SMOKE, 1))
    assert read(shared, content, fixtures) == plan


def test_a_saved_plan_holds_no_more_of_a_token_than_which_it_is() -> None:
    assert b"{{token}}" in b"".join(LINES)
    assert json.loads(LINES[0])["fixtures"]["tokens"] == sorted(token.value for token in Token)


def test_a_plan_for_another_contract_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    path.write_bytes(b"".join(LINES))
    other = type(CONTRACT)(CONTRACT.text + b"#", CONTRACT.document)
    with pytest.raises(UsageError, match="another contract"):
        read_plan(path, other, FIXTURES)


@pytest.mark.parametrize(
    "other",
    [
        replace(FIXTURES, endpoint="https://other.example.com"),
        replace(FIXTURES, plan_id="another"),
        replace(FIXTURES, resources=()),
        replace(FIXTURES, tokens=frozenset({Token.GOOD})),
        replace(FIXTURES, complete=False),
    ],
)
def test_a_plan_for_another_target_is_refused(tmp_path: Path, other: Fixtures) -> None:
    with pytest.raises(UsageError, match="another target or other fixtures"):
        read(tmp_path / "plan", b"".join(LINES), other)


def changed(line: int, change: Callable[[dict[str, Any]], object]) -> bytes:
    record = json.loads(LINES[line])
    change(record)
    lines = [*LINES]
    lines[line] = json.dumps(record).encode() + b"\n"
    return b"".join(lines)


GARBAGE: dict[str, bytes] = {
    "empty": b"",
    "blank": b"\n",
    "binary": b"\x00\xff\xfe",
    "text": b"a plan\n",
    "number": b"1\n",
    "list": b"[]\n",
    "no kind": b"{}\n",
    "deep": b"[" * 100_000,
    "without a header": b"".join(LINES[1:]),
    "a journal": b'{"kind":"header"}\n',
    "a bare header": b'{"kind":"plan"}\n',
    "cut in a line": b"".join(LINES)[:-20],
    "a blank line in it": b"".join([*LINES[:3], b"\n", *LINES[3:]]),
    "unknown part": changed(1, lambda record: record.update(part="others")),
    "no id": changed(1, lambda record: record.pop("id")),
    "no request": changed(1, lambda record: record.pop("request")),
    "request of another type": changed(1, lambda record: record.update(request=[])),
    "headers of another type": changed(1, lambda record: record["request"].update(headers=5)),
    "headers that are no pairs": changed(1, lambda record: record["request"].update(headers=[1])),
    "body of another type": changed(1, lambda record: record["request"].update(body=5)),
    "unknown profile": changed(0, lambda record: record.update(profile="huge")),
    "seed that is no number": changed(0, lambda record: record.update(seed="x")),
    "unknown fixture": changed(0, lambda record: record["fixtures"].update(region="eu")),
    "unknown token": changed(0, lambda record: record["fixtures"].update(tokens=["admin"])),
    "no fixtures": changed(0, lambda record: record.pop("fixtures")),
    "fixtures of another type": changed(0, lambda record: record.update(fixtures=[])),
}  # fmt: skip


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_no_plan_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UsageError, match="not a saved plan"):
        read(tmp_path / "plan", content)


@pytest.mark.parametrize(
    "content",
    [
        changed(0, lambda record: record.pop("contract")),
        changed(0, lambda record: record.update(seed=float("inf"))),
    ],
    ids=["no contract", "endless seed"],
)
def test_a_header_that_lacks_something_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UsageError):
        read(tmp_path / "plan", content)


def test_a_plan_that_lost_its_last_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read(tmp_path / "plan", b"".join(LINES[:-5]))


@pytest.mark.parametrize(
    ("field", "value"), [("method", 5), ("url", None), ("body", {"base64": "?"})]
)
def test_a_probe_with_a_value_of_another_kind_is_refused(
    tmp_path: Path, field: str, value: object
) -> None:
    content = changed(1, lambda record: record["request"].update({field: value}))
    with pytest.raises(UsageError):
        read(tmp_path / "plan", content)


@pytest.mark.parametrize("path", [Path("absent"), Path(".")])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, path: Path) -> None:
    with pytest.raises(UsageError, match="give a readable file"):
        read_plan(tmp_path / path, CONTRACT, FIXTURES)
