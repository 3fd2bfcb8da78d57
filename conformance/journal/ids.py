"""The ids of the exchanges in a journal, of which there may be a million, in little memory."""

from __future__ import annotations

DIGITS = 3
WHOLE = 10**DIGITS


class Ids:
    """Ids that were seen. Of those that count on, as a run's do, each takes about two bits."""

    def __init__(self) -> None:
        self._blocks: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        block, place = _place(name)
        return bool(self._blocks.get(block, 0) >> place & 1)

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def add(self, name: str) -> None:
        """Note an id."""
        block, place = _place(name)
        self._blocks[block] = self._blocks.get(block, 0) | 1 << place


def _place(name: str) -> tuple[str, int]:
    """The block of a thousand ids that one is in, and its place there; others have their own."""
    block, last = name[:-DIGITS], name[-DIGITS:]
    if len(last) == DIGITS and last.isascii() and last.isdigit():
        return block, int(last)
    return name, WHOLE
