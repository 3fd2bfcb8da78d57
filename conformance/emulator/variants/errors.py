"""Bodies of refusals, which a page that the document links to shows, and no table of its own."""
# ruff: noqa: D102

import json

from conformance.emulator.error_codes import ErrorCode
from conformance.emulator.messages import Headers, Refusal, Request, Response
from conformance.emulator.service import Service
from conformance.emulator.variants.registry import variant


class Bare(Service):
    """Refuses with bodies that are not the reference's JSON."""

    media_type: str | None = None

    def render_refusal(self, refusal: Refusal) -> Response:
        media_type = (("Content-Type", self.media_type),) if self.media_type else ()
        return Response(refusal.status, (*media_type, *refusal.headers), self.refusal_text(refusal))

    def refusal_text(self, refusal: Refusal) -> bytes:
        """Return the body of a refusal."""
        return b""


@variant("errors-empty")
class ErrorsEmpty(Bare):
    """Errors have no body and no Content-Type."""


@variant("errors-plain")
class ErrorsPlain(Bare):
    """Errors are plain text."""

    media_type = "text/plain; charset=utf-8"

    def refusal_text(self, refusal: Refusal) -> bytes:
        return refusal.message.encode("utf-8", "replace")


@variant("errors-html")
class ErrorsHtml(Bare):
    """Errors are pages of HTML."""

    media_type = "text/html"

    def refusal_text(self, refusal: Refusal) -> bytes:
        title = f"{refusal.status}"
        return f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body>".encode()


@variant("errors-binary")
class ErrorsBinary(Bare):
    """Errors are bytes that no text holds, and call themselves JSON."""

    media_type = "application/json"

    def refusal_text(self, refusal: Refusal) -> bytes:
        return bytes(range(256))


@variant("errors-long")
class ErrorsLong(Bare):
    """Errors are 64 KiB of white space."""

    media_type = "text/plain"

    def refusal_text(self, refusal: Refusal) -> bytes:
        return b" " * (1 << 16)


@variant("errors-untyped")
class ErrorsUntyped(Bare):
    """Errors are the page's JSON without a Content-Type."""

    def refusal_text(self, refusal: Refusal) -> bytes:
        return self.encode_json(self.error_body(refusal))


@variant("errors-nested")
class ErrorsNested(Service):
    """Errors have their message within an object, and the status as code."""

    def error_body(self, refusal: Refusal) -> object:
        return {"error": {"message": refusal.message, "code": refusal.status, "title": "Error"}}


@variant("errors-named")
class ErrorsNamed(Service):
    """Errors have their message within an object that is named after the status."""

    def error_body(self, refusal: Refusal) -> object:
        names = {400: "badRequest", 401: "unauthorized", 403: "forbidden", 404: "itemNotFound"}
        name = names.get(refusal.status, "computeFault")
        return {name: {"code": refusal.status, "message": refusal.message}}


@variant("errors-with-status")
class ErrorsWithStatus(Service):
    """Errors have a field status, which is a number, beside a path and a time."""

    def error_body(self, refusal: Refusal) -> object:
        return {
            "timestamp": self.time_text(self.clock()),
            "status": refusal.status,
            "error": refusal.message,
            "path": "/v1",
        }


@variant("errors-null")
class ErrorsNull(Service):
    """Errors are null."""

    def error_body(self, refusal: Refusal) -> object:
        return None


@variant("errors-numbers")
class ErrorsNumbers(Service):
    """Errors have numbers for codes, and null for messages."""

    def error_body(self, refusal: Refusal) -> object:
        return {"error_code": refusal.status, "error_msg": None}


@variant("errors-own-codes")
class ErrorsOwnCodes(Service):
    """Errors have codes that are not published, all of one form."""

    def error_body(self, refusal: Refusal) -> object:
        return {"code": f"BMS.{refusal.status}0001", "message": refusal.message}


@variant("errors-one-code")
class ErrorsOneCode(Service):
    """Every refusal has the same published code, that of a failure."""

    def error_body(self, refusal: Refusal) -> object:
        return {"error_code": "CSBS.9999", "error_msg": "execute failed"}


@variant("errors-other-statuses")
class ErrorsOtherStatuses(Service):
    """The published codes of missing objects come with the other of the two statuses."""

    def unknown_policy(self, plan_id: str) -> Refusal:
        return super().unknown_policy(plan_id).with_status(400)

    def unknown_server(self, server_id: str) -> Refusal:
        return super().unknown_server(server_id).with_status(404)

    def wrong_provider(self, provider_id: str) -> Refusal:
        return super().wrong_provider(provider_id).with_status(404)

    def unknown_project(self, project_id: str) -> Refusal:
        return self.refusal(ErrorCode.PLAN_NOT_FOUND).with_status(403)


@variant("errors-echo-body")
class ErrorsEchoBody(Service):
    """Errors repeat the body that was sent."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.status < 400:
            return response
        value = json.loads(response.body)
        value["received"] = request.body.decode("utf-8", "replace")
        return Response(response.status, response.headers, self.encode_json(value))


@variant("errors-echo-token")
class ErrorsEchoToken(Service):
    """Errors repeat the token that was sent, which only a should advises against."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.status < 400:
            return response
        token = (request.header("X-Auth-Token") or "none").encode()
        body = response.body.replace(b'"error_msg": "', b'"error_msg": "token ' + token + b": ")
        return Response(response.status, response.headers, body)


@variant("errors-traced")
class ErrorsTraced(Service):
    """Errors show a stack trace, which only a should advises against."""

    def error_body(self, refusal: Refusal) -> object:
        trace = f"Traceback (most recent call last):\n  at app.run(app.py:1)\n{refusal.message}"
        return {"error_code": refusal.code, "error_msg": trace}


@variant("errors-unchallenged")
class ErrorsUnchallenged(Service):
    """A 401 does not say how to log in."""

    def challenge(self) -> Headers:
        return ()


@variant("errors-challenged-twice")
class ErrorsChallengedTwice(Service):
    """A 401 offers two ways to log in."""

    def challenge(self) -> Headers:
        realms = 'Basic realm="csbs, 1"', 'Bearer error="invalid_token"'
        return tuple(("WWW-Authenticate", challenge) for challenge in realms)
