"""Answers with a checkpoint that use the freedom of tables 5 to 8."""
# ruff: noqa: D102

import json
from dataclasses import replace

from conformance.emulator.messages import Checkpoint, CheckpointStatus, Headers, Refusal, Response
from conformance.emulator.service import Service
from conformance.emulator.variants.registry import variant
from conformance.emulator.world import Server


class Edited(Service):
    """Renders as the reference does, and then changes what it rendered."""

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        value = self.render_checkpoint(checkpoint)
        assert isinstance(value, dict)
        body: dict[str, object] = {"checkpoint": value}
        self.edit(body, value, value["protection_plan"])
        return self.render(self.executed_status(), body)

    def edit(
        self, body: dict[str, object], checkpoint: dict[str, object], plan: dict[str, object]
    ) -> None:
        """Change the parts of a response in place."""


@variant("extra-fields")
class ExtraFields(Edited):
    """Every object of the response has fields that the tables do not have."""

    def edit(
        self, body: dict[str, object], checkpoint: dict[str, object], plan: dict[str, object]
    ) -> None:
        more = {"links": [{"rel": "self"}], "tags": None, "": 0, "size": 1e300, "STATUS": "new"}
        body.update(more)
        checkpoint.update(more, type=7, name=None, resources=[])
        plan.update(more, status="suspended", created_at=0)

    def render_resource(self, server: Server) -> object:
        return {**_object(super().render_resource(server)), "status": "SHUTOFF", "volumes": {}}


@variant("extra-numbers")
class ExtraNumbers(ExtraFields):
    """The response has numbers of thousands of digits and beyond any double."""

    def render(self, status: int, value: object, headers: Headers = ()) -> Response:
        response = super().render(status, value, headers)
        numbers = b'{"n": [%s, 1e999, -0, 0.1E-9999, -1E+2], ' % (b"7" * 5000)
        return replace(response, body=response.body.replace(b"{", numbers, 1))


class Padded(Edited):
    """Adds ``padding`` to the response."""

    padding: object = None

    def edit(
        self, body: dict[str, object], checkpoint: dict[str, object], plan: dict[str, object]
    ) -> None:
        checkpoint["padding"] = self.padding


@variant("answer-large")
class AnswerLarge(Padded):
    """The response has 900 000 bytes."""

    padding = "a" * 900_000


@variant("answer-huge", inconclusive=True)
class AnswerHuge(Padded):
    """The response has two million bytes, perhaps more than a client will read."""

    padding = "a" * 2_000_000


class Deep(Service):
    """Adds a field that is nested ``depth`` deep to the response."""

    depth = 300

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        response = super().render_execution(checkpoint)
        nested = b'{"more": %s%s, ' % (b"[" * self.depth, b"]" * self.depth)
        return replace(response, body=response.body.replace(b"{", nested, 1))


@variant("answer-deep")
class AnswerDeep(Deep):
    """The response has a field that is nested 300 deep."""


@variant("answer-bottomless", inconclusive=True)
class AnswerBottomless(Deep):
    """The response has a field that is nested 100 000 deep, perhaps more than a client follows."""

    depth = 100_000


@variant("second-checkpoint")
class SecondCheckpoint(Edited):
    """The response repeats the id beside the checkpoint, and lists it a second time."""

    def edit(
        self, body: dict[str, object], checkpoint: dict[str, object], plan: dict[str, object]
    ) -> None:
        body.update(id=checkpoint["id"], checkpoints=[dict(checkpoint)])


@variant("no-extra-info")
class NoExtraInfo(Edited):
    """The checkpoint has no extra_info."""

    def edit(
        self, body: dict[str, object], checkpoint: dict[str, object], plan: dict[str, object]
    ) -> None:
        del checkpoint["extra_info"]


@variant("no-extra-info-of-resources")
class NoExtraInfoOfResources(Service):
    """The resources have no extra_info."""

    def render_resource(self, server: Server) -> object:
        resource = _object(super().render_resource(server))
        del resource["extra_info"]
        return resource


@variant("no-extra-info-at-all")
class NoExtraInfoAtAll(NoExtraInfo, NoExtraInfoOfResources):
    """Neither the checkpoint nor the resources have extra_info."""


@variant("extra-info-text")
class ExtraInfoText(Service):
    """extra_info is text that is no JSON: empty for resources."""

    def checkpoint_extra_info(self, checkpoint: Checkpoint) -> object:
        return 'created "by hand" {'

    def resource_extra_info(self, server: Server) -> object:
        return ""


@variant("resource-graph-text")
class ResourceGraphText(Service):
    """resource_graph is a string."""

    def checkpoint_resource_graph(self, checkpoint: Checkpoint) -> object:
        return json.dumps({server.id: [] for server in checkpoint.servers})


@variant("resource-graph-empty")
class ResourceGraphEmpty(Service):
    """resource_graph is the empty string."""

    def checkpoint_resource_graph(self, checkpoint: Checkpoint) -> object:
        return ""


@variant("whole-policy-listed")
class WholePolicyListed(Service):
    """The response lists all servers of the policy, whichever were asked for."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return [self.render_resource(server) for server in self.policy_servers(checkpoint.policy)]


@variant("resources-reordered")
class ResourcesReordered(Service):
    """The servers are listed by id in descending order."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        servers = sorted(checkpoint.servers, key=lambda server: server.id, reverse=True)
        return [self.render_resource(server) for server in servers]


@variant("resources-listed-twice")
class ResourcesListedTwice(Service):
    """Every server is listed twice."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return [self.render_resource(server) for server in checkpoint.servers * 2]


@variant("status-available")
class StatusAvailable(Service):
    """A backup is available at once."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return CheckpointStatus.AVAILABLE


@variant("status-error")
class StatusError(Service):
    """A backup fails at once, and the response says so."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return CheckpointStatus.ERROR


@variant("status-deleting")
class StatusDeleting(Service):
    """A backup is deleted as soon as it is made."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return CheckpointStatus.DELETING


@variant("status-varies")
class StatusVaries(Service):
    """The status is another one each time."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return list(CheckpointStatus)[len(self.executed) % len(CheckpointStatus)]


@variant("refusals-like-a-checkpoint")
class RefusalsLikeACheckpoint(Service):
    """An error body has the fields of a response beside those of an error, all null."""

    def error_body(self, refusal: Refusal) -> object:
        return {"checkpoint": None, **_object(super().error_body(refusal))}


def _object(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value
