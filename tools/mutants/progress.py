"""What became of mutants so far, so that a run that was stopped can go on."""

from __future__ import annotations

import json
from pathlib import Path

from tools.mutants.drawing import Mutant


class Progress:
    """What became of mutants, in a file that without `resume` begins anew.

    It stays known at other commits while the code around a mutant is as it was: tests are added,
    and seldom taken away.
    """

    def __init__(self, path: Path, commit: str, *, resume: bool) -> None:
        self._path = path
        self._commit = commit
        path.parent.mkdir(parents=True, exist_ok=True)
        if not (resume and path.exists()):
            path.write_text("", encoding="utf-8")

    def fate(self, mutant: Mutant) -> str:
        """What became of a mutant the last time that it was tried."""
        return self._last(mutant)[1]

    def by(self, mutant: Mutant) -> str:
        """By what it was killed."""
        return self._last(mutant)[2]

    def commit(self, mutant: Mutant) -> str:
        """The commit at which it was tried the last time; empty where it was not."""
        return self._last(mutant)[0]

    def _last(self, mutant: Mutant) -> tuple[str, str, str]:
        known = {}
        for line in self._path.read_text(encoding="utf-8").splitlines():
            commit, digest, fate, by = json.loads(line)
            known[digest] = commit, fate, by
        return known.get(mutant.digest, ("", "not tried", ""))

    def note(self, mutant: Mutant, fate: str, by: str) -> None:
        """Write down what became of a mutant; processes may do so at the same time."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([self._commit, mutant.digest, fate, by]) + "\n")
