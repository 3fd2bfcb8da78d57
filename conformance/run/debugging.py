"""`--debug`: why the stages of a run did what they did, as lines of JSON in `debug.ndjson`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import IO, Any, Final

from conformance.clock import CLOCK, Clock
from conformance.contract.clauses import Clause
from conformance.credentials.placeholders import Secrets
from conformance.errors import UsageError
from conformance.events import Listener, nobody
from conformance.files import opened_to_append
from conformance.model import Exchange, Response
from conformance.page.oracle import Expectation
from conformance.plan.drafting import Probe
from conformance.plan.planner import Plan, Planner
from conformance.text import encodable, rfc3339

DEBUG: Final = "debug.ndjson"


class DebugLog:
    """Writes each event as a line: when, what, and the facts.

    `secrets` gives those of the moment: what has one in it is redacted, whoever told it.
    """

    def __init__(
        self, file: IO[str], path: Path, secrets: Callable[[], Secrets], clock: Clock = CLOCK
    ) -> None:
        self._file, self._path = file, path
        self._secrets = secrets
        self._clock = clock

    def __call__(self, event: str, /, **facts: object) -> None:
        """Write an event. Raises UsageError where there is no room."""
        told = {name: self._plain(fact) for name, fact in facts.items()}
        record = {"at": rfc3339(self._clock.now()), "event": event, **told}
        try:
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise UsageError(
                f"{self._path}: {error.strerror}; make room, or leave --debug out"
            ) from None

    def _plain(self, fact: object) -> Any:
        match fact:
            case None | bool() | int():
                return fact
            case float():
                return round(fact, 3)
            case Exchange() | Probe() | Clause():
                return fact.id
            case Response():
                return fact.status
            case Expectation():
                return {
                    "duty": fact.duty.value,
                    "statuses": sorted(fact.allowed),
                    "breaks": [breach.clause.id for breach in fact.breaches],
                    "not_known": [clause.id for clause in fact.unknown],
                }
            case Enum():
                return self._text(str(fact.value))
            case list() | tuple() | set() | frozenset():
                return [self._plain(each) for each in fact]
            case _:
                return self._text(str(fact))

    def _text(self, text: str) -> str:
        """A text without a secret; what was redacted before stays as it is."""
        text, secrets = encodable(text), self._secrets()
        return secrets.redact(text) if secrets.occur_in(text) else text


@contextmanager
def debug_log(
    directory: Path,
    secrets: Callable[[], Secrets],
    clock: Clock = CLOCK,
    *,
    is_wanted: bool,
    goes_on: bool = False,
) -> Iterator[Listener]:
    """The log in a directory that is there, for its owner only; nobody listens if none is wanted.

    What stands there of another run is removed, unless this one `goes_on` with that. Raises
    UsageError where the file cannot be written.
    """
    path = directory / DEBUG
    try:
        if not goes_on:
            path.unlink(missing_ok=True)
        descriptor = opened_to_append(path) if is_wanted else None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give another --report-dir") from None
    if descriptor is None:
        yield nobody
        return
    with open(descriptor, "a", encoding="utf-8") as file:
        yield DebugLog(file, path, secrets, clock)


def tell_plan(tell: Listener, planner: Planner, plan: Plan) -> None:
    """Tell of each request in a plan, in its order, what the page says of it."""
    for part in fields(plan):
        for probe in getattr(plan, part.name):
            page = planner.oracle.expect(probe.request)
            tell("plan.planned", probe=probe, part=part.name, page=page)


def tell_left_out(tell: Listener, planner: Planner) -> None:
    """Tell which requests the planner drafted and left out, and why."""
    for name, why in planner.left_out.items():
        tell("plan.left_out", probe=name, why=why)
