"""Records of executions as OpenStack Karbor shows them: each by itself, and no list of backups."""

from conformance.emulator.messages import Checkpoint, Request, Response
from conformance.emulator.service import Service


class KarborRecords(Service):
    """A service that shows a record at its own address, and has no list of backups."""

    def answer(self, request: Request) -> Response:
        """Answer a request; every step may raise Refusal."""
        match request.method, request.segments:
            case "GET", ("v1", _, "checkpoint_items"):
                raise self.unknown_path()
            case "GET", ("v1", project_id, "providers", _, "checkpoints", record_id):
                self.admitted(request, project_id)
                return self.show_record(record_id)
        return super().answer(request)

    def show_record(self, record_id: str) -> Response:
        """Answer with the record of an execution."""
        for record in self.executed:
            if record.id == record_id:
                return self.render(200, {"checkpoint": self.render_record(record)})
        raise self.unknown_path()

    def render_record(self, record: Checkpoint) -> object:
        """Render a record as it is later."""
        return self.render_checkpoint(record)
