"""Faults in the policy of the response (Table 7)."""
# ruff: noqa: D102

from conformance.emulator.faults.parts import without
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Checkpoint
from conformance.emulator.service import Service


@fault("plan-id-missing", breaks="T7.id.present")
class PlanIdMissing(Service):
    """The id of the policy is left out."""

    def checkpoint_protection_plan(self, checkpoint: Checkpoint) -> object:
        return without(super().checkpoint_protection_plan(checkpoint), "id")


@fault("plan-id-is-a-number", breaks="T7.id.type")
class PlanIdIsANumber(Service):
    """The id of the policy is the number of a row."""

    def plan_id(self, checkpoint: Checkpoint) -> object:
        return 17


@fault("plan-id-is-null", breaks="T7.id.type")
class PlanIdIsNull(Service):
    """The id of the policy is null."""

    def plan_id(self, checkpoint: Checkpoint) -> object:
        return None


@fault("plan-id-of-another", breaks="T7.id.echo")
class PlanIdOfAnother(Service):
    """The id is that of another policy."""

    def plan_id(self, checkpoint: Checkpoint) -> object:
        return "6a6cda7e-7b89-4b14-8e5c-3b6821a97d2c"


@fault("plan-id-is-the-checkpoints", breaks="T7.id.echo")
class PlanIdIsTheCheckpoints(Service):
    """The id of the policy is that of the checkpoint."""

    def plan_id(self, checkpoint: Checkpoint) -> object:
        return checkpoint.id


@fault("plan-id-is-empty", breaks="T7.id.echo")
class PlanIdIsEmpty(Service):
    """The id of the policy is an empty string."""

    def plan_id(self, checkpoint: Checkpoint) -> object:
        return ""


@fault("plan-id-is-the-name", breaks="T7.id.echo")
class PlanIdIsTheName(Service):
    """The id of the policy is its name."""

    def plan_id(self, checkpoint: Checkpoint) -> object:
        return checkpoint.policy.name


@fault("plan-name-missing", breaks="T7.name.present")
class PlanNameMissing(Service):
    """The name of the policy is left out."""

    def checkpoint_protection_plan(self, checkpoint: Checkpoint) -> object:
        return without(super().checkpoint_protection_plan(checkpoint), "name")


@fault("plan-name-is-null", breaks="T7.name.type")
class PlanNameIsNull(Service):
    """The name of the policy is null."""

    def plan_name(self, checkpoint: Checkpoint) -> object:
        return None


@fault("plan-name-is-an-object", breaks="T7.name.type")
class PlanNameIsAnObject(Service):
    """The name of the policy is translated: an object by language."""

    def plan_name(self, checkpoint: Checkpoint) -> object:
        return {"en": checkpoint.policy.name}


@fault("plan-name-is-bytes", breaks="T7.name.type")
class PlanNameIsBytes(Service):
    """The name of the policy is a list of its bytes."""

    def plan_name(self, checkpoint: Checkpoint) -> object:
        return list(checkpoint.policy.name.encode())


@fault("plan-resources-missing", breaks="T7.resources.present")
class PlanResourcesMissing(Service):
    """The servers are left out."""

    def checkpoint_protection_plan(self, checkpoint: Checkpoint) -> object:
        return without(super().checkpoint_protection_plan(checkpoint), "resources")


@fault("plan-resources-null", breaks="T7.resources.type")
class PlanResourcesNull(Service):
    """The servers are null."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return None


@fault("plan-resources-counted", breaks="T7.resources.type")
class PlanResourcesCounted(Service):
    """The servers are only counted."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return len(checkpoint.servers)


@fault("plan-resources-one-object", breaks="T7.resources.type")
class PlanResourcesOneObject(Service):
    """A list of one server is written as that server, as converters from XML do."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return self.render_resource(checkpoint.servers[0])


@fault("plan-resources-by-id", breaks="T7.resources.type")
class PlanResourcesById(Service):
    """The servers are an object by id."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return {server.id: self.render_resource(server) for server in checkpoint.servers}


@fault("plan-resources-empty", breaks="T7.resources.not-empty", follows=("T7.resources.asked",))
class PlanResourcesEmpty(Service):
    """The list of servers is filled in later and empty in the response."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return []


@fault("plan-resources-first-only", breaks="T7.resources.asked")
class PlanResourcesFirstOnly(Service):
    """Only the first server is listed."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return [self.render_resource(server) for server in checkpoint.servers[:1]]


@fault("plan-resources-without-last", breaks="T7.resources.asked")
class PlanResourcesWithoutLast(Service):
    """A loop ends one too early: with several servers, the last is not listed."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return [
            self.render_resource(server)
            for server in checkpoint.servers[: max(1, len(checkpoint.servers) - 1)]
        ]


@fault("plan-resources-of-the-policy-head", breaks="T7.resources.asked")
class PlanResourcesOfThePolicyHead(Service):
    """The first server of the policy is listed, whichever was asked for."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return [self.render_resource(self.policy_servers(checkpoint.policy)[0])]


@fault("plan-resources-are-ids", breaks="T7.resources.items", follows=("T7.resources.asked",))
class PlanResourcesAreIds(Service):
    """The servers are listed by id only."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return [server.id for server in checkpoint.servers]


@fault("plan-resources-end-in-null", breaks="T7.resources.items")
class PlanResourcesEndInNull(Service):
    """The list of servers ends in null."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return [*map(self.render_resource, checkpoint.servers), None]


@fault("plan-resources-nested", breaks="T7.resources.items", follows=("T7.resources.asked",))
class PlanResourcesNested(Service):
    """The servers are a list of lists, one for each zone."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return [[self.render_resource(server)] for server in checkpoint.servers]
