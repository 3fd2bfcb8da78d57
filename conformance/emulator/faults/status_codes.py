"""Faults in status codes: those that the page does not list, and none where 200 is due."""
# ruff: noqa: D102

from conformance.emulator.faults.registry import HIDDEN, fault
from conformance.emulator.messages import (
    Checkpoint,
    CheckpointReq,
    Refusal,
    Request,
    Response,
)
from conformance.emulator.service import Service
from conformance.emulator.world import Policy, Server


@fault("created", breaks="S.listed")
class Created(Service):
    """An execution is answered with 201, as POST usually is."""

    def executed_status(self) -> int:
        return 201


@fault("accepted", breaks="S.listed")
class Accepted(Service):
    """An execution is answered with 202, as the backup has only begun."""

    def executed_status(self) -> int:
        return 202


@fault("no-content", breaks="S.listed")
class NoContent(Service):
    """An execution is answered with 204 and nothing."""

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        return Response(204)


@fault("redirect-to-the-checkpoint", breaks="S.listed")
class RedirectToTheCheckpoint(Service):
    """An execution is answered with a redirect to the new record."""

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        return Response(303, (("Location", f"/v1/checkpoints/{checkpoint.id}"),))


@fault("unprocessable", breaks="S.listed")
class Unprocessable(Service):
    """A wrong type is refused with 422, the default of the framework."""

    def wrong_type(self, name: str, wanted: str) -> Refusal:
        return super().wrong_type(name, wanted).with_status(422)


@fault("missing-field-unprocessable", breaks="S.listed")
class MissingFieldUnprocessable(Service):
    """A missing field is refused with 422."""

    def missing_field(self, name: str) -> Refusal:
        return super().missing_field(name).with_status(422)


@fault("no-token-to-the-login", breaks="S.listed")
class NoTokenToTheLogin(Service):
    """A request without a token is redirected to a login page."""

    def no_token(self) -> Refusal:
        return Refusal(302, "CSBS.0401", "log in", (("Location", "https://login.invalid/"),))


@fault("policy-gone", breaks="S.listed")
class PolicyGone(Service):
    """A policy that does not exist is gone: 410."""

    def unknown_policy(self, plan_id: str) -> Refusal:
        return super().unknown_policy(plan_id).with_status(410)


@fault("duplicate-servers-conflict", breaks="S.listed", on={"strict": HIDDEN})
class DuplicateServersConflict(Service):
    """A server named twice is a conflict: 409."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        named = super().read_resources(resources)
        if len(set(named or ())) < len(named or ()):
            raise Refusal(409, "CSBS.0409", "Conflict.")
        return named


@fault("other-media-type-not-acceptable", breaks="S.listed", on={"lax": HIDDEN})
class OtherMediaTypeNotAcceptable(Service):
    """Another media type is refused with 406, which is about answers."""

    def other_media_type(self) -> Refusal:
        return super().other_media_type().with_status(406)


@fault("expectation-refused", breaks="S.listed")
class ExpectationRefused(Service):
    """No expectation is met, not even that of 100: 417."""

    def answer(self, request: Request) -> Response:
        if request.header("Expect"):
            raise Refusal(417, "CSBS.0417", "Expectation failed.")
        return super().answer(request)


@fault("language-not-acceptable", breaks="S.listed")
class LanguageNotAcceptable(Service):
    """Whoever does not take English is refused with 406."""

    def answer(self, request: Request) -> Response:
        languages = request.header("Accept-Language") or "en"
        if "en" not in languages:
            raise Refusal(406, "CSBS.0406", "Not acceptable.")
        return super().answer(request)


@fault("long-plan-id-too-large", breaks="S.listed")
class LongPlanIdTooLarge(Service):
    """A policy id longer than its column is refused with 413, however small the body is."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        if 36 < len(plan_id) < 100:
            raise self.body_too_large(36)
        return super().look_up_policy(plan_id)


@fault("wrong-provider-not-allowed", breaks="S.listed")
class WrongProviderNotAllowed(Service):
    """The route of another provider knows no POST: 405."""

    def wrong_provider(self, provider_id: str) -> Refusal:
        return self.method_not_allowed("GET")


@fault("servers-cost-extra", breaks="S.listed")
class ServersCostExtra(Service):
    """The back end of billing answers 402 where servers are named."""

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        if wanted.resources:
            raise Refusal(402, "CSBS.0402", "Payment required.")
        return super().execute(policy, servers, wanted)


@fault("tenth-execution-refused", breaks="S200.executed")
class TenthExecutionRefused(Service):
    """After nine executions everything valid is refused with 400, for a reason of its own."""

    def check_quota(self) -> None:
        if len(self.executed) >= 9:
            raise self.malformed_body("no room")
