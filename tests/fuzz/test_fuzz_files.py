"""Any bytes in a file that the suite reads give a result, or an error of one line."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from fuzz_values import DEEP, DIGITS, changed, check_told, damaged, pieced
from hypothesis import example, given, settings
from hypothesis import strategies as st
from trying import examples

from conformance.contract import load_contract
from conformance.emulator import World, WorldError
from conformance.errors import UsageError
from conformance.gate.baseline import read_baseline
from conformance.gate.waivers import read_waivers
from conformance.journal.reader import read_journal, read_past
from conformance.journal.saved_plan import plan_lines, read_plan
from conformance.journal.writer import JournalWriter
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    Fixtures,
    Journal,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    Token,
    TransportFailure,
)
from conformance.plan.planner import Planner, Profile
from conformance.run.options import OPTIONS
from conformance.run.reading import read_config

FIXTURES = Fixtures("http://127.0.0.1:1", "p", "j", "q", ("r",), frozenset(Token))
REQUEST = Request("POST", "http://127.0.0.1:1/v1", (("X-Auth-Token", "{{token}}"),), b'{"a": 1}')
ANSWER = Response(200, "OK", (("A", "\xe9"),), b"\xff{}")
EXCHANGES = (
    Exchange("x0001", REQUEST, ANSWER, None, 1.7e9, 0.5),
    Exchange("x0002", REQUEST, None, TransportFailure(Failure.CLOSED, "why"), 1.7e9, 0.5, "x0001"),
)
Reader = Callable[[Path], object]


def journal_bytes(directory: Path) -> bytes:
    path = directory / "journal.ndjson"
    header = JournalHeader("0", load_contract().sha256, FIXTURES, "standard", 1, 1.7e9)
    with JournalWriter(path, header) as journal:
        journal.planned("0" * 64)
        for exchange in EXCHANGES:
            journal.sent(exchange.id, exchange.request.digest, may_execute=False)
            journal.completed(exchange)
        journal.ended(JournalFooter(Ending.COMPLETE, 1.7e9, Spent(2, 3), Spent(1, 2), ("a",)))
    return path.read_bytes()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch") / "file"


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return journal_bytes(tmp_path_factory.mktemp("whole"))


def check(read: Reader, path: Path, data: bytes) -> object:
    """What is read of a file with these bytes; None where that is told to be impossible."""
    path.write_bytes(data)
    try:
        return read(path)
    except UsageError as error:
        check_told(error)
        return None


@pytest.mark.parametrize("read", [read_journal, read_past])
@settings(max_examples=examples(120))
@given(data=st.data())
def test_any_journal_is_read_or_told(
    read: Reader, journal: bytes, scratch: Path, data: st.DataObject
) -> None:
    lines = [json.loads(line) for line in journal.splitlines()]
    check(read, scratch, data.draw(damaged(journal) | changed(lines) | st.binary(max_size=40)))


@settings(max_examples=examples(120))
@given(data=st.data())
def test_what_is_read_of_a_journal_is_what_its_types_say(
    journal: bytes, scratch: Path, data: st.DataObject
) -> None:
    lines = [json.loads(line) for line in journal.splitlines()]
    found = check(read_journal, scratch, data.draw(changed(lines)))
    if isinstance(found, Journal):
        assert math.isfinite(found.header.started_at)
        for exchange in found.exchanges:
            assert isinstance(exchange.id, str)
            assert isinstance(exchange.retry_of, str | None)
            assert isinstance(exchange.request.url, str)
            if exchange.response is not None:
                assert isinstance(exchange.response.reason, str)
            if exchange.failure is not None:
                assert isinstance(exchange.failure.detail, str)


def plan_bytes() -> list[bytes]:
    planner = Planner(load_contract(), FIXTURES, profile=Profile.SMOKE, seed=1, max_executions=3)
    return list(plan_lines(planner.directed, load_contract(), FIXTURES, Profile.SMOKE, 1))


PLAN = plan_bytes()


@settings(max_examples=examples(120))
@given(data=st.data())
def test_any_saved_plan_is_read_or_told(scratch: Path, data: st.DataObject) -> None:
    first = [json.loads(line) for line in PLAN[:4]]
    rest = b"".join(PLAN[4:])
    content = data.draw(damaged(b"".join(PLAN)) | changed(first).map(lambda lines: lines + rest))
    found = check(lambda path: read_plan(path, load_contract(), FIXTURES), scratch, content)
    if found is not None:
        plan: Any = found.plan  # type: ignore[attr-defined]
        for part in fields(plan):
            for probe in getattr(plan, part.name):
                assert isinstance(probe.id, str)
                assert probe.request.url.startswith(FIXTURES.endpoint)


KINDS = {option.name: option.toml for option in OPTIONS}
TOML = [
    *(b"endpoint", b"seed", b"resource", b"strict", b"proxy", b"x", b'"a\\nb"', b'"\\u001b[31m"'),
    *(
        b" = ",
        b"=",
        b"\n",
        b"# note\n",
        b"[run]\n",
        b"[[run]]\n",
        b".",
        b",",
        b"\r\n",
        b"\xef\xbb\xbf",
    ),
    *(b"1", b"-0.5", b"nan", b"inf", b"true", b'"text"', b"'''\n'''", b'["a", "b"]', b"[1, [2]]"),
    *(b"{a = 1}", b"1979-05-27T07:32:00Z", b"25:61:61", b"0x", b"1__0", DIGITS, DEEP, b'"\\ud800"'),
]


@settings(max_examples=examples(250))
@given(data=pieced(TOML))
@example(data=b"seed = " + DIGITS)
@example(data=b"seed = " + DEEP)
@example(data=b'"a\\nb" = 1')
@example(data=b"[run]\nseed = 1")
def test_any_configuration_is_read_or_told(scratch: Path, data: bytes) -> None:
    found = check(read_config, scratch, data)
    if found is not None:
        assert isinstance(found, dict)
        assert all(type(value) in KINDS[name] for name, value in found.items())


WORLD_TEXT = (Path(__file__).parents[2] / "conformance/emulator/default.toml").read_bytes()


@settings(max_examples=examples(200))
@given(data=damaged(WORLD_TEXT) | pieced([*TOML, b"[[tokens]]\n", b"[[servers]]\n", b"value"]))
@example(data=b"x = " + DIGITS)
@example(data=b"x = " + DEEP)
@example(data=b'"a\\nb" = 1')
def test_any_world_is_read_or_told(data: bytes) -> None:
    told = ""
    try:
        assert World.from_toml(data).fixtures()["plan_id"]
    except WorldError as error:
        told = str(error)
    assert told.isprintable()


WAIVERS = b"""
[[waiver]]
clause = "T6.status.values"
reason = "known"
expires = 2030-01-31
"""


@settings(max_examples=examples(100))
@given(data=damaged(WAIVERS) | pieced([*TOML, b"[[waiver]]\n", b"clause", b"reason", b"expires"]))
@example(data=WAIVERS)
@example(data=b"x = " + DIGITS)
@example(data=b"x = " + DEEP)
def test_any_waivers_are_read_or_told(scratch: Path, data: bytes) -> None:
    check(lambda path: read_waivers(path, {"T6.status.values"}), scratch, data)


REPORT = {
    "schema_version": "1.0",
    "finished_at": "2026-01-31T00:00:00Z",
    "contract": {"sha256": "0" * 64},
    "target": {"endpoint": "https://csbs.example", "project_id": "p"},
    "clauses": [{"id": "T6.status.values", "status": "failed"}],
}


@settings(max_examples=examples(100))
@given(data=damaged(json.dumps(REPORT).encode()) | changed([REPORT]) | st.binary(max_size=40))
@example(data=DEEP)
@example(data=b'{"clauses": ' + DIGITS + b"}")
def test_any_baseline_is_read_or_told(scratch: Path, data: bytes) -> None:
    check(read_baseline, scratch, data)
