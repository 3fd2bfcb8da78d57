"""From an execution or a refusal to the response (tables 5, 6, 7 and 8, status codes).

The methods for single fields return ``object``, so that a subclass can render anything.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from conformance.emulator.messages import (
    Checkpoint,
    CheckpointStatus,
    Headers,
    Refusal,
    Response,
)
from conformance.emulator.world import Server, World


class Rendering:
    """The steps that write a response, one method for each field."""

    world: World
    clock: Callable[[], datetime]

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        """Return the response to an executed request (table 5)."""
        body = {"checkpoint": self.render_checkpoint(checkpoint)}
        return self.render(self.executed_status(), body)

    def render_refusal(self, refusal: Refusal) -> Response:
        """Return the response to a refused request."""
        return self.render(refusal.status, self.error_body(refusal), refusal.headers)

    def render(self, status: int, value: object, headers: Headers = ()) -> Response:
        """Return a response with ``value`` as its JSON body."""
        content_type = ("Content-Type", self.content_type())
        return Response(status, (content_type, *headers), self.encode_json(value))

    def executed_status(self) -> int:
        """Return the status code of an executed request."""
        return 200

    def content_type(self) -> str:
        """Return the media type of every response (RFC 8259 section 11: no parameters)."""
        return "application/json"

    def encode_json(self, value: object) -> bytes:
        """Encode in UTF-8; what UTF-8 cannot hold becomes a JSON escape."""
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")

    def error_body(self, refusal: Refusal) -> object:
        """Return the body of a refusal (Error Codes page)."""
        return {"error_code": refusal.code, "error_msg": refusal.message}

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        """Render ``checkpoint_resp`` (table 6)."""
        return {
            "status": self.checkpoint_status(checkpoint),
            "created_at": self.checkpoint_created_at(checkpoint),
            "id": self.checkpoint_id(checkpoint),
            "resource_graph": self.checkpoint_resource_graph(checkpoint),
            "project_id": self.checkpoint_project_id(checkpoint),
            "protection_plan": self.checkpoint_protection_plan(checkpoint),
            "extra_info": self.checkpoint_extra_info(checkpoint),
        }

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        """Render ``status`` (table 6)."""
        return self.status_of(checkpoint)

    def status_of(self, checkpoint: Checkpoint) -> CheckpointStatus:
        """Return the status at this moment: protecting, and after ``advance_seconds`` available."""
        age = self.clock() - checkpoint.created_at
        if age < timedelta(seconds=self.world.settings.advance_seconds):
            return CheckpointStatus.PROTECTING
        return CheckpointStatus.AVAILABLE

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        """Render ``created_at`` (table 6)."""
        return self.time_text(checkpoint.created_at)

    def time_text(self, moment: datetime) -> str:
        """Write a moment in UTC as the example does: six digits, no offset."""
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        """Render ``id`` (table 6)."""
        return checkpoint.id

    def checkpoint_resource_graph(self, checkpoint: Checkpoint) -> object:
        """Render ``resource_graph`` (table 6): null, as only whole systems are backed up."""
        return None

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        """Render ``project_id`` (table 6)."""
        return checkpoint.policy.project

    def checkpoint_extra_info(self, checkpoint: Checkpoint) -> object:
        """Render ``extra_info`` (table 6): a string that holds JSON."""
        created_by = "auto" if checkpoint.request.auto_trigger else "manual"
        return json.dumps({"created_by": created_by})

    def checkpoint_protection_plan(self, checkpoint: Checkpoint) -> object:
        """Render ``plan_resp`` (table 7)."""
        return {
            "id": self.plan_id(checkpoint),
            "name": self.plan_name(checkpoint),
            "resources": self.plan_resources(checkpoint),
        }

    def plan_id(self, checkpoint: Checkpoint) -> object:
        """Render ``id`` (table 7)."""
        return checkpoint.policy.id

    def plan_name(self, checkpoint: Checkpoint) -> object:
        """Render ``name`` (table 7)."""
        return checkpoint.policy.name

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        """Render ``resources`` (table 7): the servers that are backed up."""
        return [self.render_resource(server) for server in checkpoint.servers]

    def render_resource(self, server: Server) -> object:
        """Render ``resource`` (table 8)."""
        return {
            "id": self.resource_id(server),
            "type": self.resource_type(server),
            "name": self.resource_name(server),
            "extra_info": self.resource_extra_info(server),
        }

    def resource_id(self, server: Server) -> object:
        """Render ``id`` (table 8)."""
        return server.id

    def resource_type(self, server: Server) -> object:
        """Render ``type`` (table 8: the value is fixed)."""
        return "OS::Nova::Server"

    def resource_name(self, server: Server) -> object:
        """Render ``name`` (table 8)."""
        return server.name

    def resource_extra_info(self, server: Server) -> object:
        """Render ``extra_info`` (table 8): a string that holds JSON."""
        return "{}"
