"""Every secret that this process has come to hold, so that no message of last resort shows one.

What a stage writes is redacted with the secrets of its run. An error that nobody expected may be
told far from any run: it is redacted with all that was ever held.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_HELD: Final[set[str]] = set()


def hold(secrets: Iterable[str]) -> None:
    """Note secrets, from the moment on at which they are known."""
    _HELD.update(filter(None, secrets))


def held() -> tuple[str, ...]:
    """The secrets noted so far, the longest first."""
    return tuple(sorted(_HELD, key=lambda secret: (-len(secret), secret)))
