"""The ids of the exchanges that a journal has had so far."""

from __future__ import annotations

from typing import Final

LAST: Final = {f"{number:03}": 1 << number for number in range(1000)}
"""A bit for each of the last three digits of an id."""
WHOLE: Final = 1 << 1000
"""The bit of an id that does not end in three digits."""


class Ids:
    """The ids that were seen, of which there may be a million.

    Of those that count on, as a run's do, each takes about two bits.
    """

    def __init__(self) -> None:
        self._blocks: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        bit = LAST.get(name[-3:])
        seen = self._blocks.get(name[:-3] if bit else name, 0)
        return bool(seen & (bit or WHOLE))

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def add(self, name: str) -> bool:
        """Note an id; whether it was not seen before."""
        bit = LAST.get(name[-3:])
        block, bit = (name[:-3], bit) if bit else (name, WHOLE)
        seen = self._blocks.get(block, 0)
        if seen & bit:
            return False
        self._blocks[block] = seen | bit
        return True
