"""The views of a text in which a secret may be seen: what steps of decoding make of it.

All of a text is seen with its characters decoded and with what cannot be seen deleted. Encodings of
groups are undone in each segment by itself, which is what stands between two quotes: the segments
of the responses of one target are much the same, so what comes of them is remembered. Those that
come for the first time, as ids and moments do, are decoded together: most never come again.
"""

from __future__ import annotations

import re
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain

from conformance.credentials.encodings import (
    CHARACTERS,
    QUOTED,
    SHORTEST,
    UTF7,
    Joined,
    Places,
    Run,
    Step,
)
from conformance.credentials.groups import BETWEEN, GROUPS

Steps = tuple[Step, ...]
DEEPEST = 4
"""How many steps, one behind another, are taken."""
DEEPEST_GROUPS = 2
"""How many of these decode groups."""
LEAST_ROOM, ROOM = 4 * 1024 * 1024, 6
"""Characters that steps may be taken on for a text, and those for each of its own beside them."""
MOST_KNOWN, LONGEST_KNOWN = 8192, 256
"""Segments that are remembered, and the characters of the longest one."""
LEAST_ENCODED = 8
"""Characters of the shortest segment that can hold an encoded secret."""
JOINED = Joined()
_LONG = re.compile(f"[^{BETWEEN}]{{12,}}")
"""What may hold a secret that is encoded once more."""
_SEGMENT = re.compile(r'(?:[^"\\]++|\\.?)++', re.DOTALL)


class Room:
    """How much may still be done for a text: what decoding costs is bounded."""

    def __init__(self, text: str) -> None:
        self._left = LEAST_ROOM + ROOM * len(text)

    @property
    def is_used_up(self) -> bool:
        """Whether something was left undone."""
        return self._left < 0

    def take(self, text: str, times: int = 1) -> bool:
        """Whether so many more steps may be taken on a text."""
        self._left -= len(text) * times
        return self._left >= 0


def views(text: str, room: Room) -> Iterator[tuple[Steps, str]]:
    """Views of all of a text, with the steps that lead to them: itself, and decoded characters."""
    return _views(text, 0, room)


def segments(text: str) -> Iterator[tuple[int, str]]:
    """The segments of a text that may hold an encoded secret, with their places."""
    for segment in _SEGMENT.finditer(_apart(text)):
        if segment.end() - segment.start() >= LEAST_ENCODED:
            yield segment.start(), segment[0]


def all_decoded(texts: Iterable[str], room: Room) -> str:
    """What can be seen in all views of all segments of texts, each looked at once.

    Segments that are new are decoded side by side, which shows what each shows by itself.
    """
    found: list[str] = []
    new: list[str] = []
    found_in = (_SEGMENT.findall(_apart(text)) for text in texts)
    for segment in dict.fromkeys(chain.from_iterable(found_in)):
        if len(segment) < LEAST_ENCODED:
            continue
        if segment in _known or segment in _met or len(segment) > LONGEST_KNOWN:
            found.append(decoded(segment, room))
        else:
            new.append(segment)
    if new:
        found.append(_seen_in(BETWEEN.join(new), room))
        if len(_met) + len(new) > MOST_KNOWN:
            _met.clear()
        _met.update(new)
    return BETWEEN.join(filter(None, found))


def views_of_segment(segment: str, room: Room) -> Iterator[tuple[Steps, str]]:
    """Views of a segment for which groups are decoded, with the steps that lead to them."""
    for steps, view in _views(segment, DEEPEST_GROUPS, room):
        if not _GROUPS.isdisjoint(steps):
            yield steps, view


def decoded(segment: str, room: Room) -> str:
    """What can be seen in all views of a segment, which is remembered."""
    if (known := _known.get(segment)) is not None:
        return known
    found = _seen_in(segment, room)
    if len(segment) <= LONGEST_KNOWN and not room.is_used_up:
        if len(_known) == MOST_KNOWN:
            _known.clear()
        _known[segment] = found
    return found


def _seen_in(segment: str, room: Room) -> str:
    return BETWEEN.join(view for _, view in views_of_segment(segment, room))


def _apart(text: str) -> str:
    """The text without the mark that stands between segments: it is as invisible as a space."""
    return text.replace(BETWEEN, " ")


_known: dict[str, str] = {}
_met: set[str] = set()
"""Segments that came once, and were decoded beside others."""
_GROUPS = frozenset(GROUPS)


def _views(text: str, groups: int, room: Room) -> Iterator[tuple[Steps, str]]:
    """Views of a text, those with the fewest steps first, of which so many may decode groups."""
    waiting: deque[tuple[Steps, int, str]] = deque([((), groups, text)])
    seen = {text}
    while waiting:
        steps, left, view = waiting.popleft()
        yield steps, view
        for run in _runs(steps, view):
            inner = run.view(view) if run else view
            for step in _next_steps(steps, left):
                if not room.take(inner):
                    return
                made = step.view(inner)
                if len(made) >= SHORTEST and made not in seen:
                    seen.add(made)
                    way = (*steps, run, step) if run else (*steps, step)
                    waiting.append((way, left - (step in _GROUPS), made))


def _runs(steps: Steps, view: str) -> Iterator[Run | None]:
    """What further steps are taken on: all of a view, or what was decoded apart in it."""
    if sum(not isinstance(step, Run) for step in steps) == DEEPEST:
        return
    if steps and steps[-1] in _GROUPS:
        yield from (Run(*run.span()) for run in _LONG.finditer(view))
    else:
        yield None


def _next_steps(steps: Steps, groups: int) -> tuple[Step, ...]:
    if steps and steps[-1] is JOINED:
        return CHARACTERS, QUOTED, UTF7  # groups leave out the same, and more
    return (CHARACTERS, QUOTED, UTF7, JOINED, *(GROUPS if groups else ()))


def located(text: str, steps: Steps) -> Places | None:
    """Where in a text each character comes from of the view that steps lead to."""
    places: Places | None = None
    for step in steps:
        starts, ends = step.places(text)
        if places is not None:
            starts = array("I", [places[0][at] for at in starts])
            ends = array("I", [places[1][at - 1] for at in ends])
        places = starts, ends
        text = step.view(text)
    return places
