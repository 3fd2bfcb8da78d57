"""What was written is tried, and has all that it may have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_helpers import Counting
from init_helpers import GOOD, JSON, PLAN, Refuses, looked

from conformance.cli.run import command as run
from conformance.emulator import Response
from conformance.run.options import OPTIONS, Front
from conformance.run.reading import read_config


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSBS_TOKEN", GOOD)


@pytest.mark.parametrize(
    ("answer", "told", "code"),
    [
        (Response(401, JSON, b"{}"), "--os-cloud); give a new one", 3),
        (Response(404, JSON, b"{}"), "--endpoint has the wrong base path", 3),
        (Response(503, JSON, b"{}"), "try again later", 3),
        (
            Response(200, JSON, b"", hang_up=True),
            "find out why the target, or a --proxy, closes connections",
            3,
        ),
        (Response(200, JSON, b"<html>"), "is not this API", 3),
        (Response(200, JSON, b"{}"), "a backup may have begun", 0),
        (Response(500, JSON, b"{}"), "500", 0),
    ],
)
def test_what_stands_in_the_way_is_told(
    tmp_path: Path, answer: Response, told: str, code: int
) -> None:
    service = Refuses(answer)
    known, said = looked(service, tmp_path, code=code)
    assert known["plan-id"] == PLAN
    assert told in said[-3]
    assert said[-2].startswith("next: " if code == 0 else "then: ")
    assert all(line.isprintable() and GOOD not in line for line in said)


def test_all_that_may_stand_in_the_file_stands_there(tmp_path: Path) -> None:
    looked(Counting(), tmp_path, timeout=20.0)
    text = (tmp_path / "csbs.toml").read_text(encoding="utf-8")
    whole = re.sub("^# ([a-z-]+ = )", r"\1", text, flags=re.MULTILINE).replace("NUMBER", "1")
    (tmp_path / "whole.toml").write_text(whole, encoding="utf-8")
    options = read_config(tmp_path / "whole.toml")
    of_one_call = {option.name for option in OPTIONS if Front.WRITTEN not in option.fronts}
    assert of_one_call == {
        *("config", "resume", "failed", "watch", "follow", "plan", "verbose", "debug")
    }
    of_one_call |= {"delete", "yes", "open"}
    assert options.keys() | of_one_call == {option.name for option in run.params}
    for option in run.params:
        default = option.to_info_dict()["default"]
        if default is not None and option.name in options and option.name != "timeout":
            assert str(options[option.name]) == str(default)
    assert options["max_executions"] == 10
    assert options["timeout"] == 20
