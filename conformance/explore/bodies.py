"""Valid bodies, and what exploration changes in them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from conformance.explore.texts import identifiers
from conformance.explore.values import json_values
from conformance.plan.drafting import Drafts

Change = Callable[[st.DrawFn, dict[str, Any]], Any]
"""Changes a valid body and returns it, or returns what is sent in its place."""

MOST_SERVERS = 5


class Bodies:
    """The bodies for one target."""

    def __init__(self, drafts: Drafts) -> None:
        self.drafts = drafts
        named = [drafts.plan_id, drafts.project_id, drafts.fixtures.provider_id, *drafts.servers]
        self.named = list(dict.fromkeys(named))
        self.parameters = self._parameters()
        self.known_servers = st.lists(
            st.sampled_from(drafts.servers), max_size=MOST_SERVERS, unique=True
        )
        self._some_parameters = st.sampled_from(self.parameters)
        self._values = json_values(st.sampled_from(self.named))
        self._unknown_plans = identifiers([drafts.plan_id], self.named)
        self._unknown_servers = identifiers(drafts.servers, self.named)

    def _parameters(self) -> list[dict[str, Any]]:
        """The parameters of valid requests, the fewest first; names in either order."""
        servers = self.drafts.servers if self.drafts.fixtures.resources else []
        some = [None, servers[:1], servers[:2], servers[1:2], servers, servers[::-1]]
        found: list[dict[str, Any]] = []
        for auto_trigger, resources in itertools.product((None, True, False), some):
            parameters: dict[str, Any] = {}
            if auto_trigger is not None:
                parameters["auto_trigger"] = auto_trigger
            if resources:
                parameters["resources"] = resources
            found += [parameters, dict(reversed(parameters.items()))]
        return sorted(found, key=len)

    def valid(self, draw: st.DrawFn) -> dict[str, Any]:
        """A valid body."""
        return deepcopy(self.drafts.body(**draw(self._some_parameters)))

    def changes(self) -> dict[str, tuple[int, Change]]:
        """Ways to change a valid body, the outermost place first, each with its share."""
        return {
            "body": (6, lambda draw, body: draw(self._values)),
            "checkpoint": (5, self._value("checkpoint")),
            "missing": (6, self._missing),
            "plan_id": (9, self._value("plan_id")),
            "policy": (12, self._policy),
            "parameters": (7, self._value("parameters")),
            "auto_trigger": (8, self._value("auto_trigger")),
            "resources": (7, self._value("resources")),
            "item": (8, self._item),
            "server": (8, self._server),
        }

    def _value(self, name: str) -> Change:
        """A JSON value in a field that must be refused there: null or nothing at all may not."""
        values = self._values
        if name == "auto_trigger":
            values = values.filter(lambda value: value is not None and not isinstance(value, bool))
        elif name == "resources":
            values = values.filter(lambda value: value is not None and value != [])

        def change(draw: st.DrawFn, body: dict[str, Any]) -> dict[str, Any]:
            holder = body
            if name != "checkpoint":
                holder = body["checkpoint"]
            if name in ("auto_trigger", "resources"):
                holder = holder["parameters"]
            holder[name] = draw(values)
            return body

        return change

    def _policy(self, draw: st.DrawFn, body: dict[str, Any]) -> Any:
        body["checkpoint"]["plan_id"] = draw(self._unknown_plans)
        return body

    def _item(self, draw: st.DrawFn, body: dict[str, Any]) -> Any:
        return self._among_servers(draw, body, draw(self._values))

    def _server(self, draw: st.DrawFn, body: dict[str, Any]) -> Any:
        return self._among_servers(draw, body, draw(self._unknown_servers))

    def _among_servers(self, draw: st.DrawFn, body: dict[str, Any], item: Any) -> Any:
        servers: list[Any] = list(draw(self.known_servers))
        servers.insert(draw(st.integers(0, len(servers))), item)
        body["checkpoint"]["parameters"]["resources"] = servers
        return body

    def _missing(self, draw: st.DrawFn, body: dict[str, Any]) -> Any:
        match draw(st.integers(0, 5)):
            case 0 | 1:
                del body["checkpoint"]["plan_id"]
            case 2 | 3:
                del body["checkpoint"]["parameters"]
            case 4:
                body["checkpoint"] = {}
            case _:
                return body["checkpoint"]
        return body
