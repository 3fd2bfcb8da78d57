"""Faults that show to some clients alone: by headers that others do not send."""
# ruff: noqa: D102

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Checkpoint, Refusal, Request, Response
from conformance.emulator.service import Service, utc_now
from conformance.emulator.world import Token, World


class RefusesSome(Service):
    """Refuses clients that are known by their headers, though they have permission."""

    def authorise(self, token: Token) -> None:
        super().authorise(token)
        if self.is_refused(self.request):
            raise self.no_permission(token)

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        self.request = request
        return super().execute_policy(request, project_id, provider_id)

    def is_refused(self, request: Request) -> bool:
        raise NotImplementedError


@fault("headers-beyond-sixteen-lost", breaks="S200.executed")
class HeadersBeyondSixteenLost(Service):
    """There is room for sixteen headers, and what comes behind them was never sent."""

    def authenticate(self, request: Request) -> Token:
        return super().authenticate(replace(request, headers=request.headers[:16]))


@fault("clients-without-a-name-forbidden", breaks="S200.executed")
class ClientsWithoutANameForbidden(RefusesSome):
    """A firewall takes whoever sends no ``User-Agent`` for a robot: 403."""

    def is_refused(self, request: Request) -> bool:
        return request.header("User-Agent") is None


@fault("other-clients-forbidden", breaks="S200.executed")
class OtherClientsForbidden(RefusesSome):
    """A token is bound to the ``User-Agent`` that it was first used with: 403 to all others."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._bound: dict[str | None, str | None] = {}

    def is_refused(self, request: Request) -> bool:
        name = request.header("User-Agent")
        return self._bound.setdefault(request.header("X-Auth-Token"), name) != name


@fault("origins-forbidden", breaks="S200.executed")
class OriginsForbidden(RefusesSome):
    """No origin is in the list of those allowed, not even the service's own: 403 to browsers."""

    def is_refused(self, request: Request) -> bool:
        return request.header("Origin") is not None


@fault("answer-as-bytes-unless-asked", breaks="T5.body.media-type")
class AnswerAsBytesUnlessAsked(Service):
    """Without an ``Accept`` no renderer is chosen, and the default is for files."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        response = super().execute_policy(request, project_id, provider_id)
        if request.header("Accept") is not None:
            return response
        return replace(response, headers=(("Content-Type", "application/octet-stream"),))


@fault("answer-in-the-encoding-of-the-language", breaks="T5.body.json")
class AnswerInTheEncodingOfTheLanguage(Service):
    """For Chinese the text of the operator is added, and all of it encoded as it was long ago."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        response = super().execute_policy(request, project_id, provider_id)
        if not (request.header("Accept-Language") or "").startswith("zh"):
            return response
        text = response.body.decode()
        return replace(response, body=f'{text[:-1]}, "note": "备份"}}'.encode("gbk", "replace"))


@fault("status-in-turkish", breaks="T6.status.values")
class StatusInTurkish(Service):
    """A status is put into small letters by the rules of the client's language."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if not (request.header("Accept-Language") or "").startswith("tr"):
            return response
        return replace(
            response, body=response.body.replace(b'"protecting"', '"protectıng"'.encode())
        )


@fault("request-id-is-a-key", breaks="T6.id.unique")
class RequestIdIsAKey(Service):
    """The id that a client gives all its requests of a task is taken for one of idempotency."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._by_key: dict[str, str] = {}

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        self._key = request.header("X-Openstack-Request-Id")
        return super().execute_policy(request, project_id, provider_id)

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        if self._key is None:
            return super().checkpoint_id(checkpoint)
        return self._by_key.setdefault(self._key, checkpoint.id)


@fault("browsers-to-the-login", breaks="S.listed")
class BrowsersToTheLogin(Service):
    """Whoever takes pages and brings no token is sent to one where to log in: 302."""

    def authenticate(self, request: Request) -> Token:
        if not self.token_value(request) and "text/html" in (request.header("Accept") or ""):
            raise Refusal(302, "CSBS.0302", "Found.", (("Location", "/login"),))
        return super().authenticate(request)


@fault("signatures-not-verified", breaks="S401.no-token")
class SignaturesNotVerified(Service):
    """A signature of keys says who is asking, and nobody verifies it."""

    def token_value(self, request: Request) -> str | None:
        if (request.header("Authorization") or "").startswith("SDK-HMAC-SHA256 "):
            return next(token.value for token in self.world.tokens if token.permitted)
        return super().token_value(request)


@fault("long-tokens-malformed", breaks="S401.bad-token")
class LongTokensMalformed(Service):
    """A token longer than its column is malformed: 400, though it is only wrong."""

    def same_token(self, known: str, sent: str) -> bool:
        if len(sent) > 1_024:
            raise self.malformed_body("the token is too long")
        return super().same_token(known, sent)


@fault("end-of-line-refused", breaks="T2.body.json-forms")
class EndOfLineRefused(Service):
    """A body has to end with its last bracket, and not with a line: 400."""

    def parse_json(self, text: str) -> object:
        if text.endswith("\n"):
            raise self.malformed_body("something stands behind it")
        return super().parse_json(text)


@fault("answer-as-a-page-for-browsers", breaks="T5.body.media-type")
class AnswerAsAPageForBrowsers(Service):
    """Whoever takes pages before all else gets one, with the response in it."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        response = super().execute_policy(request, project_id, provider_id)
        if not (request.header("Accept") or "").startswith("text/html"):
            return response
        return replace(response, headers=(("Content-Type", "text/html"),))


@fault("a-part-where-a-range-is-asked-for", breaks="S.listed")
class APartWhereARangeIsAskedFor(Service):
    """A range is cut out of what any method responds: 206."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        response = super().execute_policy(request, project_id, provider_id)
        if request.header("Range") is None:
            return response
        return replace(response, status=206, body=response.body[:10])
