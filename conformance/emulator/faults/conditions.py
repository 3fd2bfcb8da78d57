"""Faults that show now and then: for some requests, after some others, every so often."""
# ruff: noqa: D102

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from conformance.emulator.faults.parts import changed, crash, unavailable, without
from conformance.emulator.faults.registry import fault
from conformance.emulator.faults.tables_2_and_3 import HasDefaultPolicy
from conformance.emulator.messages import Checkpoint, CheckpointReq, Refusal, Request, Response
from conformance.emulator.service import Service
from conformance.emulator.world import Policy, Project, Server, Token, World


class Counts(Service):
    """Counts answers, and refusals since the last execution."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.answered = 0
        self.refused = 0

    def answer(self, request: Request) -> Response:
        self.answered += 1
        try:
            response = super().answer(request)
        except Refusal:
            self.refused += 1
            raise
        self.refused = 0
        return response


@fault("status-in-capitals-if-triggered", breaks="T6.status.values")
class StatusInCapitalsIfTriggered(Service):
    """The path of the scheduler writes the status in capitals."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        status = self.status_of(checkpoint)
        return status.upper() if checkpoint.request.auto_trigger else status


@fault("status-waiting-from-the-third", breaks="T6.status.values")
class StatusWaitingFromTheThird(Service):
    """Two backups run at a time; the others have a status of their own."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return "waiting" if len(self.executed) > 2 else self.status_of(checkpoint)


@fault("status-missing-on-the-third", breaks="T6.status.present")
class StatusMissingOnTheThird(Service):
    """Every third execution is answered before the status is known."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        fields = super().render_checkpoint(checkpoint)
        return fields if len(self.executed) % 3 else without(fields, "status")


@fault("time-missing-if-triggered", breaks="T6.created_at.present")
class TimeMissingIfTriggered(Service):
    """With ``auto_trigger`` true, the time is left out."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        fields = super().render_checkpoint(checkpoint)
        return without(fields, "created_at") if checkpoint.request.auto_trigger else fields


@fault("time-of-the-last-run", breaks="T6.created_at.fresh")
class TimeOfTheLastRun(Service):
    """From the second execution on, the time is one that was kept a day too long."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        age = timedelta(days=1) if len(self.executed) > 1 else timedelta()
        return self.time_text(checkpoint.created_at - age)


@fault("time-null-for-whole-policies", breaks="T6.created_at.type")
class TimeNullForWholePolicies(Service):
    """For a whole policy the time is null, as its servers have one each."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        if checkpoint.request.resources is None:
            return None
        return super().checkpoint_created_at(checkpoint)


@fault("id-missing-with-two-servers", breaks="T6.id.present")
class IdMissingWithTwoServers(Service):
    """With several servers there are several records, and no id is given."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        fields = super().render_checkpoint(checkpoint)
        return without(fields, "id") if len(checkpoint.request.resources or ()) > 1 else fields


@fault("id-kept-for-the-same-server", breaks="T6.id.unique")
class IdKeptForTheSameServer(Service):
    """A second backup of just one server gets the record of the first."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        if checkpoint.request.resources is None:
            return checkpoint.id
        return f"backup-of-{'-'.join(sorted(checkpoint.request.resources))}"


@fault("id-of-the-one-before", breaks="T6.id.unique")
class IdOfTheOneBefore(Service):
    """The fourth execution is answered with the record of the third, from a replica that lags."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return self.executed[-2].id if len(self.executed) == 4 else checkpoint.id


@fault("graph-is-an-object-with-two-servers", breaks="T6.resource_graph.type")
class GraphIsAnObjectWithTwoServers(Service):
    """With several servers the graph is there, and is an object."""

    def checkpoint_resource_graph(self, checkpoint: Checkpoint) -> object:
        return {"root": []} if len(checkpoint.request.resources or ()) > 1 else None


