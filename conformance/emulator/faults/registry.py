"""How a fault is declared: a subclass of ``Service``, its name, and the clause that it breaks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from conformance.emulator.implementation import Implementation
from conformance.emulator.service import Service

ServiceType = TypeVar("ServiceType", bound=type[Service])


@dataclass(frozen=True, slots=True)
class Fault(Implementation):
    """A faulty implementation, and which clauses fail because of it.

    ``follows`` are clauses that cannot be kept where ``breaks`` is broken in this way. A fault is
    ``odd`` where no planned request meets its condition, so that only exploration finds it.
    """

    breaks: str = field(kw_only=True)
    follows: frozenset[str] = field(default=frozenset(), kw_only=True)
    odd: bool = field(default=False, kw_only=True)

    @property
    def clauses(self) -> frozenset[str]:
        """All clauses that fail."""
        return self.follows | {self.breaks}


FAULTS: dict[str, Fault] = {}
"""Every fault declared so far, by name."""


def fault(
    name: str,
    *,
    breaks: str,
    follows: tuple[str, ...] = (),
    odd: bool = False,
) -> Callable[[ServiceType], ServiceType]:
    """Declare the decorated subclass a fault; its docstring says what the implementer got wrong."""

    def declare(kind: ServiceType) -> ServiceType:
        if name in FAULTS:
            raise ValueError(f"two faults are called {name}")
        summary = " ".join((kind.__doc__ or "").split())
        FAULTS[name] = Fault(
            name, summary, kind, breaks=breaks, follows=frozenset(follows), odd=odd
        )
        return kind

    return declare
