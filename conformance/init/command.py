"""What `init` does: ask, look, let choose, write, and try what was written."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import structs

from conformance.errors import UsageError
from conformance.init.asking import (
    Ask,
    asked_endpoint,
    asked_login,
    asked_policy,
    asked_project,
    asked_servers,
    by_hand,
    picked,
)
from conformance.init.config import Value, check_free, configuration, write
from conformance.init.listing import Listing, NoList, Policy, chosen, listed, narrowed
from conformance.init.trying import Trial, tried
from conformance.login.login import log_in
from conformance.plan.drafting import Drafts
from conformance.run.connecting import client_for
from conformance.run.options import (
    Front,
    LoginOptions,
    RunOptions,
    TargetOptions,
    names_in,
    taken_by,
)
from conformance.run.selection import check_ids, of_target
from conformance.run.settings import Settings
from conformance.text import counted, shorten, visible_line
from conformance.urls import checked_endpoint

LONGEST_NAME, MOST_SHOWN = 40, 200
INCONCLUSIVE = 3
Say = Callable[[str], None]


def init(options: Mapping[str, Any], say: Say, ask: Ask | None) -> int:
    """Write the configuration that `options` ask for, try it, and say what was found.

    `ask` is None where nobody can be asked. The exit code is 3 where the trial shows that a run
    would come to nothing. Raises UsageError.
    """
    output: Path = options["output"]
    check_free(output, force=options["force"])
    options = dict(options)
    if ask is not None:
        options.update(asked_login(options, ask))
    settings = settings_to_try(options, ask)
    policy = _policy(settings, options["resource"], say, ask)
    text = configuration(policy, _known(options, settings))
    write(output, text, force=options["force"])
    say(f"{output}: policy {policy.id} with {counted(len(policy.servers), 'server')}; "
        "no token is in it")  # fmt: skip
    trial = asyncio.run(_tried(settings, policy))
    say(trial.told)
    for line in _following(output, trial, settings.execution_limit):
        say(line)
    return 0 if trial.is_fine else INCONCLUSIVE


def settings_to_try(options: Mapping[str, Any], ask: Ask | None = None) -> Settings:
    """The target as `options` describe it; the login, or else the user, says what they leave out.

    Raises UsageError where endpoint or project are not known.
    """
    check_ids(options)
    asked = RunOptions(**{each.name: options[each.name] for each in taken_by(Front.INIT)})
    if asked.endpoint is not None:
        checked_endpoint(asked.endpoint)
    elif not asked.os_cloud and ask is None:
        raise UsageError("--endpoint is missing; give the URL of the service")
    login = log_in(vars(asked), asked.proxy)
    endpoint = asked.endpoint or login.endpoint
    if endpoint is None and ask is not None:
        endpoint = asked_endpoint(ask)
    project = asked.project_id or login.project_id
    if not project and ask is not None:
        project = asked_project(ask)
    if not project:
        raise UsageError("--project-id is missing; give the project of the token")
    target = TargetOptions(endpoint=endpoint, project_id=project, plan_id=asked.plan_id)
    return of_target(target, asked, login)


async def _found(settings: Settings) -> Listing:
    request = Drafts(settings.fixtures, settings.seed).policies()
    async with client_for(settings) as client:
        return await listed(client, request, settings.secrets)


async def _tried(settings: Settings, policy: Policy) -> Trial:
    fixtures = structs.replace(settings.fixtures, plan_id=policy.id)
    async with client_for(settings) as client:
        return await tried(client, replace(settings, fixtures=fixtures))


def _policy(settings: Settings, resources: Sequence[str], say: Say, ask: Ask | None) -> Policy:
    """The policy to test with: from the target's list, or where it has none, from the user."""
    plan_id = settings.fixtures.plan_id
    try:
        listing = asyncio.run(_found(settings))
    except NoList as error:
        if plan_id is None and ask is None:
            what = "give --plan-id, and --resource for each of its servers, to do without a list"
            raise UsageError(f"{error}; or {what}") from None
        say(visible_line(f"no list of policies: {error}"))
        if plan_id is None and ask is not None:
            plan_id = asked_policy(ask)
            resources = resources or asked_servers(ask)
        return by_hand(plan_id or "", resources)
    for line in shown(listing):
        say(line)
    return narrowed(_choice(listing, plan_id, ask), resources)


def shown(listing: Listing) -> list[str]:
    """The policies that were found, a line each, with nothing in it that steers a terminal."""
    number = len(listing.policies)
    lines = ["found 1 policy" if number == 1 else f"found {number} policies"]
    for place, policy in enumerate(listing.policies[:MOST_SHOWN], 1):
        name = visible_line(shorten(policy.name, LONGEST_NAME))
        servers = counted(len(policy.servers), "server")
        lines.append(f"{place:3}. {policy.id}  {servers}  {name}".rstrip())
    if number > MOST_SHOWN:
        lines.append(f"and {number - MOST_SHOWN} more, which are not shown")
    if listing.cut:
        lines.append(f"there may be more: {visible_line(listing.cut)}")
    return lines


def _choice(listing: Listing, plan_id: str | None, ask: Ask | None) -> Policy:
    if plan_id is not None:
        return chosen(listing, plan_id)
    if len(listing.policies) == 1:
        return listing.policies[0]
    if ask is None:
        raise UsageError("there are several policies; give one of them as --plan-id")
    return picked(listing, ask)


def _known(options: Mapping[str, Any], settings: Settings) -> dict[str, Value]:
    """The options that belong into the file: a proxy may hold a password, and does not."""
    known: dict[str, Value] = {"endpoint": settings.fixtures.endpoint}
    known["project-id"] = settings.fixtures.project_id or ""
    for name in (*names_in(LoginOptions), "ca_bundle", "client_cert"):
        if options[name]:
            known[name.replace("_", "-")] = str(options[name])
    if settings.insecure:
        known["insecure"] = True
    if settings.timeout != Settings.timeout:
        known["timeout"] = settings.timeout
    if settings.proxy and not urlsplit(settings.proxy).username:
        known["proxy"] = settings.proxy
    return known


def _following(output: Path, trial: Trial, executions: int) -> list[str]:
    """What to do next, in lines."""
    config = f"--config {shlex.quote(str(output))}"
    what = "next:" if trial.is_fine else "then:"
    return [
        f"{what} csbs-conformance run {config}",
        f"it executes the policy at most {counted(executions, 'time')}; "
        f"csbs-conformance plan {config} shows what it sends",
    ]
