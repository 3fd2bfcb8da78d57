"""From options to settings, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from conformance.contract import Contract, load_contract
from conformance.contract.clauses import is_selected
from conformance.errors import UsageError
from conformance.login.login import Login, log_in
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
from conformance.text import encodable, shorten
from conformance.urls import checked_endpoint


def settings_from_options(given: Mapping[str, Any]) -> Settings:
    """The settings that options ask for, by their names. Raises UsageError."""
    options, contract = RunOptions(**given), load_contract()
    check_only(contract, options.only)
    asked: dict[str, Any] = {
        "report_dir": options.report_dir,
        "plan": options.plan,
        "resume": options.resume is not None,
        "quiet": options.quiet,
        "verbose": options.verbose,
        "debug": options.debug,
    }
    if options.endpoint is None and options.os_cloud is None:
        for name in (*names_in(LoginOptions), *names_in(TargetOptions)):
            if getattr(options, name):
                option = name.replace("_", "-")
                raise UsageError(f"--{option} needs --endpoint: the emulator has its own fixtures")
        return emulator_settings(contract, "", **_sending(options), **asked)
    check_ids(given)
    if options.endpoint is not None:
        checked_endpoint(options.endpoint)
    return of_target(options, options, log_in(vars(options), options.proxy), **asked)


def of_target(
    target: TargetOptions, sending: SendingOptions, login: Login, **more: Any
) -> Settings:
    """The settings for a target once somebody has logged in, who may know what options leave out.

    Raises UsageError where nobody knows the endpoint.
    """
    endpoint = target.endpoint if target.endpoint is not None else login.known_endpoint()
    fixtures = Fixtures(
        endpoint=checked_endpoint(endpoint),
        provider_id=target.provider_id or load_contract().provider_id,
        project_id=target.project_id or login.project_id,
        other_project_id=target.other_project_id,
        plan_id=target.plan_id,
        resources=target.resource,
        tokens=login.given,
    )
    secrets = {"tokens": login.tokens, "source": login.source, "keys": login.keys}
    return Settings(fixtures=fixtures, **{**_sending(sending), **secrets, **more})


def _sending(options: SendingOptions) -> dict[str, Any]:
    """What options say of how to send, by name, with the limit on requests that follows."""
    asked = {each.name: getattr(options, each.name) for each in fields(SendingOptions)}
    return {**asked, "max_requests": options.limit}


def check_ids(options: Mapping[str, Any]) -> None:
    """Raise UsageError for an id that is empty, or whose bytes are no text."""
    for name in ("project_id", "other_project_id", "provider_id", "plan_id", "resource"):
        given = options.get(name)
        option = f"--{name.replace('_', '-')}"
        for text in given if isinstance(given, tuple) else (given,):
            if text == "":
                raise UsageError(f"{option} is empty; give an id or leave it out")
            if text and encodable(text) != text:
                raise UsageError(f"{option} is not UTF-8; give the id as the service shows it")


def check_only(contract: Contract, only: Collection[str], told: str = "--only") -> None:
    """Raise UsageError for a pattern that selects no clause."""
    for pattern in only:
        if not any(is_selected(clause_id, (pattern,)) for clause_id in catalogue(contract)):
            shown = shorten(pattern, 60)
            raise UsageError(f"{told} {shown!r} matches no clause; see csbs-conformance clauses")
