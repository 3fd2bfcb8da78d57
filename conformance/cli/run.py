"""The command `run`: test a target, write and print the reports."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.gating import Asked, finish, take_gate
from conformance.cli.output import end
from conformance.cli.selection import take_over, take_what_failed
from conformance.run.reading import takes

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
    if options["resume"] is not None:
        take_over(context, options)
    if options["failed"] is not None:
        take_what_failed(context, options)
    os.umask(0o077)  # all that is written shows what a target answered: it is the user's alone
    end(run(settings_from_options(options), asked))


def run(settings: Settings, asked: Asked) -> int:
    """Test a target, write and print the reports; the exit code."""
    from conformance.run.progress import make_watcher

    watcher = make_watcher(quiet=settings.quiet)
    try:
        report = asyncio.run(_run(settings, watcher))
    finally:
        watcher.close()
    return finish(report, asked, settings.report_dir, quiet=settings.quiet)


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
