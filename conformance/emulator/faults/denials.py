"""Faults that deny requests service for good: another error of servers, 429, or nothing at all."""
# ruff: noqa: D102

from conformance.emulator.faults.parts import HANG_UP, SILENCE, crash, unavailable
from conformance.emulator.faults.registry import HIDDEN, fault
from conformance.emulator.messages import Checkpoint, CheckpointReq, Refusal, Request, Response
from conformance.emulator.service import Service
from conformance.emulator.world import Policy, Server, Token

REFUSED_ON = {
    "mixed": (
        *("T1.provider_id.spelling", "T2.body.media-type", "T2.body.repeated-name"),
        *("T2.body.unknown-field", "T4.resources.null"),
    ),
    "lax": ("T2.body.unknown-field",),
}
"""The open points that bases refuse: they fail where they are answered with 500 instead."""


@fault("auto-trigger-unavailable", breaks="S503.momentary")
class AutoTriggerUnavailable(Service):
    """The scheduler is never there: with ``auto_trigger`` true, always 503."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        if auto_trigger is True:
            raise unavailable()
        return super().read_auto_trigger(auto_trigger)


@fault("two-servers-time-out", breaks="S503.momentary")
class TwoServersTimeOut(Service):
    """Two servers at once take longer than the gateway waits: always 504."""

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        if len(wanted.resources or ()) > 1:
            raise unavailable().with_status(504)
        return super().execute(policy, servers, wanted)


@fault("unknown-server-unavailable", breaks="S503.momentary")
class UnknownServerUnavailable(Service):
    """A server that does not exist is taken for one that cannot be reached: 503."""

    def unknown_server(self, server_id: str) -> Refusal:
        return unavailable()


@fault("null-body-bad-gateway", breaks="S503.momentary")
class NullBodyBadGateway(Service):
    """A worker dies of the body null, and the gateway answers 502."""

    def read_body(self, body: object) -> CheckpointReq:
        if body is None:
            raise unavailable().with_status(502)
        return super().read_body(body)


@fault("no-token-throttled", breaks="S503.momentary")
class NoTokenThrottled(Service):
    """Requests without a token share a limit of zero: always 429."""

    def no_token(self) -> Refusal:
        return super().no_token().with_status(429)


@fault("zero-byte-drops-the-connection", breaks="S503.momentary")
class ZeroByteDropsTheConnection(Service):
    """A zero byte as the body kills the worker: the connection closes without a response."""

    def answer(self, request: Request) -> Response:
        return HANG_UP if request.body == b"\0" else super().answer(request)


@fault("astral-character-drops-the-connection", breaks="S503.momentary")
class AstralCharacterDropsTheConnection(Service):
    """A character of four bytes kills the worker."""

    def answer(self, request: Request) -> Response:
        return HANG_UP if b"\xf0" in request.body else super().answer(request)


@fault("bad-bodies-drop-the-connection", breaks="S503.momentary")
class BadBodiesDropTheConnection(Service):
    """What is wrong with a body, or with what it names, is thrown and caught by nobody."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return HANG_UP if response.status == 400 else response


@fault("bad-bodies-crash", breaks="S500.bad-request", on=REFUSED_ON)
class BadBodiesCrash(Service):
    """What is wrong with a body, or with what it names, is thrown, and answered with 500."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return self.render_refusal(crash()) if response.status == 400 else response


@fault(
    "refusals-crash",
    breaks="S500.bad-request",
    on={**REFUSED_ON, "strict": HIDDEN},
)
class RefusalsCrash(Service):
    """Whatever is wrong is thrown, and answered with 500, but for what is not found."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        is_refusal = response.status >= 400 and response.status != 404
        return self.render_refusal(crash()) if is_refusal else response


@fault("escapes-drop-the-connection", breaks="S503.momentary")
class EscapesDropTheConnection(Service):
    """Escapes for plain letters kill the worker, in a valid request."""

    def answer(self, request: Request) -> Response:
        return HANG_UP if b"\\u0063" in request.body else super().answer(request)


@fault("length-too-long", breaks="S503.momentary")
class LengthTooLong(Service):
    """With two servers, the response promises more bytes than come."""

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        response = super().render_execution(checkpoint)
        several = len(checkpoint.request.resources or ()) > 1
        return Response(200, response.headers, response.body, cut_after=40 if several else None)


@fault("zero-byte-hangs", breaks="S503.momentary")
class ZeroByteHangs(Service):
    """A reader waits for ever for what follows a zero byte."""

    def answer(self, request: Request) -> Response:
        return SILENCE if request.body == b"\0" else super().answer(request)


class Loses(Service):
    """Never answers some of the requests that it refuses."""

    def handle(self, request: Request) -> Response:
        self._is_lost = False
        response = super().handle(request)
        return SILENCE if self._is_lost else response


@fault("unknown-server-unanswered", breaks="S503.momentary")
class UnknownServerUnanswered(Loses):
    """Nobody catches what is raised for an unknown server, and nobody answers the request."""

    def unknown_server(self, server_id: str) -> Refusal:
        self._is_lost = True
        return super().unknown_server(server_id)


@fault("no-permission-unanswered", breaks="S503.momentary")
class NoPermissionUnanswered(Loses):
    """What is asked whether a token may do that never comes to an end where it may not."""

    def no_permission(self, token: Token) -> Refusal:
        self._is_lost = True
        return super().no_permission(token)
