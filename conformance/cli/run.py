"""The command `run`: test a target, write and print the reports."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.confirming import confirm_deletion, target_of
from conformance.cli.gating import Asked, finish, take_gate, written
from conformance.cli.opening import open_report, opens
from conformance.cli.output import Form, end
from conformance.cli.selection import take_over, take_what_failed
from conformance.errors import UsageError
from conformance.run.reading import takes
from conformance.text import named

if TYPE_CHECKING:
    from conformance.report.model import Report
    from conformance.run.settings import Settings
    from conformance.run.watcher import Watcher


@click.command("run", context_settings={"auto_envvar_prefix": "CSBS"})
@takes()
@click.option("--delete", is_flag=True, help="Once the run has ended, delete the backups that it "
              "created, and nothing else.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask whether --delete may delete.")
@opens
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Test an implementation and write reports."""
    from conformance.run.selection import settings_from_options

    deletes, is_confirmed = options.pop("delete"), options.pop("yes")
    is_opened = options.pop("open")
    if is_opened and options["watch"]:
        raise UsageError("--open: --watch tests again and again; leave one of them out")
    asked = take_gate(options)
    for other in ("resume", "failed", "plan"):
        if options["watch"] and options[other] is not None:
            raise UsageError(f"--{other}: --watch tests again and again; leave one of them out")
    if options["resume"] is not None:
        take_over(context, options)
    if options["failed"] is not None:
        take_what_failed(context, options)
    os.umask(0o077)  # all that is written shows what a target answered: it is the user's alone
    settings = settings_from_options(options)
    if deletes:
        confirm_deletion(
            f"Once the run has ended, delete what it creates at {target_of(settings)}?",
            is_confirmed=is_confirmed or not settings.fixtures.endpoint,
            is_quiet=settings.quiet,
        )
    if not options["watch"]:
        code = run(settings, asked, deletes=deletes)
        if is_opened:
            open_report(settings.report_dir / "report.html")
        end(code)
    end(watch(settings, asked, options["watch"], deletes=deletes))


def run(settings: Settings, asked: Asked, *, deletes: bool = False) -> int:
    """Test a target, write and print the reports; the exit code.

    Where it `deletes`, what the run created is deleted before they are written.
    """
    from conformance.run.progress import make_watcher

    watcher = make_watcher(quiet=settings.quiet, verbose=settings.verbose)
    try:
        report = asyncio.run(_run(settings, watcher, deletes=deletes))
    finally:
        watcher.close()
    form = Form.QUIET if settings.quiet else Form.FULL
    is_there = bool(settings.fixtures.endpoint)  # the embedded emulator has gone with the run
    return finish(report, asked, settings.report_dir, form, can_delete=is_there)


def watch(
    settings: Settings, asked: Asked, paths: tuple[Path, ...], *, deletes: bool = False
) -> int:
    """Test a target whenever a file changes, until a signal comes; the exit code.

    Where it `deletes`, what a run created is deleted at its end.
    """
    from conformance.cli.watching import Watching, changes
    from conformance.run.progress import make_watcher

    def test(settings: Settings) -> Report:
        watcher = make_watcher(quiet=True, verbose=settings.verbose)
        report = asyncio.run(_run(settings, watcher, deletes=deletes))
        return written(report, asked, settings.report_dir)

    moments = changes(paths, settings.report_dir)
    if not settings.quiet:
        told = f"each run may execute the policy up to {settings.execution_limit} times"
        click.echo(
            f"watching {named([str(path) for path in paths])}: {told}; Ctrl-C ends", err=True
        )
    return Watching(settings, test).follow(moments)


async def _run(settings: Settings, watcher: Watcher, *, deletes: bool) -> Report:
    from conformance.run.embedded import embedded_emulator

    if settings.fixtures.endpoint:
        return await _tested(settings, watcher, deletes=deletes)
    async with embedded_emulator() as endpoint:
        fixtures = replace(settings.fixtures, endpoint=endpoint)
        return await _tested(replace(settings, fixtures=fixtures), watcher, deletes=deletes)


async def _tested(settings: Settings, watcher: Watcher, *, deletes: bool) -> Report:
    from conformance.contract import load_contract
    from conformance.run.cleanup import cleaned_up
    from conformance.run.session import run as run_session

    report = await run_session(load_contract(), settings, watcher)
    return await cleaned_up(report, settings, watcher) if deletes else report
