"""The list of policies, where a target has one: what it says of the fixtures. It is never judged.

The page takes `plan_id` from this list ("Querying the Backup Policy List").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from conformance.model import Exchange, Fixtures
from conformance.page.answer import json_of
from conformance.page.ids import same_id
from conformance.page.json_text import JsonText


class Contradiction(Enum):
    """Which fixture the list does not have; the value says so to the user."""

    PLAN = "--plan-id is not in the project's list of policies"
    SERVERS = "a --resource is not among the servers of the policy, as its list has them"

    @property
    def about_servers(self) -> bool:
        """Whether only requests that name servers are concerned."""
        return self is Contradiction.SERVERS


def policies(exchange: Exchange) -> Mapping[str, tuple[str, ...]] | None:
    """The servers of each policy in a response; None where it is no such list, or an empty one."""
    response = exchange.response
    if response is None or response.status != 200:
        return None
    read = json_of(response)
    value = read.value if isinstance(read, JsonText) else None
    listed = value.get("policies") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        return None
    found = {
        policy["id"]: tuple(_ids(policy.get("resources")))
        for policy in listed
        if isinstance(policy, dict) and isinstance(policy.get("id"), str)
    }
    return found or None


def _ids(resources: object) -> Iterable[str]:
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict) and isinstance(resource.get("id"), str):
            yield resource["id"]


def contradiction(lists: Iterable[Exchange], fixtures: Fixtures) -> Contradiction | None:
    """What lists of policies say against the fixtures; None where they say nothing against them."""
    for exchange in lists:
        listed = policies(exchange)
        if listed is None or fixtures.plan_id is None:
            continue
        servers = next((s for name, s in listed.items() if same_id(name, fixtures.plan_id)), None)
        if servers is None:
            return Contradiction.PLAN
        missing = [r for r in fixtures.resources if not any(same_id(r, s) for s in servers)]
        if missing and servers:
            return Contradiction.SERVERS
    return None
