"""Standard output and standard error: the one place that owns them, for every command.

`install` puts a `Stream` in the place of each, so that click, rich, argparse and `print` all write
here. A stream never raises: what cannot be written is dropped, and the reason is remembered. The
verdict of a command is thus the same whether its reader has gone, its disk is full or its output
is closed. In a log, nothing that is written is a command of the CI system that reads it.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TextIO

import click

from conformance.cli.workflow_commands import Neutraliser
from conformance.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from conformance.report.model import Report

CI_VARIABLES: Final = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
"""Each is set by a CI system, to anything but a word for no."""
STRICT_HANDLERS: Final = frozenset({"strict", "surrogateescape"})
"""Error handlers of a stream that raise for a character its encoding lacks."""


class Decided(int):
    """An exit code that is itself the result, or beside which a file carries the result.

    What could not be printed does not change it.
    """


def end(code: int) -> NoReturn:
    """End a command with an exit code that says what came of it, whatever could be printed."""
    raise click.exceptions.Exit(Decided(code))


class Outlet(io.RawIOBase):
    """A descriptor that takes all that is written to it, and drops what it cannot pass on.

    `lost` is the error for which output was dropped, if any was.
    """

    def __init__(self, descriptor: int, *, is_open: bool, neutralises: bool) -> None:
        self._descriptor = descriptor
        self._plain = Neutraliser() if neutralises else None
        self.passes_commands = False
        self.lost = None if is_open else OSError(errno.EBADF, "it is closed")

    def writable(self) -> bool:
        """True: it is there to be written to."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether a terminal reads it."""
        return self.lost is None and os.isatty(self._descriptor)

    def write(self, data: Any) -> int:
        """Take all of the data."""
        piece = bytes(data)
        if self._plain is not None and not self.passes_commands:
            piece = self._plain(piece)
        rest = memoryview(piece)
        while rest and self.lost is None:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            except OSError as error:
                self.lost = error
        return len(data)


class Stream(io.TextIOWrapper):
    """Text on its way to an outlet; a character that its encoding lacks is written as an escape."""

    def __init__(self, outlet: Outlet, like: TextIO | None) -> None:
        handler = (like.errors if like else None) or "strict"
        super().__init__(
            io.BufferedWriter(outlet),
            encoding=like.encoding if like else "utf-8",
            errors="backslashreplace" if handler in STRICT_HANDLERS else handler,
            line_buffering=outlet.isatty() or getattr(like, "write_through", False),
        )
        self.outlet = outlet

    @property
    def lost(self) -> str:
        """Why not all that was printed could be written; empty where it was, or nobody reads on."""
        self.flush()
        error = self.outlet.lost
        if error is None or error.errno in (errno.EPIPE, errno.ECONNRESET):
            return ""
        return error.strerror or type(error).__name__

    @property
    def is_closed(self) -> bool:
        """Whether there was nothing to write to from the start."""
        return self.outlet.lost is not None and self.outlet.lost.errno == errno.EBADF


def install() -> None:
    """Put streams that never raise in the place of standard output and standard error.

    A caller in this process who has put something of its own there keeps it.
    """
    stdin, stdout, stderr = sys.stdin, sys.stdout, sys.stderr
    _occupy_standard_descriptors()
    if stdin is None:
        sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout, sys.stderr = _stream(1, stdout), _stream(2, stderr)


def _stream(descriptor: int, like: TextIO | None) -> TextIO:
    """The stream for a descriptor; `like` is what Python made of it, None for a closed one."""
    if like is not None and like is not (sys.__stdout__, sys.__stderr__)[descriptor - 1]:
        return like
    is_log = is_ci() or not os.isatty(descriptor)
    return Stream(Outlet(descriptor, is_open=like is not None, neutralises=is_log), like)


def _occupy_standard_descriptors() -> None:
    """Open what of the first three descriptors is closed, lest the next file gets its number."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def is_ci() -> bool:
    """Whether a CI system reads what is printed."""
    said = (os.environ.get(name, "") for name in CI_VARIABLES)
    return any(value.lower() not in ("", "0", "false", "no") for value in said)


def check(code: int | None) -> None:
    """Tell that some of what a command printed is lost.

    Raises UsageError where it was its result.
    """
    stream = sys.stdout
    if not isinstance(stream, Stream) or not (lost := stream.lost):
        return
    told = f"standard output could not be written: {lost}"
    if not code and not isinstance(code, Decided):
        raise UsageError(f"{told}; give it a file with room, or a reader")
    if not stream.is_closed:
        complain(f"csbs-conformance: {told}")


@contextmanager
def workflow_commands_pass() -> Iterator[None]:
    """What is printed inside are commands for the CI system, meant as such."""
    stream = sys.stdout
    if not isinstance(stream, Stream):
        yield
        return
    stream.flush()
    stream.outlet.passes_commands = True
    try:
        yield
        stream.flush()
    finally:
        stream.outlet.passes_commands = False


def console() -> Console:
    """A rich console on standard output, which knows its width, its encoding and its colours."""
    from rich.console import Console

    return Console(highlight=False)


def complain(line: str) -> None:
    """Tell the user a line on standard error, or where that is gone, on standard output."""
    print(line, file=sys.stderr, flush=True)
    if isinstance(sys.stderr, Stream) and sys.stderr.lost:
        print(line, flush=True)


class Form(Enum):
    """How much is printed of a report: all for a reader, the verdict, or all for a program."""

    FULL = "full"
    QUIET = "quiet"
    JSON = "json"


def show(report: Report, directory: Path, form: Form, *, can_delete: bool = False) -> None:
    """Print how a run ended; a reader is told that its reports are in `directory`, and where
    `delete` can delete what is left of it, how.
    """
    if form is Form.JSON:
        from conformance.report.json_report import json_report

        click.echo(json_report(report), nl=False)
        return
    if form is Form.QUIET:
        from conformance.report.labels import in_a_line

        said = in_a_line(report)
        print("".join(c if c.isprintable() else "�" for c in said))
        return
    from conformance.report.console import print_report

    print_report(report, console(), directory, can_delete=can_delete)
