"""How a fault is declared: a subclass of ``Service``, its name, and the clause that it breaks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeVar

from conformance.emulator.bases import BASES, over
from conformance.emulator.implementation import Implementation, summary_of
from conformance.emulator.service import Service

ServiceType = TypeVar("ServiceType", bound=type[Service])

HIDDEN: Final = None
"""What follows where a fault does not show: on a base that never gets as far as what is wrong."""
LATE: Final = MappingProxyType({"lax": HIDDEN, "mixed": HIDDEN})
"""For what is wrong with a valid request that comes last: where open points are executed, none of
the ten executions is left for it."""


@dataclass(frozen=True, slots=True)
class Fault(Implementation):
    """A faulty implementation, and which clauses fail because of it.

    ``follows`` are clauses that cannot be kept where ``breaks`` is broken in this way, and
    ``follows_on`` those on a base where they are others. A fault is ``odd`` where no planned
    request meets its condition, so that only exploration finds it.
    """

    make: type[Service]
    breaks: str = field(kw_only=True)
    follows: frozenset[str] = field(default=frozenset(), kw_only=True)
    follows_on: Mapping[str, frozenset[str] | None] = field(
        default_factory=lambda: MappingProxyType({}), kw_only=True
    )
    odd: bool = field(default=False, kw_only=True)

    @property
    def clauses(self) -> frozenset[str]:
        """All clauses that fail on the reference."""
        return self.follows | {self.breaks}

    def clauses_on(self, base: str) -> frozenset[str]:
        """All clauses that fail on a base, none where the fault is hidden there."""
        follows = self.follows_on.get(base, self.follows)
        return frozenset() if follows is HIDDEN else follows | {self.breaks}

    def over(self, base: str) -> type[Service]:
        """Return the fault on a base: an implementation that is otherwise like that."""
        return over(self.make, BASES[base])


FAULTS: dict[str, Fault] = {}
"""Every fault declared so far, by name."""


def fault(
    name: str,
    *,
    breaks: str,
    follows: tuple[str, ...] = (),
    on: Mapping[str, tuple[str, ...] | None] = MappingProxyType({}),
    odd: bool = False,
) -> Callable[[ServiceType], ServiceType]:
    """Declare the decorated subclass a fault; its docstring says what the implementer got wrong.

    ``on`` has what follows on a base where that is not the same, or HIDDEN.
    """

    def declare(kind: ServiceType) -> ServiceType:
        if name in FAULTS:
            raise ValueError(f"two faults are called {name}")
        if unknown := on.keys() - BASES.keys():
            raise ValueError(f"{name}: no base is called {', '.join(sorted(unknown))}")
        summary = summary_of(kind)
        elsewhere = {base: HIDDEN if ids is HIDDEN else frozenset(ids) for base, ids in on.items()}
        FAULTS[name] = Fault(
            name,
            summary,
            kind,
            breaks=breaks,
            follows=frozenset(follows),
            follows_on=MappingProxyType(elsewhere),
            odd=odd,
        )
        return kind

    return declare
