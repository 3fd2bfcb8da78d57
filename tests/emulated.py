"""What a run is given for the emulator."""

from __future__ import annotations

from conformance.emulator import World
from conformance.model import Fixtures, Token

NOWHERE = "http://127.0.0.1:1"


def emulated_fixtures(
    endpoint: str = NOWHERE,
    world: World | None = None,
    tokens: frozenset[Token] = frozenset(Token),
) -> Fixtures:
    """The fixtures of a world of the emulator, the default one where none is given."""
    known = (world or World.default()).fixtures()
    return Fixtures(
        endpoint=endpoint,
        provider_id=known["provider_id"],
        project_id=known["project_id"],
        plan_id=known["plan_id"],
        resources=tuple(known["resources"]),
        tokens=tokens,
    )
