"""What it means that the verdict on a clause, or on a target, is another one than it was."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from conformance.judge.verdicts import Status, Verdict

KEPT: Final = (Status.PASSED, Verdict.CONFORMS)
BROKEN: Final = (Status.FAILED, Verdict.VIOLATES)


class ChangeKind(StrEnum):
    """What a change means, the worst first.

    What was broken and is not decided any more has not become better: it is not seen.
    """

    WORSE = "worse"
    UNSEEN = "no longer seen"
    BETTER = "better"
    SEEN = "newly seen"


def change_of(old: Status | Verdict | None, new: Status | Verdict | None) -> ChangeKind | None:
    """What it means that a clause or a target was `old` and is `new`; None for nothing.

    A target without a verdict is None among them: nothing was decided there.
    """
    if old == new:
        return None
    if new in BROKEN:
        return ChangeKind.WORSE
    if new in KEPT:
        return ChangeKind.BETTER if old in BROKEN else ChangeKind.SEEN
    return ChangeKind.UNSEEN if old in (*KEPT, *BROKEN) else None
