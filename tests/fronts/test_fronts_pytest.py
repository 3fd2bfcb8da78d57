"""`pytest --pyargs conformance`, as its users run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from fronts_helpers import (
    APPLICATION,
    FIXTURES,
    IDS,
    TOKENS,
    Counting,
    ErrorsInText,
    WithoutId,
    run_pytest,
)

from conformance.cli.run import command as run_command
from conformance.contract import load_contract
from conformance.emulator.app import serving
from conformance.errors import UsageError
from conformance.page.catalogue import catalogue
from conformance.pytest_plugin.phase import Asked
from conformance.run.options import Front, prefixed, taken_by

CLAUSES = catalogue(load_contract())
FEWER_PLUGINS = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:anyio")
ASKED = (*FEWER_PLUGINS, "-p", "no:cacheprovider", "--pyargs", "conformance")
HEAVY = ("conformance.run.session", "conformance.judge.run", "conformance.emulator", "werkzeug")


def test_inert_until_it_is_asked(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import sys\n"
        "def pytest_sessionfinish():\n"
        f"    print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    (tmp_path / "test_own.py").write_text("def test_own(): pass\n")
    outcome = run_pytest(tmp_path, "-q", "-s", *FEWER_PLUGINS, env={})
    assert outcome.code == 0
    assert "LOADED []" in outcome.out
    assert "csbs" not in outcome.out
    assert outcome.counts == {"passed": 1}


def test_an_application_that_a_fixture_yields(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(APPLICATION)
    outcome = run_pytest(tmp_path, *ASKED, "--strict-markers", "-W", "error", "-rs", *IDS)
    assert outcome.code == 0
    assert outcome.counts == {"passed": len(CLAUSES) - 1, "skipped": 2}
    assert "nothing can provoke it" in outcome.out
    assert "checkpoints created, to be deleted: " in outcome.out


def test_one_exchange_phase_for_all_workers(tmp_path: Path) -> None:
    service = WithoutId()
    with serving(service) as endpoint:
        where = ("--csbs-endpoint", endpoint, "--csbs-report-dir", "reports", *IDS)
        outcome = run_pytest(tmp_path, *ASKED, "-n", "2", "--junitxml", "junit.xml", *where)
    assert outcome.code == 1
    report = json.loads((tmp_path / "reports" / "report.json").read_text())
    assert report["budget"]["requests"]["spent"] == service.requests
    broken = [found["id"] for found in report["clauses"] if found["status"] == "failed"]
    assert outcome.counts["failed"] == len(broken)
    cases = {case.get("name"): case for case in ET.parse(tmp_path / "junit.xml").iter("testcase")}
    assert len(cases) == len(CLAUSES) + 1
    failure = cases["test_clause[T6.id.present]"].find("failure")
    assert failure is not None
    for part in (
        "expected:",
        "received:",
        "exchange: x0",
        "curl -i",
        '"X-Auth-Token: $CSBS_TOKEN"',
    ):
        assert part in (failure.text or "")
    assert FIXTURES["token"] not in outcome.out


def test_selections_and_what_failed_last(tmp_path: Path) -> None:
    with serving(WithoutId()) as endpoint:
        where = (*FEWER_PLUGINS, "--pyargs", "conformance", "--csbs-endpoint", endpoint, *IDS)
        chosen = run_pytest(tmp_path, *where, "-m", "must", "-k", "T6.id.present or T7.id.present")
        assert chosen.code == 1
        assert chosen.counts["failed"] == 1
        assert chosen.counts["passed"] == 1
        again = run_pytest(tmp_path, *where, "--lf", "-x")
    assert again.counts["failed"] == 1
    assert "passed" not in again.counts
    assert "T6.id.present" in again.out


def test_options_in_the_ini_file_and_only_some_clauses(tmp_path: Path) -> None:
    service = Counting()
    with serving(service) as endpoint:
        (tmp_path / "pytest.ini").write_text(
            "[pytest]\naddopts = --strict-config\n"
            f"csbs_endpoint = {endpoint}\ncsbs_project_id = {FIXTURES['project_id']}\n"
            f"csbs_plan_id = {FIXTURES['plan_id']}\ncsbs_profile = smoke\n"
            f"csbs_resource =\n    {FIXTURES['resources'][0]}\n"
            "csbs_only =\n    T6.*\n    T7.*\n"
        )
        outcome = run_pytest(tmp_path, *ASKED)
    chosen = [name for name in CLAUSES if name.startswith(("T6.", "T7."))]
    assert outcome.code == 0
    assert outcome.counts == {"passed": len(chosen), "skipped": 1}
    assert f"csbs: testing {endpoint} with at most 250 requests and 3 executions" in outcome.out
    assert 0 < service.requests < 20


def test_a_module_of_the_user_may_hold_the_tests(tmp_path: Path) -> None:
    (tmp_path / "test_csbs.py").write_text(
        "import pytest\n"
        "from conformance.pytest_plugin.clauses import test_clause, test_run_is_conclusive\n"
        "def test_own(): pass\n" + APPLICATION
    )
    outcome = run_pytest(tmp_path, *FEWER_PLUGINS, "--csbs-only", "T6.status.*", *IDS)
    assert outcome.code == 0
    assert outcome.counts == {"passed": 5, "skipped": 1}


def test_a_wrong_fixture_is_no_success(tmp_path: Path) -> None:
    unknown = ("--csbs-plan-id", "00000000-0000-4000-8000-000000000000")
    with serving(Counting()) as endpoint:
        project = ("--csbs-project-id", FIXTURES["project_id"])
        where = ("--csbs-endpoint", endpoint, "--csbs-profile", "smoke", *project, *unknown)
        outcome = run_pytest(tmp_path, *ASKED, *where)
    assert outcome.code == 1
    assert "inconclusive: no valid request was executed" in outcome.out
    assert "--csbs-plan-id" in outcome.out


def test_a_broken_should_warns_and_fails_when_strict(tmp_path: Path) -> None:
    with serving(ErrorsInText()) as endpoint:
        where = ("--csbs-endpoint", endpoint, *IDS)
        outcome = run_pytest(tmp_path, *ASKED, *where, "-k", "EC.body.json")
        strict = run_pytest(tmp_path, *ASKED, *where, "-k", "EC.body.json", "--csbs-strict")
    assert outcome.code == 0
    assert "BrokenShould: EC.body.json" in outcome.out
    assert strict.counts["failed"] == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "nothing to test: give --csbs-endpoint URL"),
        (
            ("--csbs-endpoint", "http://localhost:1", "--csbs-token-env", "NO_SUCH"),
            "--csbs-token-env: the environment variable NO_SUCH is not set",
        ),
    ],
)
def test_wrong_use_is_one_line(tmp_path: Path, arguments: tuple[str, ...], line: str) -> None:
    outcome = run_pytest(tmp_path, *ASKED, *arguments)
    assert outcome.code == pytest.ExitCode.USAGE_ERROR
    assert line in outcome.out
    assert "Traceback" not in outcome.out


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"endpoint": "ftp://x"}, "--csbs-endpoint 'ftp://x': give a URL"),
        ({"profile": "huge"}, "Invalid value for '--csbs-profile'"),
        ({"endpoint": "http://localhost:1", "only": ["T99.*"]}, "--csbs-only 'T99.*' matches no"),
    ],
)
def test_options_are_checked_as_run_checks_them(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], line: str
) -> None:
    monkeypatch.setenv("CSBS_TOKEN", FIXTURES["token"])
    with pytest.raises(UsageError) as raised:
        Asked(options, {}).check()
    assert line in prefixed(str(raised.value))


def test_the_order_in_which_options_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "csbs.toml").write_text("plan-id = 'of the file'\ntimeout = 2\n")
    defaults = {"config": str(tmp_path / "csbs.toml"), "plan_id": "of the ini-file", "seed": "7"}
    values = Asked({}, defaults).values()
    assert values.all["plan_id"] == "of the file"
    assert (values.all["timeout"], values.all["seed"]) == (2.0, 7)
    monkeypatch.setenv("CSBS_PLAN_ID", "of the environment")
    assert Asked({}, defaults).values().all["plan_id"] == "of the environment"
    given = Asked({"plan_id": "given", "strict": True}, defaults).values()
    assert given.all["plan_id"] == "given"
    assert {"plan_id", "strict", "seed"} <= given.given
    assert "rate" not in given.given


def test_every_option_of_run_but_those_of_its_own() -> None:
    names = {option.name for option in taken_by(Front.EMBEDDED)}
    of_run = {parameter.name for parameter in run_command.params}
    of_a_call = {"delete", "yes", "failed", "follow", "watch", "open", "verbose", "debug"}
    assert of_run - names <= {"quiet", "resume", "sarif"} | of_a_call
    assert names <= of_run


def test_a_crash_of_the_suite_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import conformance.run.session as session\n"
        "def fail(*_): raise ValueError('it broke')\n"
        "session.make_planner = fail\n"
    )
    env = {**TOKENS, "TMPDIR": str(tmp_path)}
    options = ("--pyargs", "conformance", "--csbs-endpoint", "http://127.0.0.1:9", "-p", "no:xdist")
    outcome = run_pytest(tmp_path, *options, env=env)
    assert outcome.code == 70, outcome.out
    assert "says nothing of the target: ValueError; details" in outcome.out
    assert "Traceback" not in outcome.out
