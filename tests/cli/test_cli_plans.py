"""The same seed gives the same plan, and a saved plan gives the same requests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import TOKENS, Counting, command, records, report_of, target_options

from conformance.emulator.app import serving


@pytest.fixture
def target() -> Iterator[tuple[Counting, str]]:
    service = Counting()
    with serving(service) as endpoint:
        yield service, endpoint


def run(endpoint: str, cwd: Path, *options: str) -> int:
    return command("run", *target_options(endpoint), *options, cwd=cwd, env=TOKENS).code


def verdicts(directory: Path) -> dict[str, str]:
    return {clause["id"]: clause["status"] for clause in report_of(directory)["clauses"]}


def bodies(service: Counting) -> list[tuple[str, str, bytes]]:
    """What was sent to test, whatever its order: lists are as long as there are backups."""
    return sorted(
        (seen.method, seen.path, seen.body)
        for seen in service.seen
        if "checkpoint_items" not in seen.path
    )


def test_two_runs_with_one_seed_plan_and_find_the_same(
    target: tuple[Counting, str], tmp_path: Path
) -> None:
    for name in ("first", "second"):
        assert run(target[1], tmp_path, "--report-dir", name, "--seed", "11") == 0
    first, second = tmp_path / "first", tmp_path / "second"
    assert (first / "plan.ndjson").read_bytes() == (second / "plan.ndjson").read_bytes()
    assert verdicts(first) == verdicts(second)


def test_another_seed_plans_something_else(target: tuple[Counting, str], tmp_path: Path) -> None:
    for seed in ("1", "2"):
        run(target[1], tmp_path, "--report-dir", seed, "--seed", seed, "--profile", "smoke")
    first, second = (tmp_path / seed / "plan.ndjson" for seed in ("1", "2"))
    assert records(first)[1:] != records(second)[1:]


@pytest.mark.parametrize("profile", ["smoke", "standard"])
def test_a_saved_plan_sends_the_same_requests(
    profile: str, target: tuple[Counting, str], tmp_path: Path
) -> None:
    service, endpoint = target
    run(endpoint, tmp_path, "--report-dir", "first", "--seed", "3", "--profile", profile)
    sent = bodies(service)
    service.seen.clear()
    service.executed.clear()  # looks at a longer list would take requests from what may be left out
    saved = str(tmp_path / "first" / "plan.ndjson")
    assert run(endpoint, tmp_path, "--report-dir", "second", "--plan", saved) == 0
    assert bodies(service) == sent
    header = records(tmp_path / "second" / "journal.ndjson")[0]
    assert (header["seed"], header["profile"]) == (3, profile)


def test_a_saved_plan_may_be_replaced_by_the_run_that_sends_it(
    target: tuple[Counting, str], tmp_path: Path
) -> None:
    options = ("--report-dir", "out", "--profile", "smoke")
    run(target[1], tmp_path, *options)
    saved = tmp_path / "out" / "plan.ndjson"
    before = saved.read_bytes()
    assert run(target[1], tmp_path, "--report-dir", "out", "--plan", str(saved)) == 0
    assert saved.read_bytes() == before


def test_a_plan_for_another_target_or_contract_is_refused(
    target: tuple[Counting, str], tmp_path: Path
) -> None:
    run(target[1], tmp_path, "--report-dir", "out", "--profile", "smoke")
    saved = tmp_path / "out" / "plan.ndjson"
    first, *rest = saved.read_text().splitlines()
    header = json.loads(first)
    changes: dict[str, dict[str, Any]] = {
        "contract": {"contract": "0" * 64},
        "target": {"fixtures": {**header["fixtures"], "endpoint": "http://other"}},
    }
    for name, change in changes.items():
        other = tmp_path / f"{name}.ndjson"
        other.write_text("\n".join([json.dumps({**header, **change}), *rest]))
        options = ("run", *target_options(target[1]), "--plan", str(other))
        done = command(*options, cwd=tmp_path, env=TOKENS)
        assert done.code == 2
        assert f"another {name}" in done.err


@pytest.mark.parametrize(
    "change",
    [
        {"method": "DELETE", "url": "/v1/x/backups/all"},
        {"url": "/v1/x/backups/all"},
        {"headers": [["X-Auth-Token", "{{token}}"], ["X-HTTP-Method-Override", "DELETE"]]},
    ],
)
@pytest.mark.parametrize("is_resumed", [False, True])
def test_a_plan_of_another_hand_sends_nothing_but_the_operation(
    change: dict[str, Any], is_resumed: bool, target: tuple[Counting, str], tmp_path: Path
) -> None:
    service, endpoint = target
    run(endpoint, tmp_path, "--report-dir", "out", "--profile", "smoke")
    saved, journal = tmp_path / "out" / "plan.ndjson", tmp_path / "out" / "journal.ndjson"
    head, *probes = records(saved)
    for probe in probes:
        probe["request"].update(change)
        if "url" in change:
            probe["request"]["url"] = endpoint + change["url"]
    lines = b"".join(json.dumps(line).encode() + b"\n" for line in (head, *probes))
    saved.write_bytes(lines)
    header, _, *_ = journal.read_bytes().splitlines(keepends=True)
    digest = hashlib.sha256(lines).hexdigest()
    noted = [{"kind": "plan", "sha256": digest}, {"kind": "sent", "id": "x0001", "request": "0"}]
    journal.write_bytes(header + b"".join(json.dumps(line).encode() + b"\n" for line in noted))
    service.seen.clear()
    way = ("--resume", "out") if is_resumed else ("--plan", str(saved))
    done = command("run", *target_options(endpoint), *way, cwd=tmp_path, env=TOKENS)
    assert done.code == 2
    assert f"{saved.relative_to(tmp_path) if is_resumed else saved}: line 2 is noth" in done.err
    assert len(done.err.splitlines()) == 1
    assert service.seen == []


def test_a_journal_of_another_hand_repeats_nothing_but_the_operation(
    target: tuple[Counting, str], tmp_path: Path
) -> None:
    service, endpoint = target
    run(endpoint, tmp_path, "--report-dir", "out", "--profile", "smoke")
    journal = tmp_path / "out" / "journal.ndjson"
    *lines, _ = records(journal)
    for line in lines:
        if line["kind"] == "exchange":
            line["request"]["method"] = "DELETE"
    journal.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    service.seen.clear()
    resume = ("--resume", "out", "--max-requests", "400")
    done = command("run", *target_options(endpoint), *resume, cwd=tmp_path, env=TOKENS)
    assert done.code == 2
    assert "only GET and POST are sent" in done.err
    assert len(done.err.splitlines()) == 1
    assert service.seen == []


def test_the_plan_holds_placeholders_for_the_tokens(
    target: tuple[Counting, str], tmp_path: Path
) -> None:
    run(target[1], tmp_path, "--report-dir", "out", "--profile", "smoke")
    text = (tmp_path / "out" / "plan.ndjson").read_text()
    assert "{{token}}" in text
    assert "{{forbidden-token}}" in text
    assert not [token for token in TOKENS.values() if token in text]


def test_smoke_keeps_to_three_executions_with_the_plan_of_another_profile(
    target: tuple[Counting, str], tmp_path: Path
) -> None:
    service, endpoint = target
    run(endpoint, tmp_path, "--report-dir", "first")
    before = len(service.executed)
    saved = ("--plan", "first/plan.ndjson", "--report-dir", "second", "--profile", "smoke")
    run(endpoint, tmp_path, *saved)
    assert before > 3
    assert 1 <= len(service.executed) - before <= 3
