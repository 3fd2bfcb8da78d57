"""The policies of a project, page by page, and their servers ("Querying the Backup Policy List").

What a target writes there is never judged. It is read with patience: what is no policy is passed
over, and what is no list at all is told in one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from msgspec import structs

from conformance.credentials.braces import plain
from conformance.credentials.placeholders import Secrets
from conformance.errors import UsageError
from conformance.exchange.client import Client
from conformance.exchange.single import exchanged
from conformance.model import Exchange, Request
from conformance.page.hindrance import hindrance
from conformance.page.ids import is_id, same_id
from conformance.page.json_text import JsonText, NotJson, TooDeep, parse_json
from conformance.page.policy_list import Contradiction
from conformance.text import shorten

LIMIT = 100
"""Policies asked for at once."""
MOST_PAGES = 50
UNAUTHORISED = 401


class NoList(UsageError):
    """The target answered, and not with a list of policies: it may well have none."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server of a policy. Both texts are the target's."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A backup policy, which the page calls a plan. All texts are the target's."""

    id: str
    name: str = ""
    servers: tuple[Server, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """The policies that were found. `cut` says why there may be more of them."""

    policies: tuple[Policy, ...]
    cut: str = ""


async def listed(client: Client, first: Request, secrets: Secrets) -> Listing:
    """All policies that the list has; `first` asks for it. Sends nothing but GET.

    Raises NoList where there may be no such list, and UsageError where there is no way to know, or
    where it has no policy.
    """
    found: dict[str, Policy] = {}
    marker, cut = "", ""
    for page in range(MOST_PAGES + 1):
        if page == MOST_PAGES:
            cut = f"the list has more than {MOST_PAGES} pages"
            break
        answer = await exchanged(client, _of_page(first, marker), lambda: secrets)
        told = _refusal(answer)
        if told and not page:
            raise NoList(told) if _may_have_none(answer) else UsageError(told)
        if told or answer.response is None:
            cut = f"behind the first {len(found)}, {told}"
            break
        policies = list(_policies(answer.response.body, is_first=not page))
        new = [policy for policy in policies if policy.id not in found]
        found.update((policy.id, policy) for policy in new)
        if not new:
            break
        marker = new[-1].id
    if not found:
        raise UsageError("the project has no backup policy; make one in the service, and try again")
    return Listing(tuple(found.values()), cut)


def _of_page(first: Request, marker: str) -> Request:
    behind = f"&marker={quote(marker, safe='')}" if marker else ""
    return structs.replace(first, url=f"{first.url}?limit={LIMIT}{behind}")


def _refusal(exchange: Exchange) -> str:
    """What a response that is no list comes to, and what to do about it; empty for a list."""
    if exchange.response is not None and exchange.response.status == 200:
        return ""
    what = "gave no answer: " if exchange.response is None else "answered "
    met = hindrance(exchange)
    remedy = met.value if met else "the target may have none"
    return f"the list of policies {what}{shorten(exchange.outcome, 80)}; {remedy}"


def _may_have_none(exchange: Exchange) -> bool:
    """Whether a target that answered so may well be one without a list."""
    return exchange.response is not None and exchange.response.status != UNAUTHORISED


def _policies(body: bytes, *, is_first: bool) -> Iterator[Policy]:
    """The policies in a response. Raises NoList where the first page is no list of them."""
    try:
        read: JsonText | None = parse_json(body)
    except (NotJson, TooDeep):
        read = None
    listed = read.value.get("policies") if read and isinstance(read.value, dict) else None
    if not isinstance(listed, list):
        if is_first:
            raise NoList("the answer to GET .../policies is no list of policies")
        return
    for item in listed:
        if isinstance(item, dict) and is_id(item.get("id")):
            yield Policy(plain(item["id"]), _text(item.get("name")), tuple(_servers(item)))


def _servers(policy: dict[str, Any]) -> Iterator[Server]:
    resources = policy.get("resources")
    seen: set[str] = set()
    for item in resources if isinstance(resources, list) else ():
        if isinstance(item, dict) and is_id(item.get("id")) and item["id"] not in seen:
            seen.add(item["id"])
            yield Server(plain(item["id"]), _text(item.get("name")))


def _text(value: object) -> str:
    return plain(value) if isinstance(value, str) else ""


def chosen(listing: Listing, plan_id: str) -> Policy:
    """The policy of an id, in any spelling. Raises UsageError where the list does not have it."""
    for policy in listing.policies:
        if same_id(policy.id, plan_id):
            return policy
    more = f" ({listing.cut})" if listing.cut else ""
    raise UsageError(f"--plan-id is not in the project's list of policies{more}; give one of it")


def narrowed(policy: Policy, resources: Sequence[str]) -> Policy:
    """The policy with the servers of these ids only, where any are given.

    Raises UsageError for one that the list shows among no servers of the policy.
    """
    if not resources:
        return policy
    if not policy.servers:
        return replace(policy, servers=tuple(map(Server, resources)))
    for resource in resources:
        if not any(same_id(server.id, resource) for server in policy.servers):
            raise UsageError(f"{Contradiction.SERVERS.value}; give some of those")
    wanted = [s for s in policy.servers if any(same_id(s.id, each) for each in resources)]
    return replace(policy, servers=tuple(wanted))
