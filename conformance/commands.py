"""What the commands do, once their options have been understood."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from conformance.contract import load_contract
from conformance.judge.catalogue import catalogue
from conformance.judge.conclusion import is_given, is_selected
from conformance.model import Fixtures
from conformance.session import embedded_emulator, make_planner, whole_plan
from conformance.session import run as run_session
from conformance.settings import Settings

if TYPE_CHECKING:
    from conformance.report.model import Report


def run(settings: Settings) -> int:
    """Test a target, write and print the reports; the exit code."""
    from conformance.progress import make_watcher

    watcher = make_watcher(quiet=settings.quiet)
    try:
        report = asyncio.run(_run(settings, watcher))
    finally:
        watcher.close()
    from conformance.report.write import write_reports

    write_reports(report, settings.report_dir)
    with closed_pipe_is_fine():
        _print(report, settings)
    return report.exit_code


@contextmanager
def closed_pipe_is_fine() -> Iterator[None]:
    """A reader that has seen enough, such as `head`, changes nothing about the result."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _run(settings: Settings, watcher: object) -> Report:
    from conformance.progress import Watcher

    assert isinstance(watcher, Watcher)
    contract = load_contract()
    if settings.fixtures.endpoint:
        return await run_session(contract, settings, watcher)
    async with embedded_emulator() as endpoint:
        fixtures = replace(settings.fixtures, endpoint=endpoint)
        return await run_session(contract, replace(settings, fixtures=fixtures), watcher)


def _print(report: Report, settings: Settings) -> None:
    if settings.quiet:
        verdict = report.judgement.verdict.value
        reason = f": {report.judgement.reason}" if report.judgement.reason else ""
        click.echo("".join(c if c.isprintable() else "�" for c in f"{verdict}{reason}"))
        return
    from rich.console import Console

    from conformance.report.console import print_report

    print_report(report, Console(highlight=False), settings.report_dir)


def show_plan(settings: Settings) -> None:
    """Print what a run would send."""
    contract = load_contract()
    fixtures = settings.fixtures
    if not fixtures.endpoint:
        settings = replace(settings, fixtures=replace(fixtures, endpoint="http://127.0.0.1"))
    planner = make_planner(contract, settings)
    plan = asyncio.run(whole_plan(contract, planner, settings.seed))
    parts = {
        "to be refused": plan.refusals,
        "left open by the page": plan.choices,
        "to be executed": plan.valid,
        "to be refused afterwards": plan.again,
        "while executions are left": plan.spare,
    }
    click.echo(f"{len(plan.probes)} requests for {settings.fixtures.endpoint}")
    for what, probes in parts.items():
        click.echo(f"  {len(probes):4} {what}")
    most = min(len(plan.choices) + len(plan.valid) + len(plan.spare), settings.max_executions)
    click.echo(f"ceilings: {settings.max_requests} requests, {settings.max_executions} executions")
    least = min(len(plan.valid), most)
    click.echo(f"a conforming target executes the policy {least} to {most} times")
    _show_locked(settings.fixtures, settings.only)
    for what, probes in parts.items():
        for probe in probes:
            expectation = planner.oracle.expect(probe.request)
            click.echo(f"{probe.id:45} {probe.request.method:4} {expectation!s:25} {what}")


def _show_locked(fixtures: Fixtures, only: tuple[str, ...]) -> None:
    locked: dict[str, list[str]] = {}
    for clause in catalogue(load_contract()).values():
        absent = [need.unlock for need in clause.needs if not is_given(need, fixtures)]
        if absent and is_selected(clause.id, only):
            locked.setdefault(" ".join(absent), []).append(clause.id)
    for options, clauses in locked.items():
        click.echo(f"not without {options}: {len(clauses)} clauses ({', '.join(clauses[:4])}, …)")


def show_clauses(only: tuple[str, ...]) -> None:
    """Print the clauses that patterns select."""
    from conformance.cli import check_only

    contract = load_contract()
    check_only(contract, only)
    for clause in catalogue(contract).values():
        if is_selected(clause.id, only):
            click.echo(f"{clause.id:28} {clause.level.value:6} {clause.source!s}")
            needs = ", ".join(need.unlock for need in clause.needs)
            click.echo(f"    {clause.statement}" + (f" Needs {needs}." if needs else ""))


def show_ledger() -> None:
    """Print where the page is silent or contradicts itself, and the readings."""
    from conformance.contract.ledger import load_ledger

    for entry in load_ledger():
        click.echo(click.style(entry.point, bold=True))
        for side in entry.sides:
            click.echo(f"    {side.where}: {side.says}")
        click.echo(f"  → {entry.decision}")
        click.echo(f"    clauses: {', '.join(entry.clauses)}\n")
    sys.stdout.flush()
