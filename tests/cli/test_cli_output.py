"""What becomes of standard output and standard error changes no verdict."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_helpers import (
    NEVER_HANGS,
    REPORTS,
    TOKENS,
    AnswersErrorsInText,
    LeavesTheIdOut,
    environment,
    target_options,
)
from warm import COLD, WARM

from conformance.emulator.app import serving

DOCUMENT = """
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /v1/{project_id}/providers/{provider_id}/checkpoints:
    post:
      responses: {"204": {description: d}}
"""
ENDS = ("| true", "| head -1", "| head -c 1", "| grep -q .")
CLOSED = (">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-")
FULL = ("> /dev/full", "2> /dev/full", "> /dev/full 2> /dev/full")
TEXTS = ("clauses", "contract", "docs", "plan", "completion bash", "--help", "--version")
NOT_SHOWN = ("Traceback", "Exception", "BrokenPipe", "Errno", "AttributeError")


class Shell:
    """Runs lines of bash in a directory; `$C` is the command, `$COLD` the installed one."""

    def __init__(self, directory: Path, env: dict[str, str]) -> None:
        self.directory = directory
        self.env = env

    def __call__(self, line: str, **env: str) -> tuple[int, str]:
        """The code of the first command of a pipe, and all that was printed."""
        script = f"{line}\ncodes=(${{PIPESTATUS[@]}}); exit ${{codes[0]}}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.directory,
            env=environment({**TOKENS, "C": WARM, "COLD": COLD, **self.env, **env}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=NEVER_HANGS,
            check=False,
        )
        return done.returncode, done.stdout.decode("utf-8", "backslashreplace")


@pytest.fixture(scope="module")
def violating() -> Iterator[str]:
    with serving(LeavesTheIdOut()) as endpoint:
        yield " ".join(target_options(endpoint))


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, violating: str) -> Shell:
    """A directory with a violating run in `bad`, a conforming one in `good`, and a document."""
    shell = Shell(tmp_path_factory.mktemp("shell"), {"BAD": violating})
    (shell.directory / "vendor.yaml").write_text(DOCUMENT)
    assert shell("$C run --profile smoke --report-dir good")[0] == 0
    assert shell("$C run --profile smoke $BAD --report-dir bad")[0] == 1
    return shell


@pytest.mark.parametrize("end", [*ENDS, *CLOSED, *FULL])
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("judge good/journal.ndjson --report-dir again", 0),
        ("judge bad/journal.ndjson --report-dir again --quiet", 1),
        ("compare vendor.yaml", 1),
    ],
)
def test_a_verdict_is_the_same_whoever_reads_it(
    command: str, code: int, end: str, shell: Shell
) -> None:
    assert shell(f"$C {command} {end}")[0] == code


@pytest.mark.parametrize("end", ["| true", "| head -c 1", ">&-", "2>&-", "> /dev/full"])
def test_a_run_is_judged_and_written_whoever_reads_it(end: str, shell: Shell) -> None:
    directory = re.sub(r"\W", "", end) or "none"
    start = "$COLD" if "&-" in end else "$C"
    code, told = shell(f"{start} run --profile smoke $BAD --report-dir w{directory} {end}")
    assert code == 1
    assert {path.name for path in (shell.directory / f"w{directory}").iterdir()} >= REPORTS
    assert not [word for word in NOT_SHOWN if word in told], told


def test_under_pipefail_a_conforming_run_passes(shell: Shell) -> None:
    line = "set -o pipefail; $C run --profile smoke --report-dir pf 2>/dev/null | grep -q ."
    assert shell(f"{line}; exit $?")[0] == 0


@pytest.mark.parametrize("end", ["| true", "> /dev/full"])
def test_the_summary_of_a_job_is_written_whoever_reads_the_log(end: str, shell: Shell) -> None:
    summary = shell.directory / "summary"
    summary.unlink(missing_ok=True)
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    line = f"$C judge bad/journal.ndjson --report-dir again {end}"
    assert shell(line, **github)[0] == 1
    assert "Violates the contract" in summary.read_text()


@pytest.mark.parametrize("end", ["| true", "| head -1", "2>&- <&-"])
@pytest.mark.parametrize("command", TEXTS)
def test_a_text_may_be_read_in_part(command: str, end: str, shell: Shell) -> None:
    code, told = shell(f"$C {command} {end}")
    assert code == 0
    assert not [word for word in NOT_SHOWN if f"{word}:" in told], told


@pytest.mark.parametrize(
    ("end", "why"), [(">&-", "it is closed"), ("> /dev/full", "No space left on device")]
)
@pytest.mark.parametrize("command", TEXTS)
def test_a_text_that_went_nowhere_is_said_to_be_lost(
    command: str, end: str, why: str, shell: Shell
) -> None:
    code, told = shell(f"$C {command} {end}")
    assert code == 2
    assert told.count("\n") == 1
    assert f"standard output could not be written: {why}" in told


def test_a_full_disk_is_told_beside_a_verdict_and_a_closed_stream_is_not(shell: Shell) -> None:
    line = "$C judge bad/journal.ndjson --quiet --report-dir again"
    code, told = shell(f"{line} > /dev/full")
    assert (code, told.count("\n")) == (1, 1)
    assert "No space left on device" in told
    assert shell(f"{line} >&-") == (1, "")


def test_an_error_is_told_where_somebody_reads(shell: Shell) -> None:
    for end in ("2>&-", "2>/dev/full", ">&-", ">/dev/full"):
        code, told = shell(f"$COLD run --bogus {end}")
        assert code == 2
        assert re.fullmatch("csbs-conformance: No such option.*--bogus.*\n", told), (end, told)
    assert shell("$COLD run --bogus >&- 2>&-") == (2, "")


def test_reports_that_cannot_be_written_are_wrong_use(shell: Shell) -> None:
    (shell.directory / "file").write_text("")
    for end in (">&-", "> /dev/full"):
        code, told = shell(f"$C judge bad/journal.ndjson --report-dir file {end}")
        assert (code, told.count("\n")) == (2, 1), told


def test_no_file_gets_what_was_meant_for_a_closed_stream(shell: Shell) -> None:
    before = (shell.directory / "good" / "report.json").read_bytes()
    line = "run --profile smoke --report-dir cl <&- >&- 2>&-"
    assert shell(f"$COLD {line}; $C judge cl/journal.ndjson --quiet --report-dir cj")[0] == 0
    lines = (shell.directory / "cl" / "journal.ndjson").read_bytes().splitlines()
    assert all(each.startswith(b'{"kind":') for each in lines)
    assert before == (shell.directory / "good" / "report.json").read_bytes()


ODD = [
    {"PYTHONUNBUFFERED": "1"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1"},
    {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"TERM": "dumb"},
    {"NO_COLOR": "1"},
]


@pytest.mark.parametrize("env", ODD, ids=str)
@pytest.mark.parametrize("end", ["", "| true"])
def test_no_environment_changes_the_verdict(env: dict[str, str], end: str, shell: Shell) -> None:
    code, told = shell(f"$C judge bad/journal.ndjson --report-dir again {end}", **env)
    assert code == 1
    assert not [word for word in NOT_SHOWN if word in told], told


@pytest.mark.parametrize("env", ODD, ids=str)
@pytest.mark.parametrize("command", ["clauses --ledger", "docs"])
def test_every_environment_can_print_what_is_no_ascii(
    env: dict[str, str], command: str, shell: Shell
) -> None:
    code, told = shell(f"$C {command}", **env)
    assert (code, "csbs-conformance:" in told) == (0, False), told


@pytest.mark.parametrize("end", ["| true", ">&-", "2>&-", "> /dev/full"])
def test_the_other_commands_keep_their_codes_too(end: str, shell: Shell, tmp_path: Path) -> None:
    told = shell(f"$C prove --variant identical-twin --report-dir pr {end}")
    assert told[0] in (0, 2)
    (shell.directory / "c.toml").write_text("x = 1\n")
    assert shell(f"$C campaign c.toml {end}")[0] == 2
    assert shell(f"$C attest good {end}")[0] == 2
    assert shell(f"$C verify good --key none {end}")[0] == 2
    assert shell(f"$C init {end}")[0] == 2
    assert shell(f"$C emulator --world none {end}")[0] == 2


def test_alone_it_prints_its_help(shell: Shell) -> None:
    code, told = shell("$C")
    assert (code, told) == (2, shell("$C --help")[1])
    assert told.startswith("Usage: csbs-conformance ")
    assert "\n  judge " in told


def test_it_runs_as_a_module_too(shell: Shell) -> None:
    python = Path(COLD).with_name("python")
    for words in ("--version", "--help", "clauses --only T6.id.present"):
        assert shell(f"{python} -m conformance {words}") == shell(f"$C {words}")
    assert shell(f"{python} -m conformance run --bogus")[0] == 2


def test_strict_shows_no_green_sign_beside_a_failing_exit(tmp_path: Path) -> None:
    with serving(AnswersErrorsInText()) as endpoint:
        shell = Shell(tmp_path, {"T": " ".join(target_options(endpoint))})
        summary = tmp_path / "summary"
        github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
        code, told = shell("$C run --profile smoke --strict $T --report-dir out", **github)
    assert code == 1
    fails = r"onforms; fails by --strict: [1-9]\d* should"
    assert re.search(rf"✗ C{fails}  \(exit code 1\)", told)
    assert "✓ C" not in told
    for name in ("out/summary.md", "summary"):
        assert re.match(rf"## ✗ C{fails}\n", (tmp_path / name).read_text())
    for name in ("out/badge.json", "out/badge.svg"):
        badge = (tmp_path / name).read_text()
        assert re.search(f"c{fails}", badge)
        assert "green" not in badge
        assert "#2e7d52" not in badge
    page = (tmp_path / "out" / "report.html").read_text()
    assert '<header class="top failed">' in page
    assert re.search(f"<title>C{fails}", page)
    code, told = shell("$C judge out/journal.ndjson --strict --quiet --report-dir again")
    assert (code, bool(re.fullmatch(f"c{fails}\n", told))) == (1, True), told
    reference = shell("$C docs --report again")[1]
    assert re.search(r"✗ .* conforms, and fails by --strict", reference)
