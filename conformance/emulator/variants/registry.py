"""What a variant is, and the decorator that registers one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from conformance.emulator.implementation import Implementation, summary_of
from conformance.emulator.service import Service

_S = TypeVar("_S", bound=Service)


@dataclass(frozen=True, slots=True)
class Variant(Implementation):
    """A conforming implementation.

    ``may_be_inconclusive`` says that it hides clauses by the moment or by the state of its objects:
    then a suite may be unable to say, but must not accuse.
    """

    may_be_inconclusive: bool = field(default=False, kw_only=True)


REGISTERED: Final[dict[str, Variant]] = {}


def variant(
    name: str, *, inconclusive: bool = False, base_path: str = ""
) -> Callable[[type[_S]], type[_S]]:
    """Register a service as the variant ``name``; its docstring is the summary.

    ``base_path`` is put behind the address in its base URL.
    """

    def register(kind: type[_S]) -> type[_S]:
        if name in REGISTERED:
            raise ValueError(f"two variants are called {name}")
        summary = summary_of(kind)
        REGISTERED[name] = Variant(
            name, summary, kind, base_path=base_path, may_be_inconclusive=inconclusive
        )
        return kind

    return register
