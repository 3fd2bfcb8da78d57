"""One declaration: each front reads an option as all others do, and refuses what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.campaign.file import targets_in
from conformance.cli.judge import command as judge
from conformance.cli.plan import command as plan
from conformance.cli.run import command as run
from conformance.errors import UsageError
from conformance.plan.planner import Profile
from conformance.run.options import OPTIONS, Front, SendingOptions, names_in, taken_by
from conformance.run.reading import read_options

Read = Callable[[str, Any, Path, pytest.MonkeyPatch], Any]
GOOD = [("timeout", 2), ("seed", 7), ("profile", "smoke"), ("only", ["T6.*"]), ("strict", True)]
BAD = [
    *(("timeout", 0), ("timeout", float("inf")), ("rate", -1.5), ("concurrency", 0)),
    *(("concurrency", 65), ("seed", -1), ("profile", "huge"), ("max_executions", 0)),
]


def words(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def toml(name: str, value: Any) -> str:
    shown = "inf" if value == float("inf") else json.dumps(value)
    return f"{name.replace('_', '-')} = {shown}\n"


def from_arguments(name: str, value: Any, _: Path, __: pytest.MonkeyPatch) -> Any:
    return read_options({name: value}).all[name]


def from_defaults(name: str, value: Any, _: Path, __: pytest.MonkeyPatch) -> Any:
    return read_options(defaults={name: value}).all[name]


def from_environment(name: str, value: Any, _: Path, patch: pytest.MonkeyPatch) -> Any:
    patch.setenv(f"CSBS_{name.upper()}", words(value))
    return read_options().all[name]


def from_file(name: str, value: Any, directory: Path, _: pytest.MonkeyPatch) -> Any:
    (directory / "csbs.toml").write_text(toml(name, value))
    return read_options({"config": directory / "csbs.toml"}).all[name]


def from_campaign(name: str, value: Any, directory: Path, _: pytest.MonkeyPatch) -> Any:
    target = '[[target]]\nname = "one"\nendpoint = "https://one.example"\n'
    return getattr(targets_in(target + toml(name, value), directory)[0], name)


FRONTS = (from_arguments, from_defaults, from_environment, from_file, from_campaign)


@pytest.mark.parametrize("read", FRONTS)
@pytest.mark.parametrize(("name", "value"), GOOD)
def test_every_front_reads_the_same(
    read: Read, name: str, value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read(name, value, tmp_path, monkeypatch)
    assert found == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize("read", FRONTS)
@pytest.mark.parametrize(("name", "value"), BAD)
def test_every_front_refuses_the_same(
    read: Read, name: str, value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError) as caught:
        read(name, value, tmp_path, monkeypatch)
    assert name.replace("_", "-") in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("name", "default"), [(o.name, o.default) for o in OPTIONS])
def test_every_front_has_the_same_default(name: str, default: Any) -> None:
    values = read_options()
    if name in values.all:
        assert values.all[name] == default
    if name in names_in(SendingOptions):
        assert (
            getattr(targets_in('[[target]]\nname="a"\nendpoint="http://a"', Path())[0], name)
            == default
        )


def test_the_commands_take_what_is_declared() -> None:
    own = [each.name for each in run.params if each.name not in ("delete", "yes", "open")]
    assert own == [each.name for each in OPTIONS]
    assert [each.name for each in plan.params if each.name != "as_json"] == [
        each.name for each in taken_by(Front.PLAN)
    ]
    assert {each.name for each in judge.params} - {"files", "each", "as_json", "open"} == {
        each.name for each in taken_by(Front.JUDGE)
    }


def test_the_profiles_are_those_of_the_plan() -> None:
    (profile,) = (each for each in OPTIONS if each.name == "profile")
    assert profile.choices == tuple(Profile)


def test_what_run_alone_takes_is_not_read_for_other_fronts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESUME", "QUIET", "SARIF"):
        monkeypatch.setenv(f"CSBS_{name}", "1")
    assert not {"resume", "quiet", "sarif"} & read_options().all.keys()
