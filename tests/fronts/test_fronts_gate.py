"""Waivers and a baseline in pytest and in Schemathesis: what `run` would let pass, passes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fronts_helpers import FIXTURES, IDS, TOKENS, Counting, WithoutId, run_pytest

from benchmarks.fronts.ways import schemathesis_on
from conformance.contract import load_contract
from conformance.emulator.app import serving
from conformance.page.catalogue import catalogue

BROKEN, KEPT = "T6.id.present", "T7.id.present"
ASKED = (
    *("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:anyio"),
    *("-p", "no:cacheprovider", "--pyargs", "conformance", "--csbs-profile", "smoke"),
)


@pytest.fixture
def broken() -> Iterator[str]:
    """Where a target answers that breaks one clause."""
    with serving(WithoutId()) as endpoint:
        yield endpoint


def waive(place: Path, *clauses: str, expires: str = "2999-12-31") -> Path:
    """A file of waivers."""
    path = place / "waivers.toml"
    path.write_text(
        "".join(
            f'[[waiver]]\nclause = "{clause}"\nreason = "ticket 118"\nexpires = {expires}\n'
            for clause in clauses
        )
    )
    return path


def options(place: Path, endpoint: str, **more: str | Path) -> list[str]:
    given = [f"--csbs-{name.replace('_', '-')}={value}" for name, value in more.items()]
    return [*ASKED, "--csbs-endpoint", endpoint, *IDS, *given]


def test_a_waived_clause_is_expected_to_fail(tmp_path: Path, broken: str) -> None:
    waivers = waive(tmp_path, BROKEN, KEPT)
    more = {"waivers": waivers, "report_dir": tmp_path / "reports"}
    outcome = run_pytest(tmp_path, *options(tmp_path, broken, **more), "-n", "2", "-rx")
    assert outcome.code == 0, outcome.out
    assert outcome.counts["xfailed"] == 1
    assert f"[{BROKEN}] - waived until 2999-12-31: ticket 118" in outcome.out
    assert f"UnneededWaiver: the waiver of {KEPT} is no longer needed" in outcome.out
    assert "Violates the contract, but all that is broken is waived" in outcome.out
    report = json.loads((tmp_path / "reports" / "report.json").read_text())
    assert (report["verdict"], report["exit_code"]) == ("violates", 0)


def test_a_waiver_that_is_not_needed_fails_when_strict(tmp_path: Path, broken: str) -> None:
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\ncsbs_waivers = {waive(tmp_path, BROKEN, KEPT)}\ncsbs_strict = true\n"
    )
    outcome = run_pytest(tmp_path, *options(tmp_path, broken), "-k", f"{BROKEN} or {KEPT}")
    assert outcome.code == 1
    assert (outcome.counts["failed"], outcome.counts["xfailed"]) == (1, 1)
    assert f"the waiver of {KEPT} is no longer needed" in outcome.out


def test_an_expired_waiver_is_told_where_its_clause_fails(tmp_path: Path, broken: str) -> None:
    waivers = waive(tmp_path, BROKEN, expires="2020-12-31")
    outcome = run_pytest(tmp_path, *options(tmp_path, broken, waivers=waivers), "-k", BROKEN)
    assert (outcome.code, outcome.counts["failed"]) == (1, 1)
    assert f"the waiver of {BROKEN} has expired: it held until 2020-12-31" in outcome.out
    assert "expected:" in outcome.out


def test_what_was_broken_in_the_baseline_is_expected_to_fail(tmp_path: Path, broken: str) -> None:
    reports = tmp_path / "reports"
    first = run_pytest(tmp_path, *options(tmp_path, broken, report_dir=reports))
    more = {"report_dir": reports, "baseline": reports}
    again = run_pytest(tmp_path, *options(tmp_path, broken, **more), "-rx")
    assert (first.code, first.counts["failed"]) == (1, 1)
    assert (again.code, again.counts["xfailed"]) == (0, 1)
    assert f"[{BROKEN}] - broken in the baseline of " in again.out


def test_nothing_stands_in_for_the_core_of_a_run(tmp_path: Path) -> None:
    waivers = waive(tmp_path, *catalogue(load_contract()))
    unknown = "--csbs-plan-id=00000000-0000-4000-8000-000000000000"
    with serving(Counting()) as endpoint:
        outcome = run_pytest(tmp_path, *options(tmp_path, endpoint, waivers=waivers), unknown)
    assert (outcome.code, outcome.counts["failed"]) == (1, 1)
    assert "inconclusive: no valid request was executed" in outcome.out


@pytest.mark.parametrize("option", ["waivers", "baseline"])
def test_a_file_that_cannot_be_read_is_wrong_use(tmp_path: Path, option: str) -> None:
    more = {option: tmp_path / "nowhere"}
    outcome = run_pytest(tmp_path, *options(tmp_path, "http://127.0.0.1:1", **more))
    assert outcome.code == pytest.ExitCode.USAGE_ERROR
    assert f"--csbs-{option} {tmp_path / 'nowhere'}: No such file" in outcome.out


@pytest.fixture
def fixtures_in_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("CSBS_PROJECT_ID", FIXTURES["project_id"])
    monkeypatch.setenv("CSBS_PLAN_ID", FIXTURES["plan_id"])
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


FEW = ("--phases", "examples", "--no-color", "--generation-database", "none")


@pytest.mark.parametrize(
    ("clauses", "expires", "strict", "said"),
    [
        ([BROKEN], "2999-12-31", "", set()),
        ([BROKEN], "2020-12-31", "", {BROKEN}),
        ([BROKEN, KEPT], "2999-12-31", "", set()),
        ([BROKEN, KEPT], "2999-12-31", "1", {"unneeded-waiver"}),
    ],
    ids=["waived", "expired", "unneeded", "unneeded-strict"],
)
def test_waivers_in_schemathesis(
    tmp_path: Path,
    broken: str,
    fixtures_in_environment: pytest.MonkeyPatch,
    clauses: list[str],
    expires: str,
    strict: str,
    said: set[str],
) -> None:
    waivers = waive(tmp_path, *clauses, expires=expires)
    fixtures_in_environment.setenv("CSBS_WAIVERS", str(waivers))
    if strict:
        fixtures_in_environment.setenv("CSBS_STRICT", strict)
    named, report = schemathesis_on(broken, *FEW)
    assert named == said, report and report.judgement.reason
    assert report is not None
    assert report.gate is not None
    assert report.exit_code == (1 if said else 0)
