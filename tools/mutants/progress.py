"""What became of mutants so far, so that a run that was stopped can go on."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from tools.mutants.drawing import Mutant


class Progress:
    """What became of mutants of one commit, in a file that without `resume` begins anew.

    What became of them at another commit is not known here: its tests were others.
    """

    def __init__(self, path: Path, commit: str, *, resume: bool) -> None:
        self._path = path
        self._commit = commit
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (resume and path.exists()):
            path.write_text("", encoding="utf-8")

    def fate(self, mutant: Mutant) -> str:
        """What became of a mutant the last time that it was tried."""
        return self._last(mutant)[0]

    def by(self, mutant: Mutant) -> str:
        """By what it was killed."""
        return self._last(mutant)[1]

    def _last(self, mutant: Mutant) -> tuple[str, str]:
        known = {}
        for line in self._path.read_text(encoding="utf-8").splitlines():
            commit, digest, fate, by = json.loads(line)
            known[commit, digest] = fate, by
        return known.get((self._commit, _digest(mutant)), ("not tried", ""))

    def note(self, mutant: Mutant, fate: str, by: str) -> None:
        """Write down what became of a mutant."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([self._commit, _digest(mutant), fate, by]) + "\n")


def _digest(mutant: Mutant) -> str:
    return sha256(f"{mutant.module}\n{mutant.source}".encode()).hexdigest()
