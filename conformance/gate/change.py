"""What it means that the verdict on a clause is another one than it was."""

from __future__ import annotations

from enum import StrEnum

from conformance.judge.verdicts import Status


class ChangeKind(StrEnum):
    """What a change means, the worst first.

    What was broken and is not decided any more has not become better: it is not seen.
    """

    WORSE = "worse"
    UNSEEN = "no longer seen"
    BETTER = "better"
    SEEN = "newly seen"


def change_of(old: Status, new: Status) -> ChangeKind | None:
    """What it means that a clause was `old` and is `new`; None for nothing."""
    decided = (Status.PASSED, Status.FAILED)
    if old is new or (old not in decided and new not in decided):
        return None
    if new is Status.FAILED:
        return ChangeKind.WORSE
    if new is Status.PASSED:
        return ChangeKind.BETTER if old is Status.FAILED else ChangeKind.SEEN
    return ChangeKind.UNSEEN
