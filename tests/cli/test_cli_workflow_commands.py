"""Nothing that a target or a file says is taken for a command by the CI system that reads a log."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from cli_helpers import TOKENS, Counting, command, environment, target_options
from hypothesis import given
from hypothesis import strategies as st

from conformance.cli.workflow_commands import Neutraliser
from conformance.emulator.app import serving

WORDS = (
    *("::error::x", "##[group]x", "##vso[task.x]", "##VSO[x", "##TeamCity[x"),
    *(":", "#", "##", "[", "vso", "teamcity", "x", "✓"),
    *(" ", "\t", "\n", "\r", "\u00a0", "\u3000", "\u2028"),
)
CI = [{"GITHUB_ACTIONS": "true"}, {"TF_BUILD": "True"}, {"TEAMCITY_VERSION": "1"}, {"CI": "1"}]


def obeyed(text: str) -> list[str]:
    """The lines in which GitHub, Azure or TeamCity would find a command."""
    lines = re.split("\r\n|\r|\n", text)
    anywhere = re.compile(r"##(vso|teamcity)?\[", re.IGNORECASE)
    return [line for line in lines if line.lstrip().startswith("::") or anywhere.search(line)]


def written(pieces: Sequence[bytes]) -> str:
    neutralise = Neutraliser()
    return b"".join(map(neutralise, pieces)).decode()


@given(st.lists(st.sampled_from(WORDS)).map("".join), st.lists(st.integers(0, 60)))
def test_no_command_gets_through_however_a_text_is_cut(text: str, cuts: list[int]) -> None:
    data = text.encode()
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(places)]
    told = written(pieces)
    assert not obeyed(told)
    assert re.sub(" ", "", told) == re.sub(" ", "", text)


@given(st.lists(st.sampled_from(WORDS)).map("".join))
def test_what_is_no_command_stays_as_it_is(text: str) -> None:
    if not obeyed(text):
        assert written([text.encode()]) == text


def test_many_empty_lines_take_no_time() -> None:
    assert written([b"\n" * 1_000_000]) == "\n" * 1_000_000


@pytest.mark.parametrize("env", CI, ids=str)
@pytest.mark.parametrize("options", [(), ("--quiet",)])
def test_a_document_gives_no_commands(
    env: dict[str, str], options: tuple[str, ...], tmp_path: Path
) -> None:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/v1/{project_id}/providers/{provider_id}/checkpoints": {
                "post": {"responses": {"::error::x": {}, "##vso[x": {}, "##teamcity[y": {}}}
            }
        },
    }
    (tmp_path / "vendor.json").write_text(json.dumps(document))
    done = command("compare", "vendor.json", *options, cwd=tmp_path, env=env)
    assert not obeyed(done.out + done.err), done.out


TYPED = [
    ["run", "--only", "::x"],
    ["::error::x"],
    ["judge", "\n::error::x"],
    ["run", "--plan", "##vso[x"],
    ["docs", "--report", "##[x"],
]


@pytest.mark.parametrize("words", TYPED, ids=str)
def test_what_was_typed_gives_no_commands(words: list[str], tmp_path: Path) -> None:
    done = command(*words, cwd=tmp_path, env={"CI": "true"})
    assert done.code == 2
    assert not obeyed(done.out + done.err), done.err


def test_a_crash_gives_no_commands(tmp_path: Path) -> None:
    script = (
        "import conformance.run.selection as place, conformance.cli as cli, sys\n"
        "def fail(*_): raise type('::error::x', (Exception,), {})('y')\n"
        "place.check_only = fail\n"
        "sys.argv[1:] = ['run']; cli.entry()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment({"CI": "1", "TMPDIR": str(tmp_path)}),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 70
    assert not obeyed(done.stderr.decode())


def test_the_announcement_gives_no_commands(tmp_path: Path) -> None:
    with serving(Counting()) as endpoint:
        options = target_options(endpoint, report_dir="##vso[x")
        done = command(
            "run", "--profile", "smoke", *options, cwd=tmp_path, env={**TOKENS, "CI": "1"}
        )
    assert done.code == 0
    assert "## vso[x" in done.out
    assert not obeyed(done.out + done.err)
