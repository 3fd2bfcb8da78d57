"""What foreign bytes are made of: fragments that parsers know, put together as nobody would."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from hypothesis import strategies as st

from conformance.cli.main import told
from conformance.errors import UsageError

SCALARS: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    1e400,
    10**400,
    "",
    "x",
    "\ud800",
    "\x1b[31m\n",
    [],
    {},
]
DEEP = b"[" * 100_000
DIGITS = b"9" * 20_000
json_values = st.recursive(
    st.sampled_from(SCALARS) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def pieced(fragments: Sequence[bytes], most: int = 12) -> st.SearchStrategy[bytes]:
    """Bytes made of fragments and of anything else."""
    piece = st.sampled_from(fragments) | st.binary(max_size=6)
    return st.lists(piece, max_size=most).map(b"".join)


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes of which a stretch is replaced, or which end early, or hold a stretch twice."""
    start = draw(st.integers(0, len(whole)))
    end = min(len(whole), start + draw(st.integers(0, 60)))
    instead = draw(st.binary(max_size=8) | st.sampled_from([DEEP, DIGITS, b"\n", b"", b"NaN"]))
    cut = draw(st.sampled_from([None, None, start]))
    return whole[:cut] if cut is not None else whole[:start] + instead + whole[end:]


@st.composite
def changed(draw: st.DrawFn, records: Sequence[dict[str, Any]]) -> bytes:
    """Lines of JSON in which a value is another, a name is gone, or a line stands elsewhere."""
    lines: list[Any] = json.loads(json.dumps(records))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = draw(st.sampled_from(lines))
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys))
            inner = place[key]
            if not (isinstance(inner, dict | list) and inner and draw(st.booleans())):
                break
            place = inner
        if draw(st.booleans()) or isinstance(place, list):
            place[key] = draw(json_values)
        else:
            del place[key]
            if not place:
                break
    order = draw(st.permutations(lines)) if draw(st.integers(0, 9)) == 0 else lines
    return "".join(json.dumps(line) + "\n" for line in order).encode()


def check_told(error: UsageError | ValueError) -> None:
    """Check that an error says something, and is told in one line that steers no terminal."""
    assert str(error)
    line = told(click.UsageError(str(error)))
    assert line.isprintable()
    assert len(line) < 2000
