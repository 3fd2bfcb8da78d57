"""What may be broken in a campaign: waivers of all targets or of one, and an earlier campaign.

It is read once, where the campaign is started, and goes to the workers with their targets; there
the gate of `run` decides (`gate/outcome.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from conformance.campaign.comparison import OldCampaign, OldTarget
from conformance.campaign.target import Target
from conformance.gate.model import Baseline, Waiver, WaiverState
from conformance.gate.outcome import Excuses, note_on
from conformance.gate.waivers import read_waivers
from conformance.judge.verdicts import Status


def excuses_of(
    targets: Sequence[Target],
    waivers: Path | None,
    baseline: OldCampaign | None,
    clauses: Collection[str],
) -> dict[str, Excuses]:
    """What may be broken, by the name of the target; `waivers` is for those that name none.

    `clauses` are the ids of all clauses. Raises UsageError for a file that is none of waivers.
    """
    named = {each.waivers or waivers for each in targets}
    files = {path: read_waivers(path, clauses) for path in named if path is not None}
    before = {each.name: each for each in baseline.targets if each.clauses} if baseline else {}
    found = {}
    for target in targets:
        path = target.waivers or waivers
        old = before.get(target.name)
        found[target.name] = Excuses(
            waivers=files[path] if path is not None else None,
            baseline=_baseline(baseline, old) if baseline and old else None,
        )
    return found


def _baseline(campaign: OldCampaign, old: OldTarget) -> Baseline:
    """What an earlier campaign found of a target; it does not say of which project."""

    def having(status: Status) -> frozenset[str]:
        return frozenset(name for name, each in old.clauses.items() if each is status)

    return Baseline(
        file="campaign.json",
        finished_at=campaign.finished_at,
        contract=campaign.contract.sha256,
        endpoint=old.endpoint,
        project_id=None,
        broken=having(Status.FAILED),
        unseen=having(Status.INCONCLUSIVE),
        kept=having(Status.PASSED),
    )


def expired(excuses: Mapping[str, Excuses], today: date) -> Iterator[str]:
    """A line for each waiver that has had its time, however many targets have it."""
    waivers: dict[Waiver, None] = {}
    for each in excuses.values():
        waivers.update(dict.fromkeys(each.waivers or ()))
    for waiver in waivers:
        if waiver.expires < today:
            yield note_on(waiver, WaiverState.EXPIRED)
