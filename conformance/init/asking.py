"""The questions of `init` on a terminal. None asks for a secret: answers say where secrets are."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from conformance.credentials.braces import escape
from conformance.errors import UsageError
from conformance.init.listing import Listing, Policy, Server
from conformance.login.environment import DEFAULT_TOKEN_VARIABLE
from conformance.login.login import WAYS
from conformance.page.ids import is_id
from conformance.run.options import LoginOptions, options_of
from conformance.urls import checked_endpoint


class Ask(Protocol):
    """Asks the user, until `check` takes the response; it raises UsageError for one it does not."""

    def __call__(
        self, question: str, check: Callable[[str], str], default: str | None = None
    ) -> str:
        """The response."""


def asked_login(options: Mapping[str, Any], ask: Ask) -> dict[str, str]:
    """The options of a login, where `options` and the environment have none."""
    is_given = any(options[way.replace("-", "_")] for way in WAYS)
    if is_given or os.environ.get(DEFAULT_TOKEN_VARIABLE):
        return {}
    helps = {each.key: each.help for each in options_of(LoginOptions)}
    lines = [
        "How to log in? Secrets are not typed here: a token can be put into a variable first, with",
        f"  read -rs {DEFAULT_TOKEN_VARIABLE}; export {DEFAULT_TOKEN_VARIABLE}",
        *(f"  {way:14} {helps[way]}" for way in WAYS),
    ]
    way = ask("\n".join([*lines, "log in with"]), _one_of(WAYS), WAYS[0])
    names = ("ak-env", "sk-env") if way == "ak-env" else (way,)
    return {name.replace("-", "_"): _asked(ask, name, helps) for name in names}


def _asked(ask: Ask, name: str, helps: Mapping[str, str]) -> str:
    default = DEFAULT_TOKEN_VARIABLE if name == "token-env" else None
    return ask(f"{name}: {helps[name].rstrip('.')}", lambda text: text, default)


def _one_of(names: Collection[str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in names:
            raise UsageError(f"give one of {', '.join(names)}")
        return text

    return check


def asked_endpoint(ask: Ask) -> str:
    """Where the service is."""
    return ask("endpoint, such as https://csbs.region.cloud", checked_endpoint)


def asked_project(ask: Ask) -> str:
    """The project of the token."""
    return ask("project-id", _id)


def picked(listing: Listing, ask: Ask) -> Policy:
    """The policy that the user picks from those that were shown."""
    number = ask("take number", _one_of([str(n + 1) for n in range(len(listing.policies))]))
    return listing.policies[int(number) - 1]


def asked_policy(ask: Ask) -> str:
    """The id of a policy that no list shows."""
    return ask("plan-id, the policy to execute", _id)


def asked_servers(ask: Ask) -> Sequence[str]:
    """The ids of the servers of a policy that no list shows; none is a response, too."""
    return ask("resource, ids of servers of the policy, with spaces between", _ids, "").split()


def _id(text: str) -> str:
    if not is_id(escape(text)):
        raise UsageError("that is no id; give the one that the service shows")
    return text


def _ids(text: str) -> str:
    return " ".join(map(_id, text.split()))


def by_hand(plan_id: str, resources: Sequence[str]) -> Policy:
    """The policy that the user describes, of a target that lists none."""
    return Policy(plan_id, servers=tuple(map(Server, dict.fromkeys(resources))))
