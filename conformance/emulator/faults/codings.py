"""Faults in the content coding of a response (RFC 9110, section 8.4)."""
# ruff: noqa: D102

import gzip
from collections.abc import Callable
from dataclasses import replace

from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Checkpoint, Refusal, Request, Response
from conformance.emulator.service import Service


class CodesExecutions(Service):
    """Claims a content coding for the response to an execution."""

    coding = "gzip"

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        return with_coding(super().render_execution(checkpoint), self.coding, self.coded)

    def coded(self, body: bytes) -> bytes:
        """Return the body as it is sent."""
        return body


def with_coding(response: Response, coding: str, body: Callable[[bytes], bytes]) -> Response:
    """Return a response that claims a content coding, with its body changed by ``body``."""
    headers = (*response.headers, ("Content-Encoding", coding))
    return replace(response, headers=headers, body=body(response.body))


@fault("gzip-claimed-and-plain", breaks="T5.body.json")
class GzipClaimedAndPlain(CodesExecutions):
    """A filter says gzip for what another one left plain."""


@fault("deflate-claimed-and-gzip", breaks="T5.body.json")
class DeflateClaimedAndGzip(CodesExecutions):
    """The body is compressed with gzip, and labelled deflate."""

    coding = "deflate"

    def coded(self, body: bytes) -> bytes:
        return gzip.compress(body)


@fault("gzip-without-its-end", breaks="T5.body.json")
class GzipWithoutItsEnd(CodesExecutions):
    """The compressor is flushed and never closed: the checksum at the end is missing."""

    def coded(self, body: bytes) -> bytes:
        return gzip.compress(body)[:-8]


@fault("charset-as-coding", breaks="T5.body.json")
class CharsetAsCoding(CodesExecutions):
    """The name of the charset is put into Content-Encoding."""

    coding = "utf-8"


@fault("coding-not-asked-for", breaks="T5.body.coding")
class CodingNotAskedFor(CodesExecutions):
    """A cache answers with what another client asked for: brotli."""

    coding = "br"

    def coded(self, body: bytes) -> bytes:
        size = len(body) - 1  # one uncompressed block and the end of the stream (RFC 7932)
        return (1 << 20 | size << 4).to_bytes(3, "little") + body + b"\x03"


@fault("errors-claim-gzip", breaks="EC.body.json")
class ErrorsClaimGzip(Service):
    """Errors are labelled gzip, and are not compressed."""

    def render_refusal(self, refusal: Refusal) -> Response:
        return with_coding(super().render_refusal(refusal), "gzip", bytes)


@fault("coding-refused-by-zero-is-used", breaks="T5.body.coding")
class CodingRefusedByZeroIsUsed(Service):
    """Where ``Accept-Encoding`` has the word gzip in it, it is used: also where it is refused."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        response = super().execute_policy(request, project_id, provider_id)
        if "gzip" not in (request.header("Accept-Encoding") or ""):
            return response
        return with_coding(response, "gzip", gzip.compress)
