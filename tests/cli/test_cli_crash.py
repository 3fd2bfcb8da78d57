"""An error that nobody expected is no verdict, in whatever stage and front it comes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import NEVER_HANGS, REPORTS, TOKENS, command, environment, records

from conformance.run.crash import without_secrets

SMOKE = "'run', '--profile', 'smoke', '--report-dir', 'out'"
SECRET = "a-secret-that-nobody-may-see"
STAGES = {
    "options": ("conformance.run.selection.check_only", SMOKE),
    "contract": ("conformance.contract.load_contract", "'contract'"),
    "settings": ("conformance.run.settings.emulator_settings", SMOKE),
    "plan": ("conformance.run.session.make_planner", SMOKE),
    "generation": ("conformance.plan.generated.fitted", "'run', '--report-dir', 'out'"),
    "planning alone": ("conformance.run.planning.whole_plan", "'plan'"),
    "sending": ("conformance.exchange.client.Client.send", SMOKE),
    "journal": ("conformance.journal.writer.exchange_line", SMOKE),
    "judging": ("conformance.judge.run.Judge.observe", SMOKE),
    "conclusion": ("conformance.judge.run.Judge.conclude", SMOKE),
    "gate": ("conformance.report.model.gated", SMOKE),
    "a report": ("conformance.report.write.bounded", SMOKE),
    "console": ("conformance.report.console.print_report", SMOKE),
    "judge": ("conformance.recorded.judging.judge_files", "'judge', 'x'"),
    "compare": ("conformance.compare.source.read_source", "'compare', 'x'"),
    "clauses": ("conformance.page.catalogue.catalogue", "'clauses'"),
    "docs": ("conformance.docs.command.write_reference", "'docs'"),
    "campaign": ("conformance.campaign.file.read_campaign", "'campaign', 'x'"),
    "attest": ("conformance.attestation.need_packages", "'attest', 'x', '--key', 'k'"),
    "verify": ("conformance.attestation.need_packages", "'verify', 'x', '--key', 'k'"),
    "prove": ("conformance.prove.command.run_proof", "'prove'"),
    "init": ("conformance.init.command.init", "'init'"),
    "emulator": ("conformance.emulator.run_emulator", "'emulator'"),
    "a command's module": ("conformance.cli.main.import_module", "'run'"),
}
ERRORS = ("ValueError", "BrokenPipeError", "EOFError", "RecursionError", "asyncio.CancelledError")
"""Click reads a code into some of them; the last is no Exception."""


def crashed(
    directory: Path, place: str, words: str, error: str = "ValueError", **env: str
) -> tuple[int, str, str]:
    """Run the command with functions that raise `error`; the code, what it said, the details."""
    places = place.split()
    script = f"""
import asyncio, sys
from importlib import import_module
def fail(*_, **__): raise {error}(32, "it broke, {SECRET} and {{{{token}}}}")
for place in {places!r}:
    names = place.split(".")
    for size in range(len(names) - 1, 0, -1):
        try:
            owner = import_module(".".join(names[:size]))
        except ImportError:
            continue
        break
    for name in names[size:-1]:
        owner = getattr(owner, name)
    getattr(owner, names[-1])  # what is not there would not be called
    setattr(owner, names[-1], fail)
from conformance.cli import entry
sys.argv[1:] = [{words}]
entry()
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=directory,
        env=environment({"TMPDIR": str(directory), "MY_TOKEN": SECRET, **env}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=NEVER_HANGS,
        check=False,
    )
    files = list(directory.glob("csbs-conformance-*.txt"))
    details = files[0].read_text() if files else ""
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600
    return done.returncode, done.stderr.decode(), details


@pytest.mark.parametrize("stage", STAGES)
def test_a_crash_ends_with_a_code_of_its_own(stage: str, tmp_path: Path) -> None:
    code, err, details = crashed(tmp_path, *STAGES[stage])
    assert code == 70, err
    (told,) = [line for line in err.splitlines() if not line.startswith("testing ")]
    assert told.startswith(
        "csbs-conformance: this is a fault of csbs-conformance, and says nothing of the target: "
        "ValueError; details"
    )
    assert re.search(rf" are in {tmp_path}/csbs-conformance-\w+\.txt$", told)
    assert "Traceback (most recent call last)" in details
    assert "it broke" in details
    assert SECRET not in err + details
    if (tmp_path / "out" / "journal.ndjson").exists():
        assert records(tmp_path / "out" / "journal.ndjson")[0]["kind"] == "header"


@pytest.mark.parametrize("error", ERRORS)
def test_no_error_is_taken_for_a_verdict_by_its_kind(error: str, tmp_path: Path) -> None:
    code, err, _ = crashed(tmp_path, "conformance.run.selection.check_only", SMOKE, error)
    assert code == 70, err
    assert err.count("\n") == 1


def test_after_a_crash_no_report_claims_anything(tmp_path: Path) -> None:
    assert command("run", "--profile", "smoke", "--report-dir", "out", cwd=tmp_path).code == 0
    code, *_ = crashed(tmp_path, *STAGES["judging"])
    assert code == 70
    assert not {path.name for path in (tmp_path / "out").iterdir()} & REPORTS


def test_what_was_sent_before_a_crash_is_gone_on_with(tmp_path: Path) -> None:
    assert crashed(tmp_path, *STAGES["conclusion"])[0] == 70
    before = records(tmp_path / "out" / "journal.ndjson")
    done = command("run", "--resume", "out", cwd=tmp_path)
    assert done.code in (0, 2), done.err
    assert [each["kind"] for each in before][-1] == "footer"


def test_details_hold_no_token_whatever_its_variable_is_called(tmp_path: Path) -> None:
    words = f"{SMOKE}, '--endpoint', 'http://127.0.0.1:9', '--token-env', 'ODD'"
    words += ", '--proxy', 'http://u:secretpassword@127.0.0.1:9'"
    env = {**TOKENS, "ODD": SECRET, "MY_TOKEN": ""}
    code, err, details = crashed(tmp_path, "conformance.run.session.make_planner", words, **env)
    assert (code, SECRET in err + details, "secretpassword" in err + details) == (70, False, False)


def test_details_that_cannot_be_written_are_told_so(tmp_path: Path) -> None:
    places = "conformance.contract.load_contract conformance.run.crash._written"
    code, err, _ = crashed(tmp_path, places, "'contract'", "OSError")
    assert (code, err.count("\n")) == (70, 1)
    assert "its details could not be written (BrokenPipeError)" in err  # 32 is its number


@pytest.mark.parametrize("argv", [[], ["host"], ["host", "run", "--token-env"]])
def test_a_text_loses_its_secrets_under_any_command_line(
    argv: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setenv("MY_TOKEN", SECRET)
    assert SECRET not in without_secrets(f"it broke, {SECRET}")
