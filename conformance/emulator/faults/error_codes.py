"""Faults in the bodies of refusals, which the page leaves to another one (Error Codes)."""
# ruff: noqa: D102

import json
from dataclasses import replace

from conformance.emulator.faults.parts import changed, without
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Refusal, Request, Response
from conformance.emulator.service import Service
from conformance.emulator.world import Token


@fault("errors-in-html", breaks="EC.body.json")
class ErrorsInHtml(Service):
    """Errors are the pages of the web server."""

    def render_refusal(self, refusal: Refusal) -> Response:
        page = f"<html><body><h1>{refusal.status}</h1></body></html>".encode()
        return Response(refusal.status, (("Content-Type", "text/html"),), page)


@fault("errors-without-a-body", breaks="EC.body.json")
class ErrorsWithoutABody(Service):
    """Errors have no body."""

    def render_refusal(self, refusal: Refusal) -> Response:
        return Response(refusal.status)


@fault("errors-in-plain-text", breaks="EC.body.json")
class ErrorsInPlainText(Service):
    """Errors are a line of text."""

    def render_refusal(self, refusal: Refusal) -> Response:
        headers = (("Content-Type", "text/plain"),)
        return Response(refusal.status, headers, refusal.message.encode("utf-8", "replace"))


@fault("errors-labelled-as-text", breaks="EC.body.json")
class ErrorsLabelledAsText(Service):
    """Errors are JSON and say that they are plain text."""

    def render_refusal(self, refusal: Refusal) -> Response:
        return replace(super().render_refusal(refusal), headers=(("Content-Type", "text/plain"),))


@fault("bad-tokens-refused-by-the-gateway", breaks="EC.body.json")
class BadTokensRefusedByTheGateway(Service):
    """Bad tokens are refused by a gateway, whose errors are of another kind."""

    def render_refusal(self, refusal: Refusal) -> Response:
        if refusal.status == 401:
            return Response(401, (("Content-Type", "text/plain"),), b"Authentication required")
        return super().render_refusal(refusal)


@fault("errors-in-a-list", breaks="EC.body.type")
class ErrorsInAList(Service):
    """Errors are a list of one."""

    def error_body(self, refusal: Refusal) -> object:
        return [super().error_body(refusal)]


@fault("errors-are-a-string", breaks="EC.body.type")
class ErrorsAreAString(Service):
    """Errors are a JSON string."""

    def error_body(self, refusal: Refusal) -> object:
        return refusal.message


@fault("errors-with-a-trace", breaks="EC.body.trace")
class ErrorsWithATrace(Service):
    """Errors show where in the program they were raised."""

    def error_body(self, refusal: Refusal) -> object:
        trace = (
            "Traceback (most recent call last):\n"
            '  File "/srv/csbs/api.py", line 17, in execute\n'
            f"CsbsError: {refusal.message}"
        )
        return changed(super().error_body(refusal), error_msg=trace)


@fault("wrong-types-with-a-java-trace", breaks="EC.body.trace")
class WrongTypesWithAJavaTrace(Service):
    """A wrong type is refused with the trace of the reader."""

    def wrong_type(self, name: str, wanted: str) -> Refusal:
        refusal = super().wrong_type(name, wanted)
        trace = "java.lang.ClassCastException\n\tat org.csbs.Reader.read(Reader.java:42)"
        return Refusal(refusal.status, refusal.code, trace)


@fault("forbidden-token-repeated", breaks="EC.body.token")
class ForbiddenTokenRepeated(Service):
    """Who lacks the permission is told so with the token."""

    def no_permission(self, token: Token) -> Refusal:
        refusal = super().no_permission(token)
        return Refusal(refusal.status, refusal.code, f"{token.value} may not do this")


@fault("headers-repeated", breaks="EC.body.token")
class HeadersRepeated(Service):
    """Errors repeat the headers of the request, to help."""

    def answer(self, request: Request) -> Response:
        try:
            return super().answer(request)
        except Refusal as refusal:
            said = f"{refusal.message} {json.dumps(request.headers)}"
            raise Refusal(refusal.status, refusal.code, said, refusal.headers) from None


@fault("error-code-missing", breaks="EC.error_code.present")
class ErrorCodeMissing(Service):
    """Errors have no code."""

    def error_body(self, refusal: Refusal) -> object:
        return without(super().error_body(refusal), "error_code")


@fault("error-code-is-a-number", breaks="EC.error_code.type")
class ErrorCodeIsANumber(Service):
    """The code of an error is its status, a number."""

    def error_body(self, refusal: Refusal) -> object:
        return changed(super().error_body(refusal), error_code=refusal.status)


@fault("error-message-missing", breaks="EC.error_msg.present")
class ErrorMessageMissing(Service):
    """Errors have no message."""

    def error_body(self, refusal: Refusal) -> object:
        return without(super().error_body(refusal), "error_msg")


@fault("errors-as-elsewhere", breaks="EC.error_code.present", follows=("EC.error_msg.present",))
class ErrorsAsElsewhere(Service):
    """Errors have the form of the services of OpenStack."""

    def error_body(self, refusal: Refusal) -> object:
        return {"error": {"code": refusal.status, "message": refusal.message}}


@fault("error-message-is-null", breaks="EC.error_msg.type")
class ErrorMessageIsNull(Service):
    """The message of an error is null."""

    def error_body(self, refusal: Refusal) -> object:
        return changed(super().error_body(refusal), error_msg=None)


@fault("error-message-is-a-list", breaks="EC.error_msg.type")
class ErrorMessageIsAList(Service):
    """The message of an error is a list of messages."""

    def error_body(self, refusal: Refusal) -> object:
        return changed(super().error_body(refusal), error_msg=[refusal.message])
