"""Files that are links, pipes or devices: nothing hangs, fills memory, or is written through."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path

import pytest
from cli_helpers import TOKENS, Counting, command, environment, target_options
from warm import COLD

from conformance.emulator.app import serving

SOON = 20.0
"""Seconds within which a file that cannot be read is refused."""
READS = {
    "resume": ("run", "--resume", "{directory}"),
    "plan": ("run", "--plan", "{file}"),
    "config": ("run", "--config", "{file}"),
    "waivers": ("run", "--waivers", "{file}"),
    "baseline": ("run", "--baseline", "{file}"),
    "token-file": ("run", "--endpoint", "http://127.0.0.1:9", "--token-file", "{file}"),
    "docs": ("docs", "--report", "{file}"),
    "campaign": ("campaign", "{file}"),
    "compare": ("campaign", "campaign.toml", "--compare", "{file}"),
    "world": ("emulator", "--world", "{file}"),
}


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))


@pytest.mark.parametrize("strange", ["pipe", "device"])
@pytest.mark.parametrize("reader", READS)
def test_a_file_that_is_no_file_is_refused_in_one_line(
    reader: str, strange: str, tmp_path: Path
) -> None:
    (tmp_path / "campaign.toml").write_text('[[target]]\nname = "a"\nendpoint = "http://a"\n')
    file = tmp_path / "out" / "journal.ndjson"
    file.parent.mkdir()
    if strange == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("/dev/zero")
    places = {"directory": "out", "file": "out/journal.ndjson"}
    done = subprocess.run(
        [COLD, *(word.format(**places) for word in READS[reader])],
        cwd=tmp_path,
        env=environment({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SOON,
        preexec_fn=bounded,
        check=False,
    )
    said = done.stderr.decode()
    assert (done.returncode, len(said.splitlines())) == (2, 1), said
    assert "it is " in said


def test_a_configuration_and_a_token_may_stand_behind_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "token").write_text(TOKENS["CSBS_TOKEN"])
    (tmp_path / "real" / "csbs.toml").write_text('profile = "smoke"\n')
    for name in ("token", "csbs.toml"):
        (tmp_path / name).symlink_to(Path("real") / name)
    with serving(Counting()) as endpoint:
        options = ("--config", "csbs.toml", "--token-file", "token")
        done = command("run", *target_options(endpoint), *options, cwd=tmp_path, env={})
    assert done.code == 0, done.err


@pytest.mark.parametrize("is_hard", [False, True])
def test_a_journal_that_is_a_link_leaves_what_it_leads_to_as_it_is(
    is_hard: bool, tmp_path: Path
) -> None:
    service = Counting()
    precious = tmp_path / "precious"
    precious.write_text("precious\n")
    precious.chmod(0o644)
    (tmp_path / "out").mkdir()
    journal = tmp_path / "out" / "journal.ndjson"
    if is_hard:
        os.link(precious, journal)
    else:
        journal.symlink_to(precious)
    with serving(service) as endpoint:
        options = (*target_options(endpoint), "--report-dir", "out")
        done = command("run", *options, cwd=tmp_path, env=TOKENS)
    assert done.code == 2
    assert "link; give another --report-dir" in done.err
    assert len(done.err.splitlines()) == 1
    assert (precious.read_text(), precious.stat().st_mode & 0o777) == ("precious\n", 0o644)
    assert service.seen == []
