"""A service that reads more than it can carry out; no fault by itself."""

from collections.abc import Mapping

from conformance.emulator.faults.parts import crash
from conformance.emulator.messages import Checkpoint, CheckpointReq, Refusal
from conformance.emulator.service import Service
from conformance.emulator.world import Policy, Server


class Late(Service):
    """Accepts some parameters, and cannot start the backup that they ask for."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        """Whether the backup cannot be started with these ``parameters``."""
        return False

    def doom(self) -> Refusal:
        """Return what the client then sees: 500."""
        return crash()

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        """Read ``parameters``, and note whether they can be carried out."""
        fields = super().read_parameters(parameters)
        self._doomed = self.dooms(fields)
        return fields

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        """Start the backup, if it can be started."""
        if self._doomed:
            raise self.doom()
        return super().execute(policy, servers, wanted)
