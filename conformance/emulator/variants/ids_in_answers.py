"""Ids and names in answers with a checkpoint, as servers choose or write them."""
# ruff: noqa: D102

import secrets
import uuid

from conformance.emulator.messages import Checkpoint
from conformance.emulator.service import Service
from conformance.emulator.variants.objects import AllLenient
from conformance.emulator.variants.registry import variant
from conformance.emulator.world import Server


@variant("ids-opaque")
class IdsOpaque(Service):
    """Ids of checkpoints are random characters of no known form."""

    def new_checkpoint_id(self) -> str:
        return f"{secrets.token_urlsafe(12)}/=+"


@variant("ids-numeric")
class IdsNumeric(Service):
    """Ids of checkpoints are strings of digits that count up, from a single one."""

    def new_checkpoint_id(self) -> str:
        return str(len(self.executed))


@variant("ids-in-capitals")
class IdsInCapitals(Service):
    """Ids of checkpoints are UUIDs in capitals."""

    def new_checkpoint_id(self) -> str:
        return super().new_checkpoint_id().upper()


@variant("ids-by-time")
class IdsByTime(Service):
    """Ids of checkpoints are UUIDs of version 1: most of their digits are the same."""

    def new_checkpoint_id(self) -> str:
        return uuid.uuid1().hex


@variant("ids-differ-in-case")
class IdsDifferInCase(Service):
    """Ids of checkpoints differ in nothing but the case of their letters."""

    def new_checkpoint_id(self) -> str:
        bits = f"{len(self.executed):08b}"
        return "".join("G" if bit == "1" else "g" for bit in bits)


@variant("ids-long")
class IdsLong(Service):
    """Ids of checkpoints have a thousand characters, not of ASCII; only the last ones differ."""

    def new_checkpoint_id(self) -> str:
        return "备" * 1000 + str(len(self.executed))


@variant("echo-in-capitals")
class EchoInCapitals(Service):
    """The UUIDs of project, policy and servers come back in capitals."""

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        return checkpoint.policy.project.upper()

    def plan_id(self, checkpoint: Checkpoint) -> object:
        return checkpoint.policy.id.upper()

    def resource_id(self, server: Server) -> object:
        return server.id.upper()


@variant("echo-with-hyphens")
class EchoWithHyphens(Service):
    """The id of the project comes back with the hyphens of a UUID."""

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        return str(uuid.UUID(checkpoint.policy.project))


@variant("echo-without-hyphens")
class EchoWithoutHyphens(Service):
    """The ids of policy and servers come back without hyphens."""

    def plan_id(self, checkpoint: Checkpoint) -> object:
        return uuid.UUID(checkpoint.policy.id).hex

    def resource_id(self, server: Server) -> object:
        return uuid.UUID(server.id).hex


@variant("echo-as-sent")
class EchoAsSent(AllLenient):
    """Ids are found in any case, and the policy's comes back as it was sent."""

    def plan_id(self, checkpoint: Checkpoint) -> object:
        return checkpoint.request.plan_id


@variant("names-empty")
class NamesEmpty(Service):
    """Policy and servers have empty names."""

    def plan_name(self, checkpoint: Checkpoint) -> object:
        return ""

    def resource_name(self, server: Server) -> object:
        return ""


@variant("names-odd")
class NamesOdd(Service):
    """Policy and servers have names with quotes, control characters and all of Unicode."""

    def plan_name(self, checkpoint: Checkpoint) -> object:
        return 'null"\\/\x00\x1f\x7f\u2028\ufeff\U0001f4be{{token}}<script>'

    def resource_name(self, server: Server) -> object:
        return f"{server.name}\r\n\t" * 400


@variant("names-half-a-pair")
class NamesHalfAPair(Service):
    """The name of the policy has half a surrogate pair, as an escape (RFC 8259 section 8.2)."""

    def plan_name(self, checkpoint: Checkpoint) -> object:
        return "half \ud83d"
