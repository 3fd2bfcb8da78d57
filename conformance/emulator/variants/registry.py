"""What a variant is, and the decorator that registers one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from conformance.emulator.service import Make, Service
from conformance.emulator.variants.raw import RawService, serving_raw
from conformance.emulator.world import World

_S = TypeVar("_S", bound=Service)


@dataclass(frozen=True, slots=True)
class Variant:
    """A conforming implementation.

    ``make`` gives a new one over a world, and ``base_path`` is where it answers.
    ``may_be_inconclusive`` says that it hides clauses by the moment or by the state of its objects:
    then a suite may be unable to say, but must not accuse.
    """

    name: str
    summary: str
    make: Make
    base_path: str = ""
    may_be_inconclusive: bool = False

    @contextmanager
    def serve(self, world: World) -> Iterator[str]:
        """Put a new one over ``world`` on a socket for the length of a ``with``; yields its URL."""
        with _serving(self.make(world)) as url:
            yield url + self.base_path


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
        summary = " ".join((kind.__doc__ or "").split())
        REGISTERED[name] = Variant(name, summary, kind, base_path, inconclusive)
        return kind

    return register


def _serving(service: Service) -> AbstractContextManager[str]:
    if isinstance(service, RawService):
        return serving_raw(service)
    from conformance.emulator.app import serving

    return serving(service)
