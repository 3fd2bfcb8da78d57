"""The cache of generated cases: what is damaged is made again, and its want is told."""

from __future__ import annotations

import asyncio
import shutil
import socket
from pathlib import Path

import pytest
from cli_helpers import TOKENS, Counting, Outcome, command, records, target_options

from conformance.contract import load_contract
from conformance.emulator.app import serving
from conformance.plan.generated import cache_file, drawn_lines


def run(cwd: Path) -> Outcome:
    with serving(Counting()) as endpoint:
        options = (*target_options(endpoint), "--report-dir", "out")
        env = {**TOKENS, "XDG_CACHE_HOME": str(cwd / "cache")}
        return command("run", *options, cwd=cwd, env=env)


def generated(cwd: Path) -> list[str]:
    probes = [record["id"] for record in records(cwd / "out" / "plan.ndjson")[1:]]
    return [name for name in probes if name.startswith("generated/")]


def cached(cwd: Path) -> Path:
    (path,) = (cwd / "cache" / "csbs-conformance" / "generated").glob("*.cases")
    return path


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a run was that had the cache of whoever runs the tests, and found its cases there."""
    place = tmp_path_factory.mktemp("warm")
    contract = load_contract()
    asyncio.run(drawn_lines(contract, 1))
    kept = place / "cache" / "csbs-conformance" / "generated"
    kept.mkdir(parents=True)
    shutil.copy(cache_file(contract, 1), kept)
    assert run(place).code == 0
    assert generated(place)
    return place


def damage(path: Path, kind: str) -> None:
    """Leave something else where cases are kept."""
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.unlink()
    if kind == "link":
        path.symlink_to("/dev/zero")
    else:
        without_a_case = b"".join(lines[:-1])
        contents = {"empty": b"", "torn": whole[:-9], "text": b"no JSON\n", "other": without_a_case}
        path.write_bytes(contents[kind])


def test_a_damaged_cache_is_made_again_by_a_run(warm: Path) -> None:
    path, before = cached(warm), generated(warm)
    whole = path.read_bytes()
    damage(path, "other")
    done = run(warm)
    assert (done.code, done.err.count("Traceback")) == (0, 0), done.err
    assert generated(warm) == before
    assert path.read_bytes() == whole


@pytest.mark.process
@pytest.mark.parametrize("kind", ["empty", "torn", "text", "other", "link"])
def test_a_damaged_cache_is_made_again(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = tmp_path / "generator.py"
    generator.write_text('import sys; sys.stdin.read(); print(\'{"body": 1}\\n{"body": 2}\')')
    monkeypatch.setattr("conformance.plan.generated.GENERATOR", generator)
    monkeypatch.setattr("conformance.plan.generated._rests_on", lambda: ("this one",))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def draw() -> bytes:
        monkeypatch.setattr("conformance.plan.generated._KNOWN", {})
        return asyncio.run(drawn_lines(load_contract(), 1))

    assert draw() == b'{"body": 1}\n{"body": 2}\n'
    path = cached(tmp_path)
    whole = path.read_bytes()
    damage(path, kind)
    assert draw() == b'{"body": 1}\n{"body": 2}\n'
    assert path.read_bytes() == whole
    assert not path.is_symlink()


@pytest.mark.parametrize("attempt", range(3))  # a child that is left alone shows at times only
def test_a_run_that_ends_while_requests_are_drawn_waits_for_the_generator(
    attempt: int, tmp_path: Path
) -> None:
    env = {**TOKENS, "XDG_CACHE_HOME": str(tmp_path / f"cache{attempt}")}
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        options = target_options(f"http://127.0.0.1:{nobody.getsockname()[1]}")
        done = command("run", *options, "--report-dir", "out", cwd=tmp_path, env=env)
    assert done.code == 3
    assert "Exception ignored" not in done.err
    assert "Event loop is closed" not in done.err
