"""The command `delete`: delete what a run created, and only that."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from conformance.cli.confirming import can_ask, confirm_deletion
from conformance.cli.output import end
from conformance.errors import UsageError
from conformance.run.options import Front
from conformance.run.reading import takes
from conformance.text import counted, visible, visible_line, without_login

if TYPE_CHECKING:
    from conformance.report.deletions import Leftover
    from conformance.run.cleanup import Leftovers
    from conformance.run.settings import Settings

HELPS = {
    "endpoint": "URL of the service, as in the run; your token goes there.",
    "time_limit": "Time limit for all of it; a backup that is busy is waited for.",
    "quiet": "Print the last line only.",
}
SHOWN = 50


@click.command("delete", context_settings={"auto_envvar_prefix": "CSBS"})
@click.argument("directory", metavar="REPORT_DIR", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can be asked.")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and send nothing.")
@takes(Front.DELETE, helps=HELPS)
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Delete the backups that the run in REPORT_DIR created, and nothing else.

    The journal in REPORT_DIR says what a 200 to a request of the run brought, and what of it is
    deleted already. The reports stay as they are, since they tell of the run; the deletions are
    added to the journal. Exit codes: 0 nothing is left, 2 wrong use, 3 something is left, 129, 130
    and 143 interrupted.
    """
    from conformance.report.deletions import summary
    from conformance.run.cleanup import leftovers

    directory: Path = options.pop("directory")
    yes, dry_run = options.pop("yes"), options.pop("dry_run")
    found = leftovers(directory)
    say = (lambda _: None) if options["quiet"] else _say
    for line in _announced(found, directory):
        say(line)
    if dry_run or not found.left:
        click.echo(summary(found.outcomes) or "nothing was created")
        end(0)
    is_given = context.get_parameter_source("endpoint") is not ParameterSource.DEFAULT
    settings = _settings(found, directory, options, is_endpoint_given=is_given, yes=yes)
    os.umask(0o077)
    end(_delete(found, settings))


def _say(line: str) -> None:
    from conformance.report.fitting import Fitting

    click.echo(Fitting.of(sys.stderr)(line), err=True)


def _show_surplus(found: Leftovers) -> None:
    """Print the commands that would delete what came up besides: the user decides.

    They send the token to the endpoint of the journal, so that it is confirmed before.
    """
    from conformance.report.deletions import surplus, surplus_title

    records = surplus(found.past.header.fixtures, found.surplus)
    if records:
        click.echo(surplus_title(len(records)))
    for each in records[:SHOWN]:
        _show(each)


def _show(kept: Leftover) -> None:
    """Print a checkpoint that is not deleted, with the command that would delete it."""
    click.echo(visible_line(f"{kept.record}: {kept.why}"))
    if kept.command:
        click.echo(visible(kept.command))


def _announced(found: Leftovers, directory: Path) -> list[str]:
    """What is about to be deleted, in lines."""
    fixtures = found.past.header.fixtures
    where = f"{without_login(fixtures.endpoint)}, project {fixtures.project_id}"
    lines = [f"{directory}: a run against {where}"]
    for record in found.left[:SHOWN]:
        lines.append(f"to be deleted: {record}, which {found.records[record]} brought")
    if (more := len(found.left) - SHOWN) > 0:
        lines.append(f"and {more} more")
    for other in found.surplus[:SHOWN]:
        lines.append(f"not deleted, perhaps somebody else's: {other.id}, as its list shows it")
    if (more := len(found.surplus) - SHOWN) > 0:
        lines.append(f"and {more} more, in report.json")
    return [visible_line(line) for line in lines]


def _settings(
    found: Leftovers,
    directory: Path,
    options: dict[str, Any],
    *,
    is_endpoint_given: bool,
    yes: bool,
) -> Settings:
    """The target of the run, and how the user logs in there.

    Somebody else may have written that directory: it is for the user to say where the token goes,
    and that something is deleted there. Raises UsageError.
    """
    from conformance.login.login import log_in
    from conformance.run.options import RunOptions, TargetOptions
    from conformance.run.selection import of_target

    fixtures = found.past.header.fixtures
    shown = visible_line(without_login(fixtures.endpoint))
    asked = RunOptions(**options)
    endpoint = (asked.endpoint or "").rstrip("/")
    if not (is_endpoint_given or asked.os_cloud or can_ask(is_quiet=asked.quiet)):
        raise UsageError(
            f"--endpoint: the run was against {shown}, and your token would go there; give that "
            "endpoint again if it is yours"
        )
    if is_endpoint_given and endpoint != fixtures.endpoint:
        raise UsageError(
            f"--endpoint: the run was against {shown}; give that, or another directory"
        )
    where = f"{shown}, project {fixtures.project_id}"
    question = f"Send your token to {where}, and delete {counted(len(found.left), 'checkpoint')}?"
    is_named = is_endpoint_given or bool(asked.os_cloud)
    confirm_deletion(question, is_confirmed=yes and is_named, is_quiet=asked.quiet)
    login = log_in(vars(asked), asked.proxy)
    if asked.os_cloud and not is_endpoint_given and login.endpoint != fixtures.endpoint:
        raise UsageError(f"--os-cloud: its endpoint is not {shown}, as in the run; give --endpoint")
    if login.project_id and login.project_id != fixtures.project_id:
        raise UsageError("the login is for another project than the run was; log in to that one")
    target = TargetOptions(
        endpoint=fixtures.endpoint,
        project_id=fixtures.project_id,
        provider_id=fixtures.provider_id,
        plan_id=fixtures.plan_id,
        resource=fixtures.resources,
    )
    return of_target(target, asked, login, report_dir=directory, quiet=asked.quiet)


def _delete(found: Leftovers, settings: Settings) -> int:
    """Delete, and say what came of it; the exit code."""
    from msgspec import structs

    from conformance.backups.fates import Fate
    from conformance.report.deletions import leftover, summary
    from conformance.run.cleanup import clean_up
    from conformance.run.progress import make_watcher

    watcher = make_watcher(quiet=settings.quiet)
    try:
        deletions, signal = asyncio.run(clean_up(found, settings, watcher))
    finally:
        watcher.close()
    after = structs.replace(found, past=structs.replace(found.past, deletions=deletions))
    if not settings.quiet:
        for each in after.outcomes:
            if each.fate is Fate.LEFT:
                _show(leftover(settings.fixtures, each))
        _show_surplus(found)
    click.echo(summary(after.outcomes))
    return signal if signal is not None else 3 * bool(after.left)
