"""What `--resume` and `--failed` take over from an earlier run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from conformance.cli.confirming import can_ask
from conformance.cli.output import complain
from conformance.errors import UsageError
from conformance.text import counted, visible_line

if TYPE_CHECKING:
    from conformance.model import JournalHeader


def take_over(context: click.Context, options: dict[str, Any]) -> None:
    """Put into `options` what the run in `--resume` was asked for.

    Somebody else may have written that directory: where the token goes, and by how much the limits
    are raised, is for the user to say. Raises UsageError where that was not said, and where
    something else was asked for than now.
    """
    from conformance.journal.reader import read_past
    from conformance.run.options import SendingOptions, names_in
    from conformance.run.resumption import is_done, journal_in

    directory: Path = options["resume"]
    given = _given(context, options)
    if others := sorted(given & {"report_dir", "plan"}):
        option = others[0].replace("_", "-")
        raise UsageError(
            f"--{option}: --resume goes on with the plan in its directory; leave it out"
        )
    past = read_past(journal_in(directory, "--resume"))
    header = past.header
    fixtures = header.fixtures
    stands = {**_asked(header), "only": header.only}
    for name in given & stands.keys():
        asked = options[name].rstrip("/") if name == "endpoint" else options[name]
        if asked != stands[name]:
            option = name.replace("_", "-")
            raise UsageError(
                f"--{option}: it was {stands[name]!r} in the run in {directory}; leave it out, or "
                "run anew without --resume"
            )
    own = SendingOptions(profile=options["profile"])
    for name, limit in {"max_requests": own.limit, "max_executions": own.execution_limit}.items():
        if name not in given:
            options[name] = min(getattr(header, name), limit)
    options.update(stands, report_dir=directory)
    sending = SendingOptions(**{name: options[name] for name in names_in(SendingOptions)})
    if options["os_cloud"] and "endpoint" not in given:
        options["endpoint"] = None  # its catalogue has one, to which the journal is held
    elif "endpoint" not in given and not (past.ended and is_done(past.ended, sending)):
        _confirm_endpoint(fixtures.endpoint, directory, is_quiet=options["quiet"])


def take_what_failed(context: click.Context, options: dict[str, Any]) -> None:
    """Put into `options` what the run in `--failed` was asked for, and the clauses it did not keep.

    What is given now counts more. Raises UsageError where nothing is left to test, or where the
    user did not say where the token is to go.
    """
    from conformance.contract import load_contract
    from conformance.run.earlier import read_run

    directory: Path = options["failed"]
    given = _given(context, options)
    if others := sorted(given & {"only", "plan", "resume"}):
        raise UsageError(f"--{others[0]}: --failed says which clauses are tested; leave one out")
    report = read_run(load_contract(), directory)
    only = report.judgement.not_kept
    if not only:
        raise UsageError(f"--failed {directory}: no clause is failed or inconclusive there; leave "
                         "it out to test all")  # fmt: skip
    for warning in report.warnings:
        complain(f"csbs-conformance: --failed {directory}: {warning}")
    asked = _asked(report.header)
    options.update({name: asked[name] for name in asked.keys() - given}, only=only)
    if options["os_cloud"] and "endpoint" not in given:
        options["endpoint"] = None  # its catalogue has one
    elif "endpoint" not in given:
        _confirm_endpoint(str(asked["endpoint"]), directory, is_quiet=options["quiet"])
    if not options["quiet"]:
        total = len(report.judgement.clauses)
        left_out = total - len(only)
        told = f"--failed: {counted(len(only), 'clause')} of {total}; left out: {left_out}"
        click.echo(told, err=True)


def _given(context: click.Context, options: dict[str, Any]) -> set[str]:
    """The options that somebody gave, on the command line or elsewhere."""
    source = context.get_parameter_source
    return {name for name in options if source(name) is not ParameterSource.DEFAULT}


def _asked(header: JournalHeader) -> dict[str, object]:
    """What a run was asked for, by the names of the options."""
    fixtures = header.fixtures
    return {
        "endpoint": fixtures.endpoint,
        "project_id": fixtures.project_id,
        "other_project_id": fixtures.other_project_id,
        "provider_id": fixtures.provider_id,
        "plan_id": fixtures.plan_id,
        "resource": fixtures.resources,
        "profile": header.profile,
        "seed": header.seed,
    }


def _confirm_endpoint(endpoint: str, directory: Path, *, is_quiet: bool) -> None:
    """Have the user confirm on the terminal where the token is to go. Raises UsageError."""
    shown = visible_line(endpoint)
    if can_ask(is_quiet=is_quiet):
        question = f"{directory} was a run against {shown}. Send your token there?"
        if click.confirm(question, default=False, err=True):
            return
    raise UsageError(
        f"--endpoint: the run in {directory} was against {shown}, and your token would go there; "
        "give that endpoint again if it is yours"
    )
