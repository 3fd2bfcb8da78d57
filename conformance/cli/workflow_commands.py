"""What a CI system would take for a command in a log, made harmless.

GitHub Actions obeys a line that begins with `::`, white space before it or not, and `##[` anywhere;
Azure Pipelines obeys `##vso[` and `##[`, TeamCity `##teamcity[`, both anywhere in a line. A space
inside the mark is all it takes to make it text.
"""

from __future__ import annotations

import re
from typing import Final

_BLANK: Final = (
    rb"(?:[ \t\f\v]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]"
    rb"|\xe2\x81\x9f|\xe3\x80\x80)*"
)
"""White space in UTF-8, without what ends a line."""
_MARK: Final = re.compile(
    rb"(?:\A|(?<=[\r\n]))" + _BLANK + rb":(?=:)|##(?=\[|vso\[|teamcity\[)", re.IGNORECASE
)
_INDENT: Final = re.compile(_BLANK)
_LONGEST: Final = len(b"##teamcity[")


class Neutraliser:
    """Makes the commands in a stream of bytes harmless, however it is cut into pieces."""

    def __init__(self) -> None:
        self._line = b""

    def __call__(self, piece: bytes) -> bytes:
        """The next piece of the stream, in which nothing is a command."""
        seen, known = self._line + piece, len(self._line)
        parts, start = [], known
        for mark in _MARK.finditer(seen):
            place = max(mark.end(), known)
            parts.append(seen[start:place] + b" ")
            start = place
        written = b"".join([*parts, seen[start:]])
        self._line = _remembered(seen[:known] + written)
        return written


def _remembered(seen: bytes) -> bytes:
    """As much of the last line as decides whether what follows completes a mark."""
    line = seen[max(seen.rfind(b"\n"), seen.rfind(b"\r")) + 1 :]
    indent = _INDENT.match(line)
    assert indent is not None
    line = line[indent.end() :]
    return line if len(line) < _LONGEST else b"." + line[-_LONGEST:]
