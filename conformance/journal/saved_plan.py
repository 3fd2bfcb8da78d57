"""A plan as a file: `plan.ndjson`, written before anything is sent and read back to be sent.

What a file may do with the tokens: have them go to the endpoint, as placeholders that we know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache
from pathlib import Path

import msgspec
from msgspec import Struct

from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.files import MOST_OF_A_PLAN, read_file
from conformance.journal.format import fixtures_of, fixtures_part, request_of, request_part
from conformance.journal.lines import (
    BadRecord,
    FixturesPart,
    Line,
    RequestPart,
    decoded,
    reason,
    to_line,
)
from conformance.journal.trust import check_trusted
from conformance.model import Fixtures
from conformance.plan.drafting import Probe
from conformance.plan.planner import Plan, Profile
from conformance.typed_json import decoder_of

PARTS = tuple(field.name for field in fields(Plan))


class HeadLine(Line, tag="plan"):
    """What a plan was made for; it is whole when its generated probes are in it."""

    probes: int
    contract: str
    profile: Profile
    seed: int
    is_whole: bool
    fixtures: FixturesPart


class ProbeLine(Line, tag="probe"):
    """A probe, and the part of the plan that it belongs to."""

    part: str
    id: str
    request: RequestPart


PLAN_LINE: msgspec.json.Decoder[HeadLine | ProbeLine] = decoder_of(HeadLine | ProbeLine)


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
    head = HeadLine(
        probes=sum(len(getattr(plan, part)) for part in PARTS),
        contract=contract.sha256,
        profile=profile,
        seed=seed,
        is_whole=is_whole,
        fixtures=fixtures_part(fixtures),
    )
    yield to_line(head)
    for part in PARTS:
        for probe in getattr(plan, part):
            yield _probe_line(part, probe)


@lru_cache(maxsize=1024)
def _probe_line(part: str, probe: Probe) -> bytes:
    """A probe's line; a run saves its plan twice, and others of the same target save it again."""
    line = ProbeLine(part=part, id=probe.id, request=request_part(probe.request))
    return to_line(line)


class SavedPlan(Struct, frozen=True):
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
        head, probes = _read(path)
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror}; give a readable file") from None
    except ValueError as error:
        raise UsageError(
            f"{option} {path}: not a saved plan ({reason(error)}); make it anew"
        ) from None
    if head.contract != contract.sha256:
        raise UsageError(f"{option} {path}: made for another contract; make it anew")
    if fixtures_of(head.fixtures) != fixtures:
        raise UsageError(
            f"{option} {path}: made for another target or other fixtures; make it anew"
        )
    parts: dict[str, list[Probe]] = {part: [] for part in PARTS}
    for number, (part, probe) in enumerate(probes, 2):
        try:
            check_trusted(probe.request, fixtures)
        except BadRecord as error:
            told = f"line {number} is nothing that is planned: {error}"
            raise UsageError(f"{option} {path}: {told}; make it anew") from None
        parts[part].append(probe)
    plan = Plan(**{part: tuple(found) for part, found in parts.items()})
    return SavedPlan(plan, head.profile, head.seed, head.is_whole)


def _read(path: Path) -> tuple[HeadLine, list[tuple[str, Probe]]]:
    """The head of a saved plan, and each probe with its part. Raises ValueError and OSError."""
    lines = [decoded(line, PLAN_LINE) for line in read_file(path, MOST_OF_A_PLAN).splitlines()]
    head = lines[0] if lines else None
    if not isinstance(head, HeadLine):
        raise BadRecord("it does not begin with a plan")
    probes = []
    for number, line in enumerate(lines[1:], 2):
        if not isinstance(line, ProbeLine) or line.part not in PARTS:
            raise BadRecord(f"line {number} is no probe of a plan")
        probes.append((line.part, Probe(line.id, request_of(line.request))))
    if len(probes) != head.probes:
        raise BadRecord(f"{len(probes)} of {head.probes} probes are there")
    return head, probes
