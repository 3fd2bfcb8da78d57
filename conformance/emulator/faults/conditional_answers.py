"""Faults in answers to requests that have something in particular."""
# ruff: noqa: D102

from dataclasses import replace

from conformance.emulator.faults.parts import changed, without
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Checkpoint, Response
from conformance.emulator.service import Service
from conformance.emulator.world import Server


@fault("status-in-capitals-if-triggered", breaks="T6.status.values")
class StatusInCapitalsIfTriggered(Service):
    """The path of the scheduler writes the status in capitals."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        status = self.status_of(checkpoint)
        return status.upper() if checkpoint.request.auto_trigger else status


@fault("time-missing-if-triggered", breaks="T6.created_at.present")
class TimeMissingIfTriggered(Service):
    """With ``auto_trigger`` true, the time is left out."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        fields = super().render_checkpoint(checkpoint)
        return without(fields, "created_at") if checkpoint.request.auto_trigger else fields


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


@fault("graph-is-an-object-with-two-servers", breaks="T6.resource_graph.type")
class GraphIsAnObjectWithTwoServers(Service):
    """With several servers the graph is there, and is an object."""

    def checkpoint_resource_graph(self, checkpoint: Checkpoint) -> object:
        return {"root": []} if len(checkpoint.request.resources or ()) > 1 else None


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
