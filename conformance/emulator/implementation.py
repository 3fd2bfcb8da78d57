"""What a fault and a variant have in common: a name, a service to make, a way to serve it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from conformance.emulator.service import Make
from conformance.emulator.world import World


def summary_of(kind: type) -> str:
    """Return what the docstring of a service says of it, in one line."""
    return " ".join((kind.__doc__ or "").split())


@dataclass(frozen=True, slots=True)
class Implementation:
    """An implementation other than the reference.

    ``make`` gives a new one over a world, and ``base_path`` is where it answers.
    """

    name: str
    summary: str
    make: Make
    base_path: str = field(default="", kw_only=True)

    @contextmanager
    def serve(self, world: World) -> Iterator[str]:
        """Put a new one over ``world`` on a socket for the length of a ``with``; yields its URL."""
        from conformance.emulator.app import serving  # loads the web framework

        with serving(self.make(world)) as url:
            yield url + self.base_path
