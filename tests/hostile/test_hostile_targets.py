"""No target can break a run: the real command against each behaviour of the register."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hostile_reading import read_har, read_html, read_json, read_junit, read_markdown, read_text
from hostile_runs import TOKENS, Outcome, Runs
from hostile_server import DEFAULTS, REGISTER, Behaviour
from hostile_texts import MARKER

from conformance.report.json_report import load_schema

pytest_plugins = ["hostile_session"]

REPORTS = {
    *("report.json", "report.html", "junit.xml", "summary.md", "exchanges.har", "reproduce.sh"),
    *("results.sarif", "badge.json", "badge.svg"),
}
FILES = REPORTS | {"journal.ndjson", "plan.ndjson"}
MOST_MEMORY = 300_000_000
MOST_PROCESSOR = 30.0
"""Seconds of processor time; on a machine that does much else at once they are longer."""
MOST_WRITTEN = 64_000_000
GIVEN_UP_WITHIN = 30.0
DEFAULT_TIME_LIMIT = 300.0
LAST_STEP = 10.0
"""Seconds that what is under way when the time limit strikes may take on a busy machine."""
ENDINGS = {0: "conforms", 1: "violates", 3: "inconclusive"}

every_behaviour = pytest.mark.parametrize("name", REGISTER)


def time_limit(behaviour: Behaviour) -> float:
    options = behaviour.options
    if "--time-limit" not in options:
        return DEFAULT_TIME_LIMIT
    return float(options[options.index("--time-limit") + 1])


@cache
def report_of(directory: Path) -> dict[str, Any]:
    report: dict[str, Any] = read_json(read_text(directory / "reports" / "report.json"))
    return report


def took(report: dict[str, Any]) -> float:
    """Seconds from the first moment of a run to the last."""
    began, ended = (
        datetime.fromisoformat(report[f"{name}_at"]) for name in ("started", "finished")
    )
    return (ended - began).total_seconds()


def result(runs: Runs, name: str) -> tuple[Behaviour, Outcome, Path]:
    behaviour = REGISTER[name]
    return behaviour, runs.outcome(behaviour), runs.of(behaviour)


def test_there_are_behaviours_of_every_kind() -> None:
    themes = {behaviour.theme for behaviour in REGISTER.values()}
    assert themes == {"connections", "framing", "bodies", "costs", "texts", "weather", "tls"}
    assert len(REGISTER) >= 55


@every_behaviour
def test_a_run_ends_by_itself_and_as_it_should(runs: Runs, name: str) -> None:
    behaviour, outcome, directory = result(runs, name)
    assert outcome.code in behaviour.codes, (directory / "err").read_text(errors="replace")[-2000:]
    report = report_of(directory)
    assert report["exit_code"] == outcome.code
    assert report["verdict"] == ENDINGS[outcome.code]
    assert took(report) <= time_limit(behaviour) + LAST_STEP


@every_behaviour
def test_every_report_is_written_and_can_be_read(runs: Runs, name: str) -> None:
    _, _, directory = result(runs, name)
    reports = directory / "reports"
    assert {path.name for path in reports.iterdir()} >= FILES
    assert not [path.name for path in reports.iterdir() if path.name.startswith(".")]
    report = report_of(directory)
    jsonschema_rs.validator_for(load_schema()).validate(report)
    exchanges = read_har(read_text(reports / "exchanges.har"))
    assert len(exchanges) == report["exchanges"]["judged"]
    assert len(read_junit(read_text(reports / "junit.xml"))) == report["counts"]["total"]
    for journal in ("journal.ndjson", "plan.ndjson"):
        assert [read_json(line) for line in read_text(reports / journal).splitlines()]


@every_behaviour
def test_nothing_that_a_target_said_is_alive(runs: Runs, name: str) -> None:
    _, _, directory = result(runs, name)
    for stream in ("out", "err"):
        read_text(directory / stream)
    for path in (directory / "reports").iterdir():
        read_text(path)
    read_html(read_text(directory / "reports" / "report.html"))
    read_markdown(read_text(directory / "reports" / "summary.md"))


@every_behaviour
def test_no_run_fails_or_costs_much(runs: Runs, name: str) -> None:
    _, outcome, directory = result(runs, name)
    assert "Traceback" not in (directory / "err").read_text()
    assert outcome.peak < MOST_MEMORY
    assert outcome.cpu < MOST_PROCESSOR
    assert sum(path.stat().st_size for path in (directory / "reports").iterdir()) < MOST_WRITTEN


@every_behaviour
def test_no_run_sends_more_than_it_says_or_elsewhere(runs: Runs, name: str) -> None:
    behaviour, outcome, directory = result(runs, name)
    assert not outcome.left
    assert outcome.heard <= report_of(directory)["budget"]["requests"]["spent"]
    assert bool(outcome.heard) == behaviour.sees


@every_behaviour
def test_no_token_is_written_anywhere(runs: Runs, name: str) -> None:
    _, _, directory = result(runs, name)
    for path in (directory / "out", directory / "err", *(directory / "reports").iterdir()):
        text = path.read_text()
        assert not [token for token in TOKENS.values() if token in text], path.name


@pytest.mark.parametrize(
    ("name", "ending"),
    [("never_answers", "unreached"), ("falls_silent_after_30_requests", "dead")],
)
def test_a_silent_target_is_given_up_soon_by_default(runs: Runs, name: str, ending: str) -> None:
    behaviour, _, directory = result(runs, name)
    report = report_of(directory)
    assert behaviour.options == DEFAULTS
    assert report["ending"] == ending
    assert took(report) < GIVEN_UP_WITHIN


@pytest.mark.parametrize("name", ["is_slow_beyond_the_time_limit"])
def test_a_run_that_could_go_on_ends_at_the_time_limit(runs: Runs, name: str) -> None:
    _, _, directory = result(runs, name)
    assert report_of(directory)["ending"] == "time"


TEXTS = [name for name, each in REGISTER.items() if each.theme == "texts"]
UNREPEATED = {"names_of_fields", "repeats_the_request"}
"""Behaviours whose texts no clause repeats, or that carry no marker."""


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in UNREPEATED])
def test_the_texts_reach_the_reports_all_the_same(runs: Runs, name: str) -> None:
    _, _, directory = result(runs, name)
    assert MARKER in read_html(read_text(directory / "reports" / "report.html"))
    assert MARKER in (directory / "reports" / "exchanges.har").read_text()
