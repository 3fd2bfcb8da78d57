"""What `--resume` takes over from the run that it goes on with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from conformance.errors import UsageError
from conformance.text import visible_line


def take_over(context: click.Context, options: dict[str, Any]) -> None:
    """Put into `options` what the run in `--resume` was asked for.

    Somebody else may have written that directory: where the token goes, and by how much the limits
    are raised, is for the user to say. Raises UsageError where that was not said, and where
    something else was asked for than now.
    """
    from conformance.journal.reader import read_past
    from conformance.run.options import SendingOptions, names_in
    from conformance.run.resumption import JOURNAL, is_done

    directory: Path = options["resume"]
    given = {
        name
        for name in options
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT
    }
    if others := sorted(given & {"report_dir", "plan"}):
        option = others[0].replace("_", "-")
        raise UsageError(
            f"--{option}: --resume goes on with the plan in its directory; leave it out"
        )
    past = read_past(directory / JOURNAL)
    header = past.header
    fixtures = header.fixtures
    stands = {
        "endpoint": fixtures.endpoint,
        "project_id": fixtures.project_id,
        "provider_id": fixtures.provider_id,
        "plan_id": fixtures.plan_id,
        "resource": fixtures.resources,
        "profile": header.profile,
        "seed": header.seed,
        "only": header.only,
    }
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


def _confirm_endpoint(endpoint: str, directory: Path, *, is_quiet: bool) -> None:
    """Have the user confirm on the terminal where the token is to go. Raises UsageError."""
    shown = visible_line(endpoint)
    if not is_quiet and sys.stdin.isatty() and sys.stderr.isatty():
        question = f"{directory} was a run against {shown}. Send your token there?"
        if click.confirm(question, default=False, err=True):
            return
    raise UsageError(
        f"--endpoint: the run in {directory} was against {shown}, and your token would go there; "
        "give that endpoint again if it is yours"
    )
