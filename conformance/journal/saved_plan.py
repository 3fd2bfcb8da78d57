"""A plan as a file: `plan.ndjson`, written before anything is sent and read back to be sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.journal.format import (
    BadRecord,
    Record,
    fixtures_from_record,
    fixtures_to_record,
    from_line,
    request_from_record,
    request_to_record,
    text_from_record,
    to_line,
)
from conformance.journal.trust import check_trusted
from conformance.model import Fixtures
from conformance.plan.drafting import Probe
from conformance.plan.planner import Plan, Profile

PARTS = tuple(field.name for field in fields(Plan))


def plan_lines(
    plan: Plan,
    contract: Contract,
    fixtures: Fixtures,
    profile: Profile,
    seed: int,
    *,
    is_whole: bool = True,
) -> Iterator[bytes]:
    """The lines of the file: a header, then a line for each probe.

    A plan is whole when its generated probes are in it.
    """
    yield to_line(
        {
            "kind": "plan",
            "probes": sum(len(getattr(plan, part)) for part in PARTS),
            "contract": contract.sha256,
            "profile": profile.value,
            "seed": seed,
            "is_whole": is_whole,
            "fixtures": fixtures_to_record(fixtures),
        }
    )
    for part in PARTS:
        for probe in getattr(plan, part):
            request = request_to_record(probe.request)
            yield to_line({"kind": "probe", "part": part, "id": probe.id, "request": request})


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan from a file; it is whole when its generated probes are in it."""

    plan: Plan
    profile: Profile
    seed: int
    is_whole: bool


def read_plan(
    path: Path, contract: Contract, fixtures: Fixtures, option: str = "--plan"
) -> SavedPlan:
    """The plan in a file, which the user named with `option`.

    Raises UsageError where the file cannot be read, or was made for another contract or target.
    """
    try:
        header, plan = _records(path)
        made_for = fixtures_from_record(header["fixtures"])
        saved = SavedPlan(
            plan, Profile(header["profile"]), int(header["seed"]), bool(header["is_whole"])
        )
        contract_digest = header["contract"]
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror}; give a readable file") from None
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise UsageError(f"{option} {path}: not a saved plan ({error}); make it anew") from None
    if contract_digest != contract.sha256:
        raise UsageError(f"{option} {path}: made for another contract; make it anew")
    if made_for != fixtures:
        raise UsageError(
            f"{option} {path}: made for another target or other fixtures; make it anew"
        )
    try:
        check_trusted(plan, fixtures)
    except BadRecord as error:
        raise UsageError(f"{option} {path}: not a saved plan ({error}); make it anew") from None
    return saved


def _records(path: Path) -> tuple[Record, Plan]:
    """The header of a saved plan, and the plan. Raises BadRecord and what bad records raise."""
    header, *probes = [from_line(line) for line in path.read_bytes().splitlines()]
    if header["kind"] != "plan":
        raise BadRecord("it does not begin with a plan")
    parts: dict[str, list[Probe]] = {part: [] for part in PARTS}
    for record in probes:
        request = request_from_record(record["request"])
        parts[record["part"]].append(Probe(text_from_record(record["id"]), request))
    if len(probes) != header["probes"]:
        raise BadRecord(f"{len(probes)} of {header['probes']} probes are there")
    return header, Plan(**{part: tuple(found) for part, found in parts.items()})
