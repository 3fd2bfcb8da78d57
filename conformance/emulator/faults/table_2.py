"""Faults in reading the body and its ``checkpoint`` (Table 2)."""
# ruff: noqa: D102

from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import CheckpointReq, Refusal
from conformance.emulator.service import Service


class HasDefaultPolicy(Service):
    """Takes the first policy where a request names none; no fault by itself."""

    @property
    def default_policy(self) -> str:
        """The id of the first policy."""
        return self.world.policies[0].id

    @property
    def default_request(self) -> CheckpointReq:
        """A request for the whole of the first policy."""
        return CheckpointReq(self.default_policy)


@fault("body-in-a-list", breaks="T2.body.type")
class BodyInAList(Service):
    """A list is taken as a batch, and its first element executed."""

    def read_body(self, body: object) -> CheckpointReq:
        return super().read_body(body[0] if self.is_list(body) and body else body)


@fault("body-encoded-twice", breaks="T2.body.type")
class BodyEncodedTwice(Service):
    """A string with JSON in it is parsed again: one client encodes its body twice."""

    def read_body(self, body: object) -> CheckpointReq:
        return super().read_body(self.parse_json(body) if self.is_string(body) else body)


@fault("null-body-is-the-default", breaks="T2.body.type")
class NullBodyIsTheDefault(HasDefaultPolicy):
    """The body null executes the first policy."""

    def read_body(self, body: object) -> CheckpointReq:
        return self.default_request if body is None else super().read_body(body)


@fault("falsy-body-is-the-default", breaks="T2.body.type")
class FalsyBodyIsTheDefault(HasDefaultPolicy):
    """``body or default``: 0, an empty string and an empty list execute the first policy."""

    def read_body(self, body: object) -> CheckpointReq:
        if body or self.is_object(body):
            return super().read_body(body)
        return self.default_request


@fault("scalar-body-not-found", breaks="T2.body.type")
class ScalarBodyNotFound(Service):
    """A body that is a single value is looked up as an id, and answered with 404."""

    def read_body(self, body: object) -> CheckpointReq:
        if not isinstance(body, dict | list):
            raise self.unknown_policy(str(body)).with_status(404)
        return super().read_body(body)


@fault("checkpoint-unwrapped", breaks="T2.checkpoint.mandatory")
class CheckpointUnwrapped(Service):
    """The outer ``checkpoint`` may be left out."""

    def read_body(self, body: object) -> CheckpointReq:
        if self.is_object(body) and "plan_id" in body:
            return self.read_checkpoint(body)
        return super().read_body(body)


@fault("checkpoint-under-any-name", breaks="T2.checkpoint.mandatory")
class CheckpointUnderAnyName(Service):
    """The first field is taken, whatever it is called."""

    def read_body(self, body: object) -> CheckpointReq:
        if self.is_object(body) and len(body) == 1:
            return self.read_checkpoint(next(iter(body.values())))
        return super().read_body(body)


@fault("empty-object-is-the-default", breaks="T2.checkpoint.mandatory")
class EmptyObjectIsTheDefault(HasDefaultPolicy):
    """An empty object executes the first policy."""

    def read_body(self, body: object) -> CheckpointReq:
        return self.default_request if body == {} else super().read_body(body)


@fault("missing-checkpoint-not-found", breaks="T2.checkpoint.mandatory")
class MissingCheckpointNotFound(Service):
    """A missing ``checkpoint`` is answered with 404."""

    def missing_field(self, name: str) -> Refusal:
        refusal = super().missing_field(name)
        return refusal.with_status(404) if name == "checkpoint" else refusal


@fault("checkpoint-encoded-twice", breaks="T2.checkpoint.type")
class CheckpointEncodedTwice(Service):
    """``checkpoint`` may be a string that holds JSON."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        if self.is_string(checkpoint):
            checkpoint = self.parse_json(checkpoint)
        return super().read_checkpoint(checkpoint)


@fault("checkpoint-in-a-list", breaks="T2.checkpoint.type")
class CheckpointInAList(Service):
    """``checkpoint`` may be a list, whose first element is taken."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        is_full = self.is_list(checkpoint) and checkpoint
        return super().read_checkpoint(checkpoint[0] if is_full else checkpoint)  # type: ignore[index]


@fault("null-checkpoint-is-the-default", breaks="T2.checkpoint.type")
class NullCheckpointIsTheDefault(HasDefaultPolicy):
    """``checkpoint`` null executes the first policy."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        return self.default_request if checkpoint is None else super().read_checkpoint(checkpoint)


@fault("empty-list-as-checkpoint", breaks="T2.checkpoint.type")
class EmptyListAsCheckpoint(HasDefaultPolicy):
    """An empty list passes for an empty object (PHP), and the first policy is executed."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        return self.default_request if checkpoint == [] else super().read_checkpoint(checkpoint)


@fault("checkpoint-of-wrong-type-forbidden", breaks="T2.checkpoint.type")
class CheckpointOfWrongTypeForbidden(Service):
    """A ``checkpoint`` that is no object is refused with 403, by a rule of the gateway."""

    def wrong_type(self, name: str, wanted: str) -> Refusal:
        refusal = super().wrong_type(name, wanted)
        return refusal.with_status(403) if name == "checkpoint" else refusal
