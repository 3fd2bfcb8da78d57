"""A plan as a file: `plan.ndjson`, written before anything is sent and read back to be sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.model import Fixtures
from conformance.plan.drafting import Probe
from conformance.plan.planner import Plan, Profile
from conformance.records import (
    BadRecord,
    fixtures_from_record,
    fixtures_to_record,
    from_line,
    request_from_record,
    request_to_record,
    to_line,
)

PARTS = tuple(field.name for field in fields(Plan))


def plan_lines(
    plan: Plan, contract: Contract, fixtures: Fixtures, profile: Profile, seed: int
) -> Iterator[bytes]:
    """The lines of the file: a header, then a line for each probe."""
    yield to_line(
        {
            "kind": "plan",
            "probes": len(plan.probes),
            "contract": contract.sha256,
            "profile": profile.value,
            "seed": seed,
            "fixtures": fixtures_to_record(fixtures),
        }
    )
    for part in PARTS:
        for probe in getattr(plan, part):
            request = request_to_record(probe.request)
            yield to_line({"kind": "probe", "part": part, "id": probe.id, "request": request})


def read_plan(path: Path, contract: Contract, fixtures: Fixtures) -> tuple[Plan, Profile, int]:
    """The plan in a file, with its profile and seed.

    Raises UsageError where the file cannot be read, or was made for another contract or target.
    """
    try:
        records = [from_line(line) for line in path.read_bytes().splitlines()]
        header, *probes = records
        if header["kind"] != "plan":
            raise BadRecord("it does not begin with a plan")
        made_for = fixtures_from_record(header["fixtures"])
        parts: dict[str, list[Probe]] = {part: [] for part in PARTS}
        for record in probes:
            request = request_from_record(record["request"])
            parts[record["part"]].append(Probe(record["id"], request))
        plan = Plan(**{part: tuple(found) for part, found in parts.items()})
        profile, seed = Profile(header["profile"]), int(header["seed"])
        if len(probes) != header["probes"]:
            raise BadRecord(f"{len(probes)} of {header['probes']} probes are there")
        contract_digest = header["contract"]
    except OSError as error:
        raise UsageError(f"--plan {path}: {error.strerror}; give a readable file") from None
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise UsageError(f"--plan {path}: not a saved plan ({error}); make it anew") from None
    if contract_digest != contract.sha256:
        raise UsageError(f"--plan {path}: made for another contract; make it anew")
    if made_for != fixtures:
        raise UsageError(f"--plan {path}: made for another target or other fixtures; make it anew")
    return plan, profile, seed
