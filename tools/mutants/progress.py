"""What became of mutants so far, so that a run that was stopped can go on."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from tools.mutants.drawing import Mutant


class Progress:
    """The mutants that were killed, by what they are, in a file; those of an earlier run first."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        self._path = path
        self._killers: dict[str, tuple[str, str]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if resume and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                digest, fate, by = json.loads(line)
                self._killers[digest] = fate, by
        else:
            path.write_text("", encoding="utf-8")

    def killed(self, mutant: Mutant) -> tuple[str, str] | None:
        """How and by what a mutant was killed, if it was."""
        return self._killers.get(_digest(mutant))

    def note(self, mutant: Mutant, fate: str, by: str) -> None:
        """Write down that a mutant was killed, from whichever process."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([_digest(mutant), fate, by]) + "\n")


def _digest(mutant: Mutant) -> str:
    return sha256(f"{mutant.module}\n{mutant.source}".encode()).hexdigest()
