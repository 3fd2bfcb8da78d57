"""Where a good token comes from, and can be had again once it has expired.

No message repeats what a file holds, or a command, or what it prints: each may be a secret.
"""

from __future__ import annotations

import math
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

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


@dataclass(frozen=True, slots=True)
class TokenFile:
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
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            told = f"the command took more than {PATIENCE:.0f} s; run it yourself to see why"
            raise UsageError(f"{self.named}: {told}") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise UsageError(f"{self.named}: {why}; give a command that can be run") from None
        if done.returncode:
            told = f"the command ended with {done.returncode}; run it yourself to see why"
            raise UsageError(f"{self.named}: {told}")
        printed = "the command printed nothing; give one that prints a token"
        return Access(sendable(done.stdout, self.named, printed))


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
