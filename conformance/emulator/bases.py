"""What a faulty implementation does where it is right: conforming behaviours to try a fault on.

A fault is a subclass of ``Service`` that overrides what is wrong, and gets the rest from the class
behind it. ``over`` puts another one there, so that a fault is tried on servers that differ in all
that the document leaves open: a lax one hides what a strict one shows, and the reverse. A base
decides each open point in the smallest method there is for it, so that whatever a fault does about
the same point comes first.
"""
# ruff: noqa: D102

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from conformance.emulator.messages import Checkpoint, Request
from conformance.emulator.service import Service
from conformance.emulator.variants.inputs import (
    CompressedBodiesRead,
    DuplicatesRefused,
    EmptyListRefused,
    UnknownFieldsRefused,
)
from conformance.emulator.variants.objects import (
    ForeignProject400,
    IdsInAnyCase,
    UnknownObjects400,
)


class Mixed(Service):
    """Executes some of what may be executed, and refuses the rest: the reference."""


class Lax(IdsInAnyCase, CompressedBodiesRead):
    """Executes all that may be executed, and lists the whole policy whatever was asked for."""

    def check_content_type(self, request: Request) -> None:
        pass

    def fields(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        return dict(pairs)

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        return auto_trigger is not None and super().read_auto_trigger(auto_trigger)

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        return None if resources is None else super().read_resources(resources)

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        return [self.render_resource(server) for server in self.policy_servers(checkpoint.policy)]


class Strict(
    EmptyListRefused, DuplicatesRefused, UnknownFieldsRefused, UnknownObjects400, ForeignProject400
):
    """Refuses all that may be refused, with 400, and lists just the servers asked for."""


REFERENCE: Final = "mixed"
"""The base that is the reference itself: it executes some of what the document leaves open."""

BASES: Final[Mapping[str, type[Service]]] = MappingProxyType(
    {REFERENCE: Mixed, "lax": Lax, "strict": Strict}
)
"""Every base by its name."""


def over(kind: type[Service], base: type[Service]) -> type[Service]:
    """Return ``kind`` with ``base`` behind it, in the place of the reference."""
    return type(kind.__name__, (kind, base), {"__doc__": kind.__doc__})
