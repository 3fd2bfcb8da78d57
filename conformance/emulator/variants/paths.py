"""Other methods and other paths, of which the page does not speak."""
# ruff: noqa: D102

from dataclasses import replace
from urllib.parse import quote, unquote

from conformance.emulator.messages import Request, Response
from conformance.emulator.service import Service
from conformance.emulator.variants.registry import variant


class Reads(Service):
    """Answers GET at the operation's path with ``read``."""

    def handle(self, request: Request) -> Response:
        is_read = request.method in ("GET", "HEAD") and request.path.endswith("/checkpoints")
        return self.read(request) if is_read else super().handle(request)

    def read(self, request: Request) -> Response:
        """Answer a GET; it executes nothing."""
        checkpoints = [self.render_checkpoint(checkpoint) for checkpoint in self.executed]
        return self.render(200, {"checkpoints": checkpoints})


@variant("get-lists")
class GetLists(Reads):
    """GET answers 200 with a list of the checkpoints."""


@variant("get-404")
class Get404(Reads):
    """GET answers 404."""

    def read(self, request: Request) -> Response:
        return self.render_refusal(self.unknown_path())


@variant("get-redirects")
class GetRedirects(Reads):
    """GET is redirected to the documentation."""

    def read(self, request: Request) -> Response:
        return Response(302, (("Location", "/docs"),))


@variant("get-page")
class GetPage(Reads):
    """GET answers 200 with a page of HTML."""

    def read(self, request: Request) -> Response:
        return Response(200, (("Content-Type", "text/html"),), b"<!doctype html><title>CSBS")


class OtherPaths(Service):
    """Answers what is at none of its paths with ``elsewhere``."""

    def handle(self, request: Request) -> Response:
        if "" in request.segments:
            return self.elsewhere(request)
        return super().handle(request)

    def elsewhere(self, request: Request) -> Response:
        """Answer a request at a path that lacks a segment; it executes nothing."""
        return self.render_refusal(self.unknown_path())


@variant("other-paths-page")
class OtherPathsPage(OtherPaths):
    """A path without project or provider answers 200 with a page of HTML."""

    def elsewhere(self, request: Request) -> Response:
        return Response(200, (("Content-Type", "text/html"),), b"<!doctype html><title>CSBS")


@variant("other-paths-redirected")
class OtherPathsRedirected(OtherPaths):
    """A path without project or provider is redirected to one without the empty segment."""

    def elsewhere(self, request: Request) -> Response:
        return Response(308, (("Location", request.path.replace("//", "/")),))


@variant("other-paths-501")
class OtherPaths501(OtherPaths):
    """A path without project or provider answers 501."""

    def elsewhere(self, request: Request) -> Response:
        return self.render(501, {})


@variant("nothing-else-routed")
class NothingElseRouted(OtherPaths, Reads):
    """A gateway has no route but for POST at the operation's path: 503 for what is none of it."""

    def read(self, request: Request) -> Response:
        return self.elsewhere(request)

    def elsewhere(self, request: Request) -> Response:
        return self.render(503, {"message": "no healthy upstream"})


@variant("base-path", base_path="/csbs/eu-de")
class BasePath(Service):
    """The operation stands below a base path."""

    def answer(self, request: Request) -> Response:
        if not request.path.startswith("/csbs/eu-de/"):
            raise self.unknown_path()
        return super().answer(replace(request, path=request.path.removeprefix("/csbs/eu-de")))


@variant("base-path-v1", base_path="/v1/csbs/providers")
class BasePathV1(Service):
    """The operation stands below a base path that looks like a part of its own."""

    def answer(self, request: Request) -> Response:
        if not request.path.startswith("/v1/csbs/providers/"):
            raise self.unknown_path()
        return super().answer(
            replace(request, path=request.path.removeprefix("/v1/csbs/providers"))
        )


@variant("body-limit")
class BodyLimit(Service):
    """A body of more than 64 KiB is refused with 413."""

    max_body_bytes = 1 << 16


@variant("bytes-in-the-path-skipped")
class BytesInThePathSkipped(Service):
    """Bytes in the path that are no UTF-8 are dropped before anybody reads it."""

    def handle(self, request: Request) -> Response:
        path, mark, query = request.path.partition("?")
        segments = (quote(unquote(each, errors="ignore"), "") for each in path.split("/"))
        return super().handle(replace(request, path="/".join(segments) + mark + query))
