"""The exchange phase of a test session: one, however many processes run the tests.

The process that comes first runs the suite and leaves the journal; the others wait, and judge that
journal, which gives the very verdicts of the run.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from conformance.contract import load_contract
from conformance.errors import UsageError
from conformance.gate.files import read_excuses
from conformance.gate.model import Gate
from conformance.gate.outcome import Excuses
from conformance.journal.reader import read_journal
from conformance.judge.run import judge
from conformance.page.catalogue import catalogue
from conformance.pytest_plugin.serving import served
from conformance.report.labels import explanation, headline, untold
from conformance.report.model import Report, gated
from conformance.report.write import write_reports
from conformance.run.options import prefixed
from conformance.run.reading import Values, read_options
from conformance.run.resumption import JOURNAL
from conformance.run.selection import settings_from_options
from conformance.run.session import run
from conformance.run.settings import Settings
from conformance.run.watcher import Watcher
from conformance.text import counted, visible_line

OUTCOME = "outcome.json"
NOTHING_TO_TEST = (
    "nothing to test: give --csbs-endpoint URL, or a fixture csbs_target that yields a URL, a "
    "Settings, or an application"
)


@dataclass
class Asked:
    """What the command line and the ini-file say; settings are made once, they may log in."""

    arguments: dict[str, Any]
    defaults: dict[str, Any]
    _settings: dict[str | None, Settings] = field(default_factory=dict, repr=False)
    _excuses: Excuses | None = None

    def values(self, endpoint: str | None = None) -> Values:
        """All options, those of `endpoint` where one is given. Raises UsageError."""
        given = {**self.arguments, **({"endpoint": endpoint} if endpoint else {})}
        return read_options(given, self.defaults)

    def settings(self, endpoint: str | None = None) -> Settings:
        """The settings asked for, of `endpoint` where one is given. Raises UsageError."""
        values = self.values(endpoint)
        if not values.name_a_target:
            raise UsageError(NOTHING_TO_TEST)
        if endpoint not in self._settings:
            self._settings[endpoint] = settings_from_options(values.all)
        return self._settings[endpoint]

    def excuses(self) -> Excuses:
        """What may pass, read before a run writes where it was read. Raises UsageError."""
        if self._excuses is None:
            given = self.values().all
            self._excuses = read_excuses(given["waivers"], given["baseline"])
        return self._excuses

    def check(self) -> None:
        """Raise UsageError for what `run` would not take, as far as it can be known by now."""
        self.excuses()
        if self.values().name_a_target:
            self.settings()

    @property
    def announcement(self) -> str:
        """What is about to be sent, with its limits, as far as it can be known by now."""
        if not self.values().name_a_target:
            return "csbs: testing what csbs_target yields"
        settings = self.settings()
        return visible_line(
            f"csbs: testing {settings.fixtures.endpoint} with at most {settings.limit} "
            f"requests and {settings.execution_limit} executions of the policy"
        )


def report_on(target: Any, asked: Asked, shared: Path) -> Report:
    """The report on a target, from the one run of this session; `shared` is where its state is.

    Raises UsageError, the same one in every process, where the run could not be made.
    """
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (shared / OUTCOME).exists():
            return _report_of_another(shared)
        record: dict[str, Any] = {"error": "the run did not end"}
        try:
            with _settings_while_served(target, asked) as settings:
                report, reports = _run(settings, asked, shared)
            record = _record(report, reports, shared)
        except UsageError as error:
            record = {"error": str(error)}
            raise
        finally:
            (shared / OUTCOME).write_text(json.dumps(record), encoding="utf-8")
        return report


@contextmanager
def _settings_while_served(target: Any, asked: Asked) -> Iterator[Settings]:
    """The settings for a target, which is served for as long where it is an application."""
    if isinstance(target, Settings):
        yield target
    elif target is None or isinstance(target, str):
        yield asked.settings(target)
    elif callable(target):
        with served(target) as endpoint:
            yield asked.settings(endpoint)
    else:
        kind = type(target).__name__
        raise UsageError(
            f"csbs_target yields a {kind}; let it yield a URL, a Settings, or an application"
        )


def _run(settings: Settings, asked: Asked, shared: Path) -> tuple[Report, Path | None]:
    """Run the suite; the report, and where it was written, if anywhere."""
    wanted = asked.values().report_dir
    if wanted is None and settings.report_dir != Settings.report_dir:
        wanted = settings.report_dir
    directory = (wanted or shared / "run").resolve()
    settings = replace(settings, report_dir=directory)
    excuses = asked.excuses()
    report = asyncio.run(run(load_contract(), settings, Watcher()))
    report = gated(report, excuses, datetime.now(UTC).date())
    if wanted is None:
        return report, None
    write_reports(report, directory)
    return report, directory


def _record(report: Report, reports: Path | None, shared: Path) -> dict[str, Any]:
    return {
        "journal": str((reports or shared / "run") / JOURNAL),
        "exit_code": report.exit_code,
        "strict": report.strict,
        "warnings": report.warnings,
        "gate": msgspec.to_builtins(report.gate),
        "summary": summary(report, reports),
    }


def _report_of_another(shared: Path) -> Report:
    record = json.loads((shared / OUTCOME).read_text(encoding="utf-8"))
    if "error" in record:
        raise UsageError(record["error"])
    contract = load_contract()
    journal = read_journal(Path(record["journal"]), catalogue(contract))
    return Report(
        journal.header,
        journal.footer,
        journal.exchanges,
        judge(contract, journal),
        record["exit_code"],
        record["strict"],
        tuple(record["warnings"]),
        gate=msgspec.convert(record["gate"], Gate | None),
    )


def summary(report: Report, reports: Path | None) -> list[str]:
    """What the run came to, in lines: its verdict, its cost, and the checkpoints it created."""
    footer, created = report.footer, report.judgement.executions
    lines = [
        f"{headline(report)}: {explanation(report)}",
        f"{report.header.fixtures.endpoint}: {counted(footer.requests.spent, 'request')}, "
        f"{counted(footer.executions.spent, 'execution')}",
        *(f"warning: {warning}" for warning in report.notes),
    ]
    if created:
        lines.append(f"checkpoints created, to be deleted: {' '.join(created)}")
    if more := untold(report):
        lines.append(f"and perhaps {more} more, of which no response told the id")
    if reports is not None:
        lines.append(f"reports: {reports}")
    return [visible_line(prefixed(line)) for line in lines]


def told(shared: Path) -> list[str]:
    """The summary of the run whose state is in `shared`, empty where there was none."""
    outcome = shared / OUTCOME
    if not outcome.exists():
        return []
    lines: list[str] = json.loads(outcome.read_text(encoding="utf-8")).get("summary", [])
    return lines
