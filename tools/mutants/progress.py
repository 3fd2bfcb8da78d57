"""What became of mutants so far, so that a run that was stopped can go on."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from tools.mutants.drawing import Mutant


class Progress:
    """The mutants that were killed, by what they are, in a file that several processes share.

    Without `resume` it begins anew.
    """

    def __init__(self, path: Path, *, resume: bool) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (resume and path.exists()):
            path.write_text("", encoding="utf-8")

    def killed(self, mutant: Mutant) -> tuple[str, str] | None:
        """How and by what a mutant was killed, if it was."""
        for line in self._path.read_text(encoding="utf-8").splitlines():
            digest, fate, by = json.loads(line)
            if digest == _digest(mutant):
                return fate, by
        return None

    def note(self, mutant: Mutant, fate: str, by: str) -> None:
        """Write down that a mutant was killed."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([_digest(mutant), fate, by]) + "\n")


def _digest(mutant: Mutant) -> str:
    return sha256(f"{mutant.module}\n{mutant.source}".encode()).hexdigest()
