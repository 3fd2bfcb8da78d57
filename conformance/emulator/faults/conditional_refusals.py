"""Faults in checking requests that have something in particular."""
# ruff: noqa: D102

from collections.abc import Iterable, Mapping
from dataclasses import replace

from conformance.emulator.faults.parts import crash, unavailable
from conformance.emulator.faults.registry import LATE, fault
from conformance.emulator.faults.table_2 import HasDefaultPolicy
from conformance.emulator.messages import Checkpoint, CheckpointReq, Refusal, Request, Response
from conformance.emulator.service import Service
from conformance.emulator.world import Policy, Project, Server, Token


@fault("created-if-triggered", breaks="S.listed")
class CreatedIfTriggered(Service):
    """The path of the scheduler answers 201."""

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        response = super().render_execution(checkpoint)
        return replace(response, status=201 if checkpoint.request.auto_trigger else 200)


@fault("permission-not-checked-if-triggered", breaks="S403.forbidden-token")
class PermissionNotCheckedIfTriggered(Service):
    """The scheduler needs no permission, so with ``auto_trigger`` true it is not checked."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        self._triggered = b'"auto_trigger": true' in request.body
        return super().execute_policy(request, project_id, provider_id)

    def authorise(self, token: Token) -> None:
        if not self._triggered:
            super().authorise(token)


@fault("unknown-server-ignored-if-triggered", breaks="S404.unknown-server")
class UnknownServerIgnoredIfTriggered(Service):
    """With ``auto_trigger`` true, servers that do not exist are left out, as they may be gone."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        wanted = super().read_checkpoint(checkpoint)
        if not wanted.auto_trigger or not wanted.resources:
            return wanted
        known = {server.id for server in self.world.servers}
        return replace(wanted, resources=tuple(each for each in wanted.resources if each in known))


@fault("unknown-policy-default-with-servers", breaks="S404.unknown-policy")
class UnknownPolicyDefaultWithServers(HasDefaultPolicy):
    """Where servers are named, the policy is found by them, whatever ``plan_id`` says."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        wanted = super().read_checkpoint(checkpoint)
        known = {server.id for server in self.world.servers}
        named = set(wanted.resources or ())
        return replace(wanted, plan_id=self.default_policy) if named == known else wanted


@fault("auto-trigger-unchecked-with-servers", breaks="T4.auto_trigger.type")
class AutoTriggerUncheckedWithServers(Service):
    """Where servers are named, ``auto_trigger`` is not checked for its type."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        if "resources" in fields and fields.get("auto_trigger"):
            return {**fields, "auto_trigger": True}
        return fields


@fault("triggered-with-servers-refused", breaks="S200.executed")
class TriggeredWithServersRefused(Service):
    """``auto_trigger`` true and servers exclude each other, by a rule that the page has not."""

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        if wanted.auto_trigger and wanted.resources:
            raise Refusal(403, "CSBS.0403", "No operation permission.")
        return super().execute(policy, servers, wanted)


@fault("triggered-without-servers-crashes", breaks="S200.executed")
class TriggeredWithoutServersCrashes(Service):
    """The scheduler always names its servers: ``auto_trigger`` true without them meets 500."""

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        if wanted.auto_trigger and not wanted.resources:
            raise crash()
        return super().execute(policy, servers, wanted)


@fault("not-triggered-without-servers-refused", breaks="S200.executed", on=LATE)
class NotTriggeredWithoutServersRefused(Service):
    """Who says that ``auto_trigger`` is false has to name servers: 400 without."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        if fields.get("auto_trigger") is False and fields.get("resources") is None:
            raise self.missing_field("resources")
        return fields


@fault("servers-in-another-order-crash", breaks="T4.resources.accepted")
class ServersInAnotherOrderCrash(Service):
    """Servers in another order than the policy's violate an assertion: 500."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        servers = super().find_servers(resources, policy)
        order = [server for server in self.policy_servers(policy) if server in servers]
        if list(servers) != order:
            raise crash()
        return servers


@fault("unavailable-for-whole-policies", breaks="S503.momentary")
class UnavailableForWholePolicies(Service):
    """A whole policy at once is too much: always 503."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        if resources is None:
            raise unavailable()
        return super().read_resources(resources)


@fault("project-unchecked-if-triggered", breaks="T1.project_id.own")
class ProjectUncheckedIfTriggered(Service):
    """The scheduler works across projects: with ``auto_trigger`` true it is not checked."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        self._triggered = b'"auto_trigger": true' in request.body
        return super().execute_policy(request, project_id, provider_id)

    def find_project(self, project_id: str, token: Token) -> Project:
        return super().find_project(token.project if self._triggered else project_id, token)
