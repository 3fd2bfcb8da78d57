"""What `--resume` takes over from the run that it goes on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from conformance.errors import UsageError


def take_over(context: click.Context, options: dict[str, Any]) -> None:
    """Put into `options` what the run in `--resume` was asked for.

    Raises UsageError where that was something else than what is asked for now.
    """
    from conformance.journal.reader import read_past
    from conformance.run.resumption import JOURNAL

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
    header = read_past(directory / JOURNAL).header
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
    ceilings = {"max_requests": header.max_requests, "max_executions": header.max_executions}
    options.update(stands, report_dir=directory)
    options.update({name: most for name, most in ceilings.items() if name not in given})
