"""From options to settings, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from conformance.contract import Contract, load_contract
from conformance.contract.clauses import is_selected
from conformance.errors import UsageError
from conformance.login.login import log_in
from conformance.model import Fixtures
from conformance.page.catalogue import catalogue
from conformance.run.options import (
    LoginOptions,
    RunOptions,
    SendingOptions,
    TargetOptions,
    names_in,
)
from conformance.run.settings import Settings, emulator_settings
from conformance.text import shorten
from conformance.urls import checked_endpoint


def settings_of(given: Mapping[str, Any]) -> Settings:
    """The settings that options ask for, by their names. Raises UsageError."""
    options, contract = RunOptions(**given), load_contract()
    check_only(contract, options.only)
    asked: dict[str, Any] = {
        **sending(options),
        "report_dir": options.report_dir,
        "plan": options.plan,
        "resume": options.resume is not None,
        "quiet": options.quiet,
    }
    if options.endpoint is None and options.os_cloud is None:
        for name in (*names_in(LoginOptions), *names_in(TargetOptions)):
            if getattr(options, name):
                option = name.replace("_", "-")
                raise UsageError(f"--{option} needs --endpoint: the emulator has its own fixtures")
        return emulator_settings(contract, "", **asked)
    check_ids(given)
    endpoint = checked_endpoint(options.endpoint) if options.endpoint is not None else None
    login = log_in({name: getattr(options, name) for name in names_in(LoginOptions)}, options.proxy)
    fixtures = Fixtures(
        endpoint=endpoint or checked_endpoint(login.known_endpoint()),
        provider_id=options.provider_id or contract.provider_id,
        project_id=options.project_id or login.project_id,
        plan_id=options.plan_id,
        resources=options.resource,
        tokens=login.given,
    )
    asked |= {"source": login.source, "keys": login.keys}
    return Settings(fixtures=fixtures, tokens=login.tokens, **asked)


def sending(options: SendingOptions) -> dict[str, Any]:
    """What options say of how to send, by name, with the limit on requests that follows."""
    said = {each.name: getattr(options, each.name) for each in fields(SendingOptions)}
    return {**said, "max_requests": options.limit}


def check_ids(options: Mapping[str, Any]) -> None:
    """Raise UsageError for an id that is empty."""
    for name in ("project_id", "provider_id", "plan_id"):
        if options.get(name) == "":
            raise UsageError(f"--{name.replace('_', '-')} is empty; give an id or leave it out")


def check_only(contract: Contract, only: Collection[str], told: str = "--only") -> None:
    """Raise UsageError for a pattern that selects no clause."""
    for pattern in only:
        if not any(is_selected(clause_id, (pattern,)) for clause_id in catalogue(contract)):
            shown = shorten(pattern, 60)
            raise UsageError(f"{told} {shown!r} matches no clause; see csbs-conformance clauses")