@fault("project-missing-after-an-error", breaks="T6.project_id.present")
class ProjectMissingAfterAnError(Counts):
    """After a refusal, the context lacks its project for the next execution."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        fields = super().render_checkpoint(checkpoint)
        return without(fields, "project_id") if self.refused else fields


@fault("project-of-another-if-not-triggered", breaks="T6.project_id.echo")
class ProjectOfAnotherIfNotTriggered(Service):
    """Where ``auto_trigger`` is false, the project is that of the operator."""

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        triggered = checkpoint.request.auto_trigger
        return checkpoint.policy.project if triggered else "0605767fb280d5762fc2c0133bc6dd49"


@fault("extra-info-null-if-triggered", breaks="T6.extra_info.type")
class ExtraInfoNullIfTriggered(Service):
    """The additional information is null for the scheduler."""

    def checkpoint_extra_info(self, checkpoint: Checkpoint) -> object:
        triggered = checkpoint.request.auto_trigger
        return None if triggered else super().checkpoint_extra_info(checkpoint)


@fault("plan-name-missing-with-servers", breaks="T7.name.present")
class PlanNameMissingWithServers(Service):
    """Where servers are named, the policy is not loaded and its name is left out."""

    def checkpoint_protection_plan(self, checkpoint: Checkpoint) -> object:
        fields = super().checkpoint_protection_plan(checkpoint)
        return fields if checkpoint.request.resources is None else without(fields, "name")


@fault("plan-id-lost-with-one-server", breaks="T7.id.echo")
class PlanIdLostWithOneServer(Service):
    """A backup of one server belongs to the default policy."""

    def plan_id(self, checkpoint: Checkpoint) -> object:
        one = len(checkpoint.servers) == 1
        return "00000000-0000-0000-0000-000000000000" if one else checkpoint.policy.id


@fault("plan-id-null-on-every-second", breaks="T7.id.type")
class PlanIdNullOnEverySecond(Service):
    """One of two instances behind the balancer has not loaded the policies."""

    def plan_id(self, checkpoint: Checkpoint) -> object:
        return checkpoint.policy.id if len(self.executed) % 2 else None


@fault("servers-empty-for-whole-policies", breaks="T7.resources.not-empty")
class ServersEmptyForWholePolicies(Service):
    """Only servers that were named are listed."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return [] if checkpoint.request.resources is None else super().plan_resources(checkpoint)


@fault("one-server-is-no-list", breaks="T7.resources.type")
class OneServerIsNoList(Service):
    """A list of one is written as its element."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        rendered = [self.render_resource(server) for server in checkpoint.servers]
        return rendered[0] if len(rendered) == 1 else rendered


@fault("second-server-forgotten", breaks="T7.resources.asked")
class SecondServerForgotten(Service):
    """Of three servers, the second one is not listed."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return [
            self.render_resource(server)
            for at, server in enumerate(checkpoint.servers)
            if at != 1 or len(checkpoint.servers) < 3
        ]


@fault("server-by-its-place", breaks="T7.resources.asked")
class ServerByItsPlace(Service):
    """As many servers as were asked for are listed, but from the beginning of the policy."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        servers = self.policy_servers(checkpoint.policy)[: len(checkpoint.servers)]
        return [self.render_resource(server) for server in servers]


@fault("extra-info-null-on-the-last-server", breaks="T8.extra_info.type")
class ExtraInfoNullOnTheLastServer(Service):
    """The last server of the policy was imported, and has null for its additional information."""

    def resource_extra_info(self, server: Server) -> object:
        is_last = server == self.world.servers[-1]
        return None if is_last else super().resource_extra_info(server)


@fault("server-name-missing-beyond-latin-1", breaks="T8.name.present")
class ServerNameMissingBeyondLatin1(Service):
    """A name beyond Latin-1 is left out."""

    def render_resource(self, server: Server) -> object:
        fields = super().render_resource(server)
        return fields if server.name < "\u0100" else without(fields, "name")


@fault("server-name-null-beyond-ascii", breaks="T8.name.type")
class ServerNameNullBeyondAscii(Service):
    """A name beyond ASCII cannot be converted and becomes null."""

    def resource_name(self, server: Server) -> object:
        return server.name if server.name.isascii() else None


@fault("server-type-missing-on-the-second", breaks="T8.type.present")
class ServerTypeMissingOnTheSecond(Service):
    """A type that was written once is left out of the servers that follow."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        first, *others = map(self.render_resource, checkpoint.servers)
        return [first, *(without(server, "type") for server in others)]


