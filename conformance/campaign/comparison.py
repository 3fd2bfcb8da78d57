"""What is different between two campaigns: targets, and verdicts on them and their clauses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from conformance.campaign.row import NO_VERDICT, Row
from conformance.errors import UsageError
from conformance.files import MOST_OF_A_MATRIX, read_file
from conformance.gate.change import ChangeKind, change_of
from conformance.judge.verdicts import Status, Verdict
from conformance.text import shorten, visible_line
from conformance.typed_json import decode

NAME: Final = "campaign.json"


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict on a target, or on one of its clauses, that is not what it was."""

    kind: ChangeKind
    target: str
    clause: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences to an earlier campaign, worst first."""

    finished_at: str
    contract: str
    changes: Sequence[Change]
    new_targets: Sequence[str]
    gone_targets: Sequence[str]
    new_clauses: Sequence[str]
    gone_clauses: Sequence[str]

    def having(self, kind: ChangeKind) -> list[Change]:
        """The changes of a kind."""
        return [change for change in self.changes if change.kind is kind]


class OldTarget(msgspec.Struct):
    """A target of an earlier campaign; `clauses` is empty where it had no verdict."""

    name: str
    endpoint: str
    verdict: Verdict | None
    clauses: dict[str, Status]


class _OldClause(msgspec.Struct):
    id: str


class _OldContract(msgspec.Struct):
    sha256: str


class OldCampaign(msgspec.Struct):
    """The part of an earlier `campaign.json` that is compared; every 1.x has it."""

    schema_version: Annotated[str, msgspec.Meta(pattern=r"^1\.[0-9]+$")]
    contract: _OldContract
    finished_at: str
    clauses: list[_OldClause]
    targets: list[OldTarget]


def read_old(path: Path, option: str = "--compare") -> OldCampaign:
    """The earlier campaign in a `campaign.json`, or in a directory with one. Raises UsageError."""
    file = path / NAME if path.is_dir() else path
    try:
        return decode(read_file(file, MOST_OF_A_MATRIX), OldCampaign)
    except OSError as error:
        raise UsageError(f"{option} {file}: {error.strerror}; give a {NAME}") from None
    except ValueError as error:
        what = shorten(visible_line(str(error)), 200)
        raise UsageError(f"{option} {file}: no campaign of this suite ({what})") from None


def compare(old: OldCampaign, rows: Sequence[Row], clauses: Sequence[str]) -> Comparison:
    """What is different now. Clauses that are in one contract only are told once, not by target."""
    before = {target.name: target for target in old.targets}
    now = {row.name: row for row in rows}
    then = dict.fromkeys(clause.id for clause in old.clauses)
    both = [name for name in clauses if name in then]
    changes = [
        change
        for name, row in now.items()
        if name in before
        for change in _changes(before[name], row, both)
    ]
    order = list(ChangeKind)
    return Comparison(
        finished_at=old.finished_at,
        contract=old.contract.sha256,
        changes=sorted(changes, key=lambda change: order.index(change.kind)),
        new_targets=[name for name in now if name not in before],
        gone_targets=[name for name in before if name not in now],
        new_clauses=[name for name in clauses if name not in then],
        gone_clauses=[name for name in then if name not in set(clauses)],
    )


def _changes(old: OldTarget, row: Row, clauses: Sequence[str]) -> Iterator[Change]:
    """What changed on a target. A clause that one of the two left out was not exercised there."""
    if kind := change_of(old.verdict, row.verdict):
        yield Change(kind, row.name, "", old.verdict or NO_VERDICT, row.verdict or NO_VERDICT)
    if not old.clauses or not row.statuses:
        return  # one of the two has no verdict, which is told above
    for clause in clauses:
        pair = [each.get(clause, Status.NOT_EXERCISED) for each in (old.clauses, row.statuses)]
        if kind := change_of(*pair):
            yield Change(kind, row.name, clause, *pair)
