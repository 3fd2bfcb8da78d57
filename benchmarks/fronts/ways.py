"""An implementation tried in five ways, which must not contradict each other.

They are `run` against a URL, its journal judged again, pytest, Schemathesis with the extension,
and an application served in a test. Each is held to what the judge says of the very exchanges it
made; they are held to each other, and to what the catalogue declares.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conformance.contract import contract_path, load_contract
from conformance.contract.clauses import MUST
from conformance.emulator import World
from conformance.emulator.asgi import App
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.raw import RawService
from conformance.journal.reader import read_journal
from conformance.judge.run import judge
from conformance.judge.verdicts import Judgement, Status
from conformance.prove.trial import Subject, SubjectKind
from conformance.pytest_plugin.phase import Asked, report_on
from conformance.recorded.judging import Wanted, judge_files
from conformance.report.model import Report
from conformance.run.session import run
from conformance.run.settings import Settings, emulator_settings
from conformance.run.watcher import Watcher

FIXTURES = World.default().fixtures()
PACKAGE = "conformance"
TIMEOUT = 1.0
Verdicts = Mapping[str, str]
"""The status of each clause, by its id."""
INCONCLUSIVE = "inconclusive"
"""What the check of the run as a whole says, in place of a clause."""
_BROKEN = re.compile(r"^- ST901 (\S+): ", re.MULTILINE)
_CLAUSE = re.compile(r"\[(.+)\]$")


@dataclass(frozen=True)
class Trial:
    """What each way said of a subject: the `must` clauses that failed, and what is wrong."""

    subject: Subject
    failed: dict[str, frozenset[str]]
    problems: tuple[str, ...]
    is_unsettled: bool = False
    """Whether Schemathesis could not decide: `st run` fails then, and names no clause."""

    @property
    def declared(self) -> frozenset[str]:
        """The clauses that may fail."""
        if self.subject.kind is SubjectKind.VARIANT:
            return frozenset()
        fault = CATALOGUE[self.subject.name]
        return frozenset({fault.breaks, *fault.follows})


def attempt(subject: Subject) -> Trial:
    """Try a subject in every way."""
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        by_run = _by_run(subject, directory / "run", problems)
        failed = {
            "run": by_run,
            "pytest": _by_pytest(subject, directory / "pytest", problems),
            "application": _by_application(subject, directory / "application"),
        }
        failed["Schemathesis"], is_unsettled = _by_schemathesis(subject, problems)
    trial = Trial(subject, failed, (), is_unsettled)
    return replace(trial, problems=(*problems, *_contradictions(trial)))


def _contradictions(trial: Trial) -> Iterator[str]:
    """Where two ways, or a way and the catalogue, say what cannot both be true."""
    for way, failed in trial.failed.items():
        if undeclared := failed - trial.declared:
            yield f"{way} accuses of {', '.join(sorted(undeclared))}"
    by_run = trial.failed["run"]
    for way in ("pytest", "application"):
        if trial.failed[way] != by_run:
            differing = sorted(trial.failed[way] ^ by_run)
            yield f"{way} and run differ in {', '.join(differing)}"


def failed_musts(judgement: Judgement) -> frozenset[str]:
    """The ids of the `must` clauses that failed."""
    return frozenset(verdict.clause.id for verdict in judgement.failed(MUST))


def findings(judgement: Judgement) -> list[tuple[Any, ...]]:
    """All that a judgement says, in a form that can be compared."""
    return [
        (
            *(verdict.clause.id, verdict.status, verdict.exchanges, verdict.reason, verdict.unlock),
            *((each.exchange.id, each.expected, each.received) for each in verdict.evidence),
        )
        for verdict in judgement.clauses
    ]


def settings_for(endpoint: str, directory: Path) -> Settings:
    """What every way is told of a subject."""
    return emulator_settings(load_contract(), endpoint, report_dir=directory, timeout=TIMEOUT)


def _by_run(subject: Subject, directory: Path, problems: list[str]) -> frozenset[str]:
    """Run the suite, and judge its journal again."""
    with subject.declared.serve(World.default()) as endpoint:
        settings = settings_for(endpoint, directory)
        report = asyncio.run(run(load_contract(), settings, Watcher()))
    wanted = Wanted(settings.fixtures)
    again = judge_files(load_contract(), [directory / "journal.ndjson"], wanted).judgement
    if findings(again) != findings(report.judgement) or again.verdict != report.judgement.verdict:
        problems.append("its journal, judged again, says something else")
    return failed_musts(report.judgement)


def yields(target: Any) -> ModuleType:
    """A pytest plugin with a fixture that yields a target."""

    @pytest.fixture(scope="session")
    def csbs_target() -> Any:
        return target

    plugin = ModuleType("yields")
    plugin.__dict__["csbs_target"] = csbs_target
    return plugin


class Outcomes:
    """A pytest plugin that keeps the outcome of each test; the target comes after other plugins."""

    def __init__(self, target: Any) -> None:
        self.target = target
        self.of: dict[str, str] = {}

    def pytest_collection(self, session: pytest.Session) -> None:
        """Yield the target."""
        session.config.pluginmanager.register(yields(self.target))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of a clause."""
        match = _CLAUSE.search(report.nodeid)
        if match and (report.when == "call" or report.outcome != "passed"):
            self.of[match[1]] = report.outcome


