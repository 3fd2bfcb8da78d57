"""JSON of this suite's own files, read into its types."""

from __future__ import annotations

from threading import Lock
from typing import Any, Final, TypeVar

from msgspec.json import Decoder

from conformance.limits import bounded

T = TypeVar("T")
_MAKING: Final = Lock()
_MADE: Final[dict[Any, Decoder[Any]]] = {}


def decode(data: bytes, kind: type[T]) -> T:
    """The value of a type in a JSON text. Raises ValueError for what is none, and where it is
    nested deeper than any file of this suite.
    """
    found: T = decoder_of(kind).decode(bounded(data))
    return found


def decoder_of(kind: Any) -> Decoder[Any]:
    """The decoder of a type, or of a union of types.

    They are made one at a time: msgspec fills in what it knows of a class where all threads see it,
    and a process in which two do so for the same class may crash.
    """
    with _MAKING:
        if kind not in _MADE:
            _MADE[kind] = Decoder(kind)
        return _MADE[kind]
