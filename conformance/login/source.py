"""Where a good token comes from, and can be had again once it has expired.

No message repeats what a file holds, or a command, or what it prints: each may be a secret.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import shlex
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from conformance.errors import UsageError
from conformance.files import opened

LONGEST_TOKEN = 64 * 1024
"""Bytes; what is longer is no token, and no header can carry it."""
PATIENCE = 60.0
"""Seconds that a command may take to print a token."""


@dataclass(frozen=True, slots=True)
class Access:
    """A token, and what is known with it. `due` is of the monotonic clock.

    From `due` on a new one is to be had; it is infinite where that moment is not known.
    """

    token: str = field(repr=False)
    project_id: str | None = None
    endpoint: str | None = None
    due: float = math.inf


class TokenSource(Protocol):
    """What gives tokens."""

    @property
    def due(self) -> float:
        """When the last token is to be taken anew, by the monotonic clock."""
        ...

    def take(self) -> Access:
        """A token, taken anew. It may wait; raises UsageError where there is none."""
        ...


class TokenFile(Struct, frozen=True):
    """A file that holds a token, and that somebody keeps fresh. `named` is said in messages."""

    path: Path
    named: str = "--token-file"
    due = math.inf

    def take(self) -> Access:
        """What the file holds now. Raises UsageError."""
        return Access(secret_in(self.path, self.named))


def secret_in(path: Path, told: str) -> str:
    """The secret in a file, without the space around it.

    Raises UsageError, which begins with `told`: the path may be the secret, given in its place.
    """
    try:
        with opened(path, follows=True) as file:
            held = file.read(LONGEST_TOKEN + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = getattr(error, "strerror", None) or type(error).__name__
        raise UsageError(f"{told}: {why}; give a readable file") from None
    return sendable(held, told, "it is empty; write the secret into it")


@dataclass(frozen=True, slots=True)
class TokenCommand:
    """A command that prints a token, split as a shell would, and run without one."""

    command: str = field(repr=False)
    named: str = "--token-command"
    due = math.inf

    def take(self) -> Access:
        """What the command prints now. Raises UsageError."""
        try:
            words = shlex.split(self.command)
        except ValueError:
            raise UsageError(f"{self.named}: a quotation in it has no end; close it") from None
        if not words:
            raise UsageError(f"{self.named} is empty; give a command that prints a token")
        try:
            code, printed = _printed_by(words)
        except TimeoutError:
            told = f"the command took more than {PATIENCE:.0f} s; run it yourself to see why"
            raise UsageError(f"{self.named}: {told}") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise UsageError(f"{self.named}: {why}; give a command that can be run") from None
        if code:
            told = f"the command ended with {code}; run it yourself to see why"
            raise UsageError(f"{self.named}: {told}")
        told = "the command printed nothing; give one that prints a token"
        return Access(sendable(printed, self.named, told))


def _printed_by(words: list[str]) -> tuple[int, bytes]:
    """The exit code of a command and what it printed, no more than tells that it is no token.

    The command and its children are a process group of their own, and end with it. Raises OSError,
    ValueError (a NUL in a word), and TimeoutError.
    """
    until = time.monotonic() + PATIENCE
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    printed = b""
    try:
        with process.stdout as pipe:
            while len(printed) <= LONGEST_TOKEN:
                if not select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
                    raise TimeoutError
                if not (more := os.read(pipe.fileno(), LONGEST_TOKEN)):
                    return process.wait(max(0.0, until - time.monotonic())), printed
                printed += more
        return 0, printed
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def sendable(held: bytes, told: str, empty: str) -> str:
    """A secret as a header can carry it, without the space around it.

    Raises UsageError for what is none; `empty` says what to do about nothing at all.
    """
    value = held.strip()
    if not value:
        raise UsageError(f"{told}: {empty}")
    if len(value) > LONGEST_TOKEN:
        raise UsageError(f"{told}: it is too long for a token; correct it")
    text = value.decode("latin-1")
    if not text.isascii() or not text.isprintable():
        raise UsageError(f"{told}: it holds characters that no header can carry, or several lines")
    return text
