"""The command `run`: test a target, write and print the reports."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.gating import Asked, finish, take_gate, written
from conformance.cli.output import Form, end
from conformance.cli.selection import take_over, take_what_failed
from conformance.errors import UsageError
from conformance.run.reading import takes
from conformance.text import named

if TYPE_CHECKING:
    from conformance.report.model import Report
    from conformance.run.session import Watcher
    from conformance.run.settings import Settings


@click.command("run", context_settings={"auto_envvar_prefix": "CSBS"})
@takes()
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Test an implementation and write reports."""
    from conformance.run.selection import settings_from_options

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
    if not options["watch"]:
        end(run(settings, asked))
    end(watch(settings, asked, options["watch"]))


def run(settings: Settings, asked: Asked) -> int:
    """Test a target, write and print the reports; the exit code."""
    from conformance.run.progress import make_watcher

    watcher = make_watcher(quiet=settings.quiet)
    try:
        report = asyncio.run(_run(settings, watcher))
    finally:
        watcher.close()
    form = Form.QUIET if settings.quiet else Form.FULL
    return finish(report, asked, settings.report_dir, form)


def watch(settings: Settings, asked: Asked, paths: tuple[Path, ...]) -> int:
    """Test a target whenever a file changes, until a signal comes; the exit code."""
    from conformance.cli.watching import Watching, changes
    from conformance.run.session import Watcher

    def test(settings: Settings) -> Report:
        return written(asyncio.run(_run(settings, Watcher())), asked, settings.report_dir)

    moments = changes(paths)
    next(moments)
    if not settings.quiet:
        told = f"each run may execute the policy up to {settings.execution_limit} times"
        click.echo(
            f"watching {named([str(path) for path in paths])}: {told}; Ctrl-C ends", err=True
        )
    return Watching(settings, test).follow(chain([None], moments))


async def _run(settings: Settings, watcher: Watcher) -> Report:
    from conformance.contract import load_contract
    from conformance.run.session import embedded_emulator
    from conformance.run.session import run as run_session

    contract = load_contract()
    if settings.fixtures.endpoint:
        return await run_session(contract, settings, watcher)
    async with embedded_emulator() as endpoint:
        fixtures = replace(settings.fixtures, endpoint=endpoint)
        return await run_session(contract, replace(settings, fixtures=fixtures), watcher)