def _by_pytest(subject: Subject, directory: Path, problems: list[str]) -> frozenset[str]:
    """Test a subject with the plugin, and hold the outcomes to the journal of the very run."""
    directory.mkdir()
    with subject.declared.serve(World.default()) as endpoint:
        kept = Outcomes(settings_for(endpoint, directory))
        without = [f"no:{name}" for name in ("cacheprovider", "warnings", "schemathesis", "anyio")]
        options = ["-q", *(part for name in without for part in ("-p", name))]
        with redirect_stdout(StringIO()):
            pytest.main(
                [*options, "--rootdir", str(directory), "-c", os.devnull, "--pyargs", PACKAGE],
                plugins=[kept],
            )
    judgement = judge(load_contract(), read_journal(directory / "journal.ndjson"))
    expected = {verdict.clause.id: _outcome(verdict) for verdict in judgement.clauses}
    if kept.of != expected:
        wrong = sorted(name for name in expected if kept.of.get(name) != expected[name])
        problems.append(f"pytest says something else of {', '.join(wrong)}")
    return failed_musts(judgement)


def _outcome(verdict: Any) -> str:
    is_must = verdict.clause.level is MUST
    match verdict.status:
        case Status.PASSED:
            return "passed"
        case Status.FAILED:
            return "failed" if is_must else "passed"
        case Status.INCONCLUSIVE:
            return "failed" if is_must else "skipped"
        case _:
            return "skipped"


def _by_application(subject: Subject, directory: Path) -> frozenset[str]:
    """Test a subject as an application that a fixture yields, where it is one."""
    declared = subject.declared
    service = declared.make(World.default())
    directory.mkdir()
    if isinstance(service, RawService) or declared.base_path:
        with declared.serve(World.default()) as endpoint:
            settings = settings_for(endpoint, directory)
            return failed_musts(report_on(settings, Asked({}, {}), directory).judgement)
    with environment():
        report = report_on(App(service), Asked(options(), {}), directory)
    return failed_musts(report.judgement)


def options() -> dict[str, Any]:
    """The fixtures of the default world, as options."""
    return {
        "project_id": FIXTURES["project_id"],
        "plan_id": FIXTURES["plan_id"],
        "resource": list(FIXTURES["resources"]),
        "timeout": TIMEOUT,
    }


@contextmanager
def environment(**more: str) -> Iterator[None]:
    """The tokens of the default world, and `more`, in the environment, for a while."""
    before = dict(os.environ)
    os.environ.update(CSBS_TOKEN=FIXTURES["token"], **more)
    os.environ["CSBS_FORBIDDEN_TOKEN"] = FIXTURES["forbidden_token"] or ""
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _by_schemathesis(subject: Subject, problems: list[str]) -> tuple[frozenset[str], bool]:
    """Test a subject with Schemathesis, and hold its failures to the judge.

    The `must` clauses that failed, and whether it said that the run is inconclusive.
    """
    with subject.declared.serve(World.default()) as endpoint:
        said, report = schemathesis_on(endpoint)
    failed = failed_musts(report.judgement) if report else frozenset()
    if said - {INCONCLUSIVE} != failed:
        wrong = sorted((said - {INCONCLUSIVE}) ^ failed)
        problems.append(f"Schemathesis says something else of {', '.join(wrong)}")
    return failed, INCONCLUSIVE in said


def schemathesis_on(endpoint: str, *more: str) -> tuple[frozenset[str], Report | None]:
    """What `st run` with the extension says fails, and the report on the exchanges it made."""
    from click.testing import CliRunner
    from schemathesis.cli import schemathesis as command

    import conformance.schemathesis
    from conformance.schemathesis.recording import forget

    resources = " ".join(FIXTURES["resources"])
    names = {"CSBS_PROJECT_ID": FIXTURES["project_id"], "CSBS_PLAN_ID": FIXTURES["plan_id"]}
    words = [
        *("run", str(contract_path()), "--url", endpoint, "--phases", "examples,coverage"),
        *("--continue-on-failure", "--request-timeout", str(TIMEOUT), "--no-color"),
        *("--generation-database", "none", "--seed", "1", "--workers", "1", *more),
    ]
    with environment(CSBS_RESOURCE=resources, **names):
        forget()
        outcome = CliRunner().invoke(command, words)
        found = conformance.schemathesis.reports()
    return frozenset(_BROKEN.findall(outcome.output)), next(iter(found.values()), None)
