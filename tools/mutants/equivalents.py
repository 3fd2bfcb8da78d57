"""Mutants that no test can notice, each with the reason why."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.mutants.drawing import Mutant

FILE = Path(__file__).with_name("equivalents.toml")


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A change of a line, anywhere in a function, in a class or (`within` empty) in a module."""

    module: str
    within: str
    before: str
    after: str
    why: str

    def is_of(self, mutant: Mutant) -> bool:
        """Whether this is the change of a mutant."""
        of = (mutant.module, mutant.within, mutant.before, mutant.after)
        return of == (self.module, self.within, self.before, self.after)


def read_equivalents(text: str) -> list[Equivalent]:
    """The equivalents in a TOML file. Raises TypeError where a field is missing or unknown."""
    return [Equivalent(**each) for each in tomllib.loads(text).get("equivalent", [])]


def why_equivalent(mutant: Mutant, known: Sequence[Equivalent]) -> str:
    """Why a mutant does as the original does; empty where nothing is said of it."""
    return next((each.why for each in known if each.is_of(mutant)), "")
