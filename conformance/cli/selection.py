"""From options to settings, checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.contract import Contract
    from conformance.run.settings import Settings


def settings_of(options: dict[str, Any]) -> Settings:
    """The settings that the options of a command ask for. Raises UsageError."""
    from conformance.contract import load_contract
    from conformance.login.login import OPTIONS, log_in
    from conformance.model import Fixtures
    from conformance.run.settings import (
        DEEP_REQUESTS,
        DEFAULT_EXECUTIONS,
        DEFAULT_REQUESTS,
        Settings,
        emulator_settings,
    )
    from conformance.urls import checked_endpoint

    contract = load_contract()
    given = {name: options.pop(name) for name in OPTIONS}
    fixture_options = {
        name: options.pop(name)
        for name in ("endpoint", "project_id", "provider_id", "plan_id", "resource")
    }
    check_only(contract, options["only"])
    options["resume"] = bool(options.pop("resume", None))
    if options["max_requests"] is None:
        is_deep = options["profile"] == "deep"
        options["max_requests"] = DEEP_REQUESTS if is_deep else DEFAULT_REQUESTS
    if options["max_executions"] is None:
        options["max_executions"] = DEFAULT_EXECUTIONS
    if fixture_options["endpoint"] is None and given["os_cloud"] is None:
        if meant := [name for name, value in {**given, **fixture_options}.items() if value]:
            option = meant[0].replace("_", "-")
            raise UsageError(f"--{option} needs --endpoint: the emulator has its own fixtures")
        return emulator_settings(contract, "", **options)
    for name in ("project_id", "provider_id", "plan_id"):
        if fixture_options[name] == "":
            raise UsageError(f"--{name.replace('_', '-')} is empty; give an id or leave it out")
    endpoint = fixture_options["endpoint"]
    if endpoint is not None:
        endpoint = checked_endpoint(endpoint)
    login = log_in(given, options.get("proxy"))
    fixtures = Fixtures(
        endpoint=endpoint or checked_endpoint(login.known_endpoint()),
        provider_id=fixture_options["provider_id"] or contract.provider_id,
        project_id=fixture_options["project_id"] or login.project_id,
        plan_id=fixture_options["plan_id"],
        resources=tuple(fixture_options["resource"]),
        tokens=login.given,
    )
    options |= {"tokens": login.tokens, "source": login.source, "keys": login.keys}
    return Settings(fixtures=fixtures, **options)


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


def check_only(contract: Contract, only: tuple[str, ...]) -> None:
    """Raise UsageError for a pattern that selects no clause."""
    from conformance.contract.clauses import is_selected
    from conformance.page.catalogue import catalogue

    for pattern in only:
        if not any(is_selected(clause_id, (pattern,)) for clause_id in catalogue(contract)):
            raise UsageError(f"--only {pattern!r} matches no clause; see csbs-conformance clauses")
