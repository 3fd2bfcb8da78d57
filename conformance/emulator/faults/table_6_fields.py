"""Faults in the other fields of the checkpoint (Table 6)."""
# ruff: noqa: D102

from conformance.emulator.faults.parts import without
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Checkpoint
from conformance.emulator.service import Service
from conformance.emulator.world import PROVIDER_ID


@fault("checkpoint-id-missing", breaks="T6.id.present")
class CheckpointIdMissing(Service):
    """The id is left out."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        return without(super().render_checkpoint(checkpoint), "id")


@fault("checkpoint-id-is-a-number", breaks="T6.id.type")
class CheckpointIdIsANumber(Service):
    """The id is the number of a row."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return len(self.executed)


@fault("checkpoint-id-is-null", breaks="T6.id.type")
class CheckpointIdIsNull(Service):
    """The id is null until the backup has been stored."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return None


@fault("checkpoint-id-is-empty", breaks="T6.id.not-empty", follows=("T6.id.unique",))
class CheckpointIdIsEmpty(Service):
    """The id is an empty string."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return ""


@fault("checkpoint-id-of-the-example", breaks="T6.id.unique")
class CheckpointIdOfTheExample(Service):
    """The id is always that of the example."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return "14626f11-b54a-44ea-8e69-7463e527506a"


@fault("checkpoint-id-of-the-policy", breaks="T6.id.unique")
class CheckpointIdOfThePolicy(Service):
    """The id is that of the policy."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return checkpoint.policy.id


@fault("checkpoint-id-after-five-again", breaks="T6.id.unique")
class CheckpointIdAfterFiveAgain(Service):
    """The pool has five ids, and begins again with the first."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return f"checkpoint-{len(self.executed) % 5}"


@fault("checkpoint-id-by-the-day", breaks="T6.id.unique")
class CheckpointIdByTheDay(Service):
    """The id is made from the date."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return f"{checkpoint.created_at:%Y%m%d}"


@fault("checkpoint-id-of-the-server", breaks="T6.id.unique")
class CheckpointIdOfTheServer(Service):
    """The id is made from the first server."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return f"backup-of-{checkpoint.servers[0].id}"


@fault("resource-graph-missing", breaks="T6.resource_graph.present")
class ResourceGraphMissing(Service):
    """A graph that is null is left out, as the writer does with every null."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        return without(super().render_checkpoint(checkpoint), "resource_graph")


@fault("resource-graph-is-an-object", breaks="T6.resource_graph.type")
class ResourceGraphIsAnObject(Service):
    """The graph is an object."""

    def checkpoint_resource_graph(self, checkpoint: Checkpoint) -> object:
        return {}


@fault("resource-graph-is-a-list", breaks="T6.resource_graph.type")
class ResourceGraphIsAList(Service):
    """The graph is a list of its edges."""

    def checkpoint_resource_graph(self, checkpoint: Checkpoint) -> object:
        return []


@fault("resource-graph-is-false", breaks="T6.resource_graph.type")
class ResourceGraphIsFalse(Service):
    """The graph is false where there is none."""

    def checkpoint_resource_graph(self, checkpoint: Checkpoint) -> object:
        return False


@fault("project-id-missing", breaks="T6.project_id.present")
class ProjectIdMissing(Service):
    """The project is left out."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        return without(super().render_checkpoint(checkpoint), "project_id")


@fault("project-id-is-null", breaks="T6.project_id.type")
class ProjectIdIsNull(Service):
    """The project is null."""

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        return None


@fault("project-id-is-an-object", breaks="T6.project_id.type")
class ProjectIdIsAnObject(Service):
    """The project is an object with its id."""

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        return {"id": checkpoint.policy.project}


@fault("project-id-is-a-number", breaks="T6.project_id.type")
class ProjectIdIsANumber(Service):
    """The project is the number of its row."""

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        return 1


@fault("project-id-of-the-example", breaks="T6.project_id.echo")
class ProjectIdOfTheExample(Service):
    """The project is a constant left over from a test."""

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        return "0605767fb280d5762fc2c0133bc6dd49"


@fault("project-id-is-the-provider", breaks="T6.project_id.echo")
class ProjectIdIsTheProvider(Service):
    """The provider is given as the project."""

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        return PROVIDER_ID


@fault("project-id-is-empty", breaks="T6.project_id.echo")
class ProjectIdIsEmpty(Service):
    """The project is an empty string."""

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        return ""


@fault("project-id-cut", breaks="T6.project_id.echo")
class ProjectIdCut(Service):
    """The column is too short for the project."""

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        return checkpoint.policy.project[:31]


@fault("protection-plan-missing", breaks="T6.protection_plan.present")
class ProtectionPlanMissing(Service):
    """The policy is left out."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        return without(super().render_checkpoint(checkpoint), "protection_plan")


@fault("protection-plan-is-null", breaks="T6.protection_plan.type")
class ProtectionPlanIsNull(Service):
    """The policy is null."""

    def checkpoint_protection_plan(self, checkpoint: Checkpoint) -> object:
        return None


@fault("protection-plan-is-its-id", breaks="T6.protection_plan.type")
class ProtectionPlanIsItsId(Service):
    """The policy is only its id."""

    def checkpoint_protection_plan(self, checkpoint: Checkpoint) -> object:
        return checkpoint.policy.id


@fault("protection-plan-is-a-list", breaks="T6.protection_plan.type")
class ProtectionPlanIsAList(Service):
    """The policy is a list of one."""

    def checkpoint_protection_plan(self, checkpoint: Checkpoint) -> object:
        return [super().checkpoint_protection_plan(checkpoint)]


@fault("extra-info-is-an-object", breaks="T6.extra_info.type")
class ExtraInfoIsAnObject(Service):
    """The additional information is an object, not a string that holds one."""

    def checkpoint_extra_info(self, checkpoint: Checkpoint) -> object:
        return {"created_by": "manual"}


@fault("extra-info-is-null", breaks="T6.extra_info.type")
class ExtraInfoIsNull(Service):
    """The additional information is null."""

    def checkpoint_extra_info(self, checkpoint: Checkpoint) -> object:
        return None


@fault("extra-info-is-a-list", breaks="T6.extra_info.type")
class ExtraInfoIsAList(Service):
    """The additional information is a list of pairs."""

    def checkpoint_extra_info(self, checkpoint: Checkpoint) -> object:
        return [{"key": "created_by", "value": "manual"}]
