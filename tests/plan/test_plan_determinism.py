"""The same inputs give the same plan, byte for byte."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from plan_helpers import CONTRACT, FIXTURES, drawn, planner
from trying import examples

from conformance.journal.saved_plan import plan_lines
from conformance.model import Fixtures
from conformance.plan.generated import cache_file
from conformance.plan.planner import Planner, Profile


def lines(
    fixtures: Fixtures = FIXTURES, *, profile: Profile = Profile.STANDARD, seed: int = 1
) -> bytes:
    planning: Planner = planner(fixtures, profile=profile, seed=seed)
    plan = planning.directed
    if planning.is_generating:
        plan = planning.with_generated(list(drawn()))
    return b"".join(plan_lines(plan, CONTRACT, fixtures, profile, seed))


@pytest.mark.parametrize("profile", Profile)
def test_the_same_inputs_give_the_same_bytes(profile: Profile) -> None:
    assert lines(profile=profile) == lines(profile=profile)


@given(st.integers(0, 2**32))
@settings(max_examples=examples(20))
def test_every_seed_gives_the_same_again(seed: int) -> None:
    assert lines(profile=Profile.SMOKE, seed=seed) == lines(profile=Profile.SMOKE, seed=seed)


def test_another_seed_gives_other_strange_ids() -> None:
    assert len({lines(profile=Profile.SMOKE, seed=seed) for seed in range(5)}) == 5


def test_other_fixtures_give_another_plan() -> None:
    others = replace(FIXTURES, plan_id="00000000-0000-4000-8000-000000000000")
    assert lines() != lines(others)


DRAW = """
import asyncio, sys
{before}
from conformance.contract import load_contract
from conformance.plan.generated import drawn_lines
sys.exit(not asyncio.run(drawn_lines(load_contract(), 1)))
"""
OTHER_MODULE = 'NAMES = ["zebra", "quagga"]\nNUMBERS = (987654321, 1.2345e67)\n'


def generated(home: Path, *, before: str = "", **environment: str) -> str:
    """The digest of what a fresh process generates for a fresh cache directory."""
    cache = home / "cache"
    env = {**os.environ, "XDG_CACHE_HOME": str(cache), **environment}
    command = [sys.executable, "-c", DRAW.format(before=before)]
    subprocess.run(command, env=env, cwd=home, check=True, timeout=120)
    (kept,) = (cache / "csbs-conformance" / "generated").iterdir()
    return hashlib.sha256(kept.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reference")


@pytest.fixture(scope="module")
def reference(home: Path) -> str:
    return generated(home)


def test_a_fresh_cache_directory_gives_the_same_cases(reference: str, tmp_path: Path) -> None:
    assert generated(tmp_path, PYTHONHASHSEED="7") == reference


def test_modules_of_the_importing_process_change_nothing(reference: str, tmp_path: Path) -> None:
    (tmp_path / "other_module.py").write_text(OTHER_MODULE)
    before = f"sys.path.insert(0, {str(tmp_path)!r}); import other_module"
    assert generated(tmp_path, before=before, CI="true") == reference


@pytest.mark.usefixtures("reference")
def test_generating_leaves_nothing_in_the_working_directory(home: Path) -> None:
    assert [path.name for path in home.iterdir()] == ["cache"]


def test_modules_that_python_imports_by_itself_change_nothing(
    reference: str, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(OTHER_MODULE)
    assert generated(tmp_path, PYTHONPATH=str(tmp_path)) == reference


def test_what_is_kept_is_what_is_read(reference: str) -> None:
    drawn()
    kept = cache_file(CONTRACT, 1)
    if kept.exists():
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == reference


def test_the_cache_file_is_another_for_another_seed_or_contract() -> None:
    other = type(CONTRACT)(CONTRACT.text + b"\n", CONTRACT.document)
    files = {cache_file(CONTRACT, 1), cache_file(CONTRACT, 2), cache_file(other, 1)}
    assert len(files) == 3
