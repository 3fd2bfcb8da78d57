"""What `init` does: look, let choose, write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import load_contract
from conformance.errors import UsageError
from conformance.init.config import Value, check_free, configuration, write
from conformance.init.listing import Listing, Policy, chosen, listed
from conformance.login.login import OPTIONS, Login, log_in
from conformance.model import Fixtures
from conformance.plan.drafting import Drafts
from conformance.report.text import counted, shorten, visible_line
from conformance.session import client_for
from conformance.settings import DEFAULT_SEED, Settings, checked_endpoint

LONGEST_NAME, MOST_SHOWN = 40, 200
Ask = Callable[[Listing], Policy]
"""Lets the user choose a policy."""
Say = Callable[[str], None]


def init(options: Mapping[str, Any], say: Say, ask: Ask | None) -> None:
    """Write the configuration that `options` ask for, and say what was found.

    `ask` is None where nobody can be asked. Raises UsageError.
    """
    output: Path = options["output"]
    check_free(output, force=options["force"])
    settings = settings_of(options)
    listing = asyncio.run(_found(settings))
    for line in shown(listing):
        say(line)
    policy = _choice(listing, options["plan_id"], ask)
    known = _known(options, settings)
    write(output, configuration(policy, known), force=options["force"])
    servers = counted(len(policy.servers), "server")
    say(f"{output}: policy {policy.id} with {servers}; no token is in it")
    say(f"next: csbs-conformance plan --config {output}")


def settings_of(options: Mapping[str, Any]) -> Settings:
    """The target as `options` describe it; the login says what they leave out.

    Raises UsageError where endpoint or project are not known.
    """
    for name in ("project_id", "plan_id"):
        if options[name] == "":
            raise UsageError(f"--{name.replace('_', '-')} is empty; give an id or leave it out")
    given = options["endpoint"]
    if given is None and not options["os_cloud"]:
        raise UsageError("--endpoint is missing; give the URL of the service")
    endpoint = checked_endpoint(given) if given is not None else None
    login: Login = log_in({name: options[name] for name in OPTIONS}, options["proxy"])
    project = options["project_id"] or login.project_id
    if not project:
        raise UsageError("--project-id is missing; give the project of the token")
    fixtures = Fixtures(
        endpoint=endpoint or checked_endpoint(login.known_endpoint()),
        provider_id=load_contract().provider_id,
        project_id=project,
        plan_id=options["plan_id"],
        tokens=login.given,
    )
    way = ("proxy", "ca_bundle", "client_cert", "insecure", "timeout")
    others = {name: options[name] for name in way}
    return Settings(fixtures=fixtures, tokens=login.tokens, keys=login.keys, **others)


async def _found(settings: Settings) -> Listing:
    request = Drafts(settings.fixtures, DEFAULT_SEED).policies()
    async with client_for(settings) as client:
        return await listed(client, request, settings.secrets)


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
    return ask(listing)


def _known(options: Mapping[str, Any], settings: Settings) -> dict[str, Value]:
    """The options that belong into the file: a proxy may hold a password, and does not."""
    known: dict[str, Value] = {"endpoint": settings.fixtures.endpoint}
    known["project-id"] = settings.fixtures.project_id or ""
    for name in (*OPTIONS, "ca_bundle", "client_cert"):
        if options[name]:
            known[name.replace("_", "-")] = str(options[name])
    if settings.insecure:
        known["insecure"] = True
    if settings.proxy and not urlsplit(settings.proxy).username:
        known["proxy"] = settings.proxy
    return known
