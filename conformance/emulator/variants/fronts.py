"""What a server, or what stands before it, refuses before the operation sees it."""
# ruff: noqa: D102

import json
import re
from urllib.parse import unquote

from conformance.emulator.messages import Request, Response
from conformance.emulator.service import Service
from conformance.emulator.variants.registry import variant

_HTML = (("Content-Type", "text/html"),)
_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _page(status: int, text: str) -> Response:
    return Response(status, _HTML, f"<!doctype html><title>{text}</title>".encode())


class Front(Service):
    """Answers some requests before the service does."""

    def handle(self, request: Request) -> Response:
        return self.refused(request) or super().handle(request)

    def refused(self, request: Request) -> Response | None:
        """Answer a request that is not handed on."""
        return None


@variant("front-odd-paths-400")
class OddPaths400(Front):
    """A path with a malformed escape, or that is not UTF-8, answers 400 with a page of HTML."""

    def refused(self, request: Request) -> Response | None:
        try:
            unquote(request.path, errors="strict")
        except UnicodeDecodeError:
            return _page(400, "Bad Request")
        return _page(400, "Bad Request") if _MALFORMED.search(request.path) else None


@variant("front-malformed-escapes-redirected")
class MalformedEscapesRedirected(Front):
    """A path with a malformed escape is redirected to one that is encoded (RFC 9112, 3.2)."""

    def refused(self, request: Request) -> Response | None:
        if not _MALFORMED.search(request.path):
            return None
        return Response(301, (("Location", _MALFORMED.sub("%25", request.path)),))


@variant("front-odd-headers-400")
class OddHeaders400(Front):
    """A header with bytes that are not ASCII answers 400, whatever the header is."""

    def refused(self, request: Request) -> Response | None:
        is_odd = not all(value.isascii() for _, value in request.headers)
        return _page(400, "Bad Request") if is_odd else None


@variant("front-body-limit-closes")
class BodyLimitCloses(Front):
    """The connection is closed where a body has more than 8 kB (RFC 9110, 15.5.14)."""

    def refused(self, request: Request) -> Response | None:
        return Response(413, hang_up=True) if len(request.body) > 8_000 else None


@variant("front-body-limit-page")
class BodyLimitPage(Front):
    """A body of more than 8 kB answers 413 with a page of HTML."""

    def refused(self, request: Request) -> Response | None:
        return _page(413, "Content Too Large") if len(request.body) > 8_000 else None


@variant("wide-encodings-read")
class WideEncodingsRead(Service):
    """UTF-16 and UTF-32 are read, which a should advises against, and a byte order mark."""

    def decode_text(self, body: bytes) -> str:
        try:
            return body.decode(json.detect_encoding(body)).removeprefix("\ufeff")
        except UnicodeDecodeError:
            raise self.malformed_body("not Unicode") from None


@variant("media-type-parameters-415")
class MediaTypeParameters415(Service):
    """Parameters of the media type other than `charset=utf-8` are refused with 415."""

    def check_content_type(self, request: Request) -> None:
        super().check_content_type(request)
        more = (request.header("Content-Type") or "").partition(";")[2]
        if more.strip().lower() not in ("", "charset=utf-8"):
            raise self.other_media_type().with_status(415)
