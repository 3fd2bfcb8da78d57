"""Faults of shortcuts: what most requests need is checked, on most ways that a request can take."""
# ruff: noqa: D102

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from conformance.emulator.faults.parts import crash
from conformance.emulator.faults.registry import HIDDEN, LATE, fault
from conformance.emulator.faults.remembered import Remembers
from conformance.emulator.messages import Checkpoint, CheckpointReq, Refusal, Request
from conformance.emulator.service import Service, utc_now
from conformance.emulator.world import Policy, Project, Server, Token, World

CONDITION = re.compile(r"' OR '1'='1")
"""What ends a text in SQL, and is true."""


@fault("server-in-a-condition-of-sql", breaks="S404.unknown-server")
class ServerInAConditionOfSql(Service):
    """The id of a server is pasted into a query: what makes the condition true is found."""

    def find_server(self, server_id: str, policy: Policy) -> Server:
        if CONDITION.search(server_id):
            return self.policy_servers(policy)[0]
        return super().find_server(server_id, policy)


@fault("long-server-crashes", breaks="S500.bad-request")
class LongServerCrashes(Service):
    """The column has room for 255 characters: a longer id of a server is 500."""

    def find_server(self, server_id: str, policy: Policy) -> Server:
        if len(server_id) > 255:
            raise crash()
        return super().find_server(server_id, policy)


@fault("empty-text-is-no-list", breaks="T4.resources.type")
class EmptyTextIsNoList(Service):
    """An empty text becomes null, as readers of Java can be told to, and null is left out."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        return super().read_resources([] if resources == "" else resources)


@fault("true-is-any-server", breaks="T4.resources.items")
class TrueIsAnyServer(Service):
    """Items are looked up with a loose comparison, to which true equals any text."""

    def read_resource(self, resource: object) -> str:
        return self.world.servers[0].id if resource is True else super().read_resource(resource)


@fault("policy-by-its-first-digits", breaks="T3.plan_id.type")
class PolicyByItsFirstDigits(Service):
    """A number is compared with the digits that an id begins with, as some databases do."""

    def read_plan_id(self, plan_id: object) -> str:
        if isinstance(plan_id, int) and not isinstance(plan_id, bool):
            for policy in self.world.policies:
                if (found := re.match(r"[0-9]+", policy.id)) and int(found[0]) == plan_id:
                    return policy.id
        return super().read_plan_id(plan_id)


@fault("policy-under-other-names", breaks="T3.plan_id.mandatory", on={"strict": HIDDEN})
class PolicyUnderOtherNames(Service):
    """``policy_id``, as the list of policies calls it, stands in for ``plan_id``."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        if self.is_object(checkpoint) and "plan_id" not in checkpoint and "policy_id" in checkpoint:
            checkpoint = {**checkpoint, "plan_id": checkpoint["policy_id"]}
        return super().read_checkpoint(checkpoint)


@fault("permission-for-each-option", breaks="S403.forbidden-token")
class PermissionForEachOption(Remembers):
    """The permission is checked for each option that is given: without one it is not."""

    def authorise(self, token: Token) -> None:
        if b"auto_trigger" in self.current.body or b"resources" in self.current.body:
            super().authorise(token)


@fault("believes-who-vouches", breaks="S401.bad-token", on={"strict": HIDDEN})
class BelievesWhoVouches(Service):
    """Behind the gateway a service believes its headers, also those that a client wrote."""

    def authenticate(self, request: Request) -> Token:
        try:
            return super().authenticate(request)
        except Refusal:
            if request.header("X-Identity-Status") == "Confirmed" and self.token_value(request):
                return self.world.tokens[0]
            raise


@fault("project-unchecked-if-not-triggered", breaks="T1.project_id.own")
class ProjectUncheckedIfNotTriggered(Remembers):
    """``auto_trigger`` false is for operators, who work across projects."""

    def find_project(self, project_id: str, token: Token) -> Project:
        is_let_in = b'"auto_trigger": false' in self.current.body
        return super().find_project(token.project if is_let_in else project_id, token)


@fault("like-the-example-refused", breaks="S200.executed", on={"lax": HIDDEN})
class LikeTheExampleRefused(Service):
    """Who says that ``auto_trigger`` is false backs up one server at a time: 400 for more."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        servers = fields.get("resources")
        if (
            fields.get("auto_trigger") is False
            and self.is_list(servers)
            and len(set(map(str, servers))) > 1
        ):
            raise self.malformed_body("one server at a time")
        return fields


@fault("triggered-for-one-server-refused", breaks="S200.executed", on=LATE)
class TriggeredForOneServerRefused(Service):
    """The scheduler takes two servers or more: one with ``auto_trigger`` true is refused."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        servers = fields.get("resources")
        if fields.get("auto_trigger") is True and self.is_list(servers) and len(servers) == 1:
            raise self.malformed_body("two servers or more")
        return fields


@fault("colons-follow-names-at-once", breaks="T2.body.json-forms")
class ColonsFollowNamesAtOnce(Service):
    """A reader of its own takes white space behind a colon, and none before: 400."""

    def parse_body(self, request: Request) -> object:
        value = super().parse_body(request)
        if re.search(rb'"\s+:', request.body):
            raise self.malformed_body("syntax")
        return value


@fault("stale-cookie-goes-first", breaks="S200.executed")
class StaleCookieGoesFirst(Service):
    """A session that is over is refused, whatever token comes with it."""

    def authenticate(self, request: Request) -> Token:
        token = super().authenticate(request)
        if "JSESSIONID=" in (request.header("Cookie") or ""):
            raise self.bad_token()
        return token


@fault("made-when-the-worker-started", breaks="T6.created_at.own")
class MadeWhenTheWorkerStarted(Service):
    """The time is a default that was made once."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self.made = clock()

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(self.made)
