"""What a stage tells of its decisions, and who listens: nobody does, unless `--debug` asks for it.

A stage that decides calls a listener that it was given. It opens nothing and knows of no file, so
that what is pure stays pure.
"""

from __future__ import annotations

from typing import Protocol


class Listener(Protocol):
    """Gets an event, such as `throttle.slowed`, and the facts about it.

    A fact is a number, a text, a value of ours such as an exchange, or several of these; whoever
    listens writes it down as it likes.
    """

    def __call__(self, event: str, /, **facts: object) -> None:
        """Take in an event."""


def nobody(event: str, /, **facts: object) -> None:
    """Listens to nothing."""
