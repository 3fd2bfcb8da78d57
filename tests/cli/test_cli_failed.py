"""`run --failed`: once more, and only what was not kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_helpers import TOKENS, CanBeMended, LeavesTheIdOut, command, report_of, target_options

from conformance.emulator.app import serving

AGAIN = ("run", "--failed", "first", "--report-dir", "again")


def test_only_what_was_not_kept_is_tested_with_the_fixtures_and_options_of_then(
    tmp_path: Path,
) -> None:
    service = CanBeMended()
    with serving(service) as endpoint:
        options = [*target_options(endpoint), "--profile", "smoke", "--seed", "7"]
        first = command("run", *options, "--report-dir", "first", cwd=tmp_path, env=TOKENS)
        assert first.code == 1
        sent = len(service.seen)
        again = command(*AGAIN, "--endpoint", endpoint, cwd=tmp_path, env=TOKENS)
        assert again.code == 1
        before, now = report_of(tmp_path / "first"), report_of(tmp_path / "again")
        unkept = [c["id"] for c in before["clauses"] if c["status"] in ("failed", "inconclusive")]
        assert "T6.id.present" in unkept
        assert [c["id"] for c in now["clauses"] if c["status"] == "failed"] == ["T6.id.present"]
        assert (now["only"], now["seed"], now["profile"]) == (unkept, 7, "smoke")
        assert now["target"] == before["target"]
        assert len(service.seen) - sent < sent
        total = len(before["clauses"])
        told = f"--failed: {len(unkept)} clause{'s' * (len(unkept) > 1)} of {total}; left out: "
        assert told in again.err
        service.is_mended = True
        mended = command(*AGAIN, "--endpoint", endpoint, "--quiet", cwd=tmp_path, env=TOKENS)
        assert (mended.code, mended.out, mended.err) == (0, "conforms\n", "")


def test_a_token_goes_nowhere_that_the_user_did_not_name(tmp_path: Path) -> None:
    service = LeavesTheIdOut()
    with serving(service) as endpoint:
        options = [*target_options(endpoint), "--profile", "smoke", "--report-dir", "first"]
        command("run", *options, cwd=tmp_path, env=TOKENS)
        service.seen.clear()
        done = command(*AGAIN, cwd=tmp_path, env=TOKENS)
        assert (done.code, done.err.count("\n"), service.seen) == (2, 1, [])
        assert "give that endpoint again if it is yours" in done.err


def test_a_run_that_was_held_against_another_contract_is_told_in_one_line(tmp_path: Path) -> None:
    service = LeavesTheIdOut()
    with serving(service) as endpoint:
        options = [*target_options(endpoint), "--profile", "smoke", "--report-dir", "first"]
        command("run", *options, cwd=tmp_path, env=TOKENS)
        journal = tmp_path / "first" / "journal.ndjson"
        text = journal.read_text()
        journal.write_text(text.replace(json.loads(text.splitlines()[0])["contract"], "0" * 64))
        words = (*AGAIN, "--endpoint", endpoint, "--quiet")
        done = command(*words, cwd=tmp_path, env=TOKENS)
    told = "--failed first: the run was held against another version of the contract\n"
    assert (done.code, done.err) == (1, f"csbs-conformance: {told}")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (AGAIN, "no clause is failed or inconclusive there; leave it out to test all"),
        ((*AGAIN, "--only", "T6.*"), "--only: --failed says which clauses are tested"),
        (("run", "--failed", "none"), "none: there is no such directory"),
        (("run", "--failed", "."), "no run is there, it has no journal.ndjson"),
    ],
)
def test_where_nothing_can_be_tested_one_line_says_so(
    words: tuple[str, ...], why: str, conforming: Path
) -> None:
    done = command(*words, cwd=conforming, env=TOKENS)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert why in done.err


@pytest.fixture(scope="module")
def conforming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("failed")
    assert command("run", "--profile", "smoke", "--report-dir", "first", cwd=home).code == 0
    return home