@fault("server-type-of-the-first-only", breaks="T8.type.value")
class ServerTypeOfTheFirstOnly(Service):
    """The first server has the right type, the others an older one."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        first, *others = map(self.render_resource, checkpoint.servers)
        return [first, *(changed(server, type="server") for server in others)]


@fault("server-id-missing-after-an-error", breaks="T8.id.present")
class ServerIdMissingAfterAnError(Counts):
    """After a refusal, a cache of servers without their ids is used once."""

    def render_resource(self, server: Server) -> object:
        fields = super().render_resource(server)
        return without(fields, "id") if self.refused else fields


@fault("answer-as-text-if-triggered", breaks="T5.body.media-type")
class AnswerAsTextIfTriggered(Service):
    """The path of the scheduler forgets the media type."""

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        response = super().render_execution(checkpoint)
        return replace(response, headers=()) if checkpoint.request.auto_trigger else response


@fault("answer-unwrapped-with-servers", breaks="T5.checkpoint.present")
class AnswerUnwrappedWithServers(Service):
    """Where servers are named, the outer ``checkpoint`` is left out."""

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        if checkpoint.request.resources is None:
            return super().render_execution(checkpoint)
        return self.render(200, self.render_checkpoint(checkpoint))


@fault("trailing-bytes-on-the-fifth", breaks="T5.body.json")
class TrailingBytesOnTheFifth(Service):
    """The fifth answer to an execution has bytes of another behind it."""

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        response = super().render_execution(checkpoint)
        rest = b'"}' if len(self.executed) == 5 else b""
        return replace(response, body=response.body + rest)


@fault("created-if-triggered", breaks="S.listed")
class CreatedIfTriggered(Service):
    """The path of the scheduler answers 201."""

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        response = super().render_execution(checkpoint)
        return replace(response, status=201 if checkpoint.request.auto_trigger else 200)


@fault("created-the-first-time", breaks="S.listed")
class CreatedTheFirstTime(Service):
    """The first record of a policy answers 201, those after it 200."""

    def executed_status(self) -> int:
        return 200 if len(self.executed) > 1 else 201


@fault("every-seventh-answer-not-listed", breaks="S.listed")
class EverySeventhAnswerNotListed(Counts):
    """Every seventh answer comes from an instance that says 422 where the others say 400."""

    def render_refusal(self, refusal: Refusal) -> Response:
        odd = self.answered % 7 == 0 and refusal.status == 400
        return super().render_refusal(refusal.with_status(422) if odd else refusal)


@fault("every-seventh-error-in-html", breaks="EC.body.json")
class EverySeventhErrorInHtml(Counts):
    """Every seventh error is a page of the balancer."""

    def render_refusal(self, refusal: Refusal) -> Response:
        response = super().render_refusal(refusal)
        if self.answered % 7:
            return response
        return replace(response, headers=(("Content-Type", "text/html"),), body=b"<html></html>")


@fault("every-third-without-token", breaks="S401.no-token")
class EveryThirdWithoutToken(Service):
    """Every third request without a token meets an instance on which the check is off."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._without = 0

    def no_token(self) -> Refusal:
        self._without += 1
        return super().no_token()

    def authenticate(self, request: Request) -> Token:
        if not self.token_value(request) and self._without % 3 == 2:
            self._without += 1
            return self.world.tokens[0]
        return super().authenticate(request)


@fault("no-token-needed-after-an-execution", breaks="S401.no-token")
class NoTokenNeededAfterAnExecution(Service):
    """Once a policy was executed, nobody is asked for a token any more."""

    def authenticate(self, request: Request) -> Token:
        if self.executed and not self.token_value(request):
            return self.world.tokens[0]
        return super().authenticate(request)


@fault("any-token-after-an-execution", breaks="S401.bad-token")
class AnyTokenAfterAnExecution(Service):
    """Once a policy was executed, its session is taken for every token."""

    def authenticate(self, request: Request) -> Token:
        if self.executed and self.token_value(request):
            return self.world.tokens[0]
        return super().authenticate(request)


@fault("policy-kept-after-an-execution", breaks="S404.unknown-policy")
class PolicyKeptAfterAnExecution(Service):
    """Once a policy was executed, it is taken for any that is not found."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        last = self.executed[-1].policy if self.executed else None
        return super().look_up_policy(plan_id) or last


@fault("plan-id-kept-after-an-execution", breaks="T3.plan_id.mandatory")
class PlanIdKeptAfterAnExecution(Service):
    """Once a policy was executed, a missing ``plan_id`` is taken from the execution before."""

    def mandatory(self, fields: Mapping[str, object], name: str) -> object:
        if self.executed:
            fields = {"plan_id": self.executed[-1].policy.id, **fields} if fields else fields
        return super().mandatory(fields, name)


@fault("servers-kept-after-an-execution", breaks="S404.unknown-server")
class ServersKeptAfterAnExecution(Service):
    """Once a policy was executed, its servers stand in for those that are not found."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        try:
            return super().find_servers(resources, policy)
        except Refusal:
            if not self.executed:
                raise
            return self.executed[-1].servers


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


@fault("triggered-without-servers-refused", breaks="S200.executed")
class TriggeredWithoutServersRefused(Service):
    """The scheduler always names its servers, so ``auto_trigger`` true without them is refused."""

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        if wanted.auto_trigger and not wanted.resources:
            raise Refusal(403, "CSBS.0403", "No operation permission.")
        return super().execute(policy, servers, wanted)


@fault("servers-in-another-order-crash", breaks="S200.executed")
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
