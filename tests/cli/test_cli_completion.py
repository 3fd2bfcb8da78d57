"""A real bash completes with the script that the command prints; the other shells' are asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import command, environment
from warm import WARM

from conformance.cli.main import COMMANDS
from conformance.contract import load_contract
from conformance.page.catalogue import catalogue

HEAVY = ("schemathesis", "hypothesis", "h11", "jsonschema_rs", "rich", "starlette", "yaml")


def completed(line: str, place: Path) -> list[str]:
    """What bash offers at the end of a line, whose words have spaces between."""
    words = line.split(" ")
    script = """
        eval "$(csbs-conformance completion bash)"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        compopt() { printf 'compopt %s %s\\n' "$@"; }
        _csbs_conformance_completion "$1"
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    path = os.pathsep.join([str(Path(WARM).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", script, "bash", *words],
        cwd=place,
        env=environment({"PATH": path}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def test_commands(tmp_path: Path) -> None:
    assert completed("csbs-conformance ", tmp_path) == list(COMMANDS)
    assert completed("csbs-conformance co", tmp_path) == ["compare", "contract", "completion"]


def test_options_and_their_values(tmp_path: Path) -> None:
    assert "--profile" in completed("csbs-conformance run --pro", tmp_path)
    assert completed("csbs-conformance run --profile ", tmp_path) == ["smoke", "standard", "deep"]
    assert completed("csbs-conformance completion ", tmp_path) == ["bash", "zsh", "fish"]


@pytest.mark.parametrize("name", ["run", "plan", "judge", "clauses"])
def test_clauses(name: str, tmp_path: Path) -> None:
    (tmp_path / "T6.status.none").touch()  # no file is offered for a clause
    known = [each for each in catalogue(load_contract()) if each.startswith("T6.status")]
    assert completed(f"csbs-conformance {name} --only T6.status", tmp_path) == known


@pytest.mark.parametrize(
    "line", ["run --config ", "run --waivers w", "run --report-dir ", "judge ", "campaign "]
)
def test_files_are_left_to_the_shell(line: str, tmp_path: Path) -> None:
    offered = completed(f"csbs-conformance {line}", tmp_path)
    assert offered == ["compopt -o default", ""]


def test_a_configuration_that_cannot_be_read_is_in_nobodys_way(tmp_path: Path) -> None:
    line = "csbs-conformance run --config nowhere.toml --profile s"
    assert completed(line, tmp_path) == ["smoke", "standard"]


@pytest.mark.parametrize(
    ("shell", "registers"),
    [
        ("bash", "complete -o nosort -F _csbs_conformance_completion csbs-conformance"),
        ("zsh", "#compdef csbs-conformance"),
        ("fish", "complete --no-files --command csbs-conformance"),
    ],
)
def test_every_shell_has_a_script(shell: str, registers: str, tmp_path: Path) -> None:
    named = command("completion", shell, cwd=tmp_path)
    own = command("completion", cwd=tmp_path, env={"SHELL": f"/usr/bin/{shell}"})
    assert (named.code, named.err) == (0, "")
    assert registers in named.out
    assert own == named


@pytest.mark.parametrize("shell", ["/bin/tcsh", ""])
def test_a_shell_without_a_script(shell: str, tmp_path: Path) -> None:
    done = command("completion", cwd=tmp_path, env={"SHELL": shell})
    assert (done.code, done.out) == (2, "")
    assert "say for which shell: bash, zsh, fish" in done.err


def test_names_are_completed_without_what_a_run_needs(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from conformance.cli.main import main\n"
        "try:\n    main(prog_name='csbs-conformance')\n"
        "finally:\n    print(*sys.modules, file=sys.stderr)\n"
    )
    asked = {"COMP_WORDS": "csbs-conformance run --p", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment({**asked, "_CSBS_CONFORMANCE_COMPLETE": "bash_complete"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "plain,--plan-id" in done.stdout
    assert not set(done.stderr.split()) & set(HEAVY)
