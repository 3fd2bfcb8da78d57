"""The exchange stage beside the raw HTTP client with the same requests, and how a run grows."""

from __future__ import annotations

import base64
import json
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measure import COMMAND, Run, run
from benchmarks.page import provenance, table
from benchmarks.town import TOKENS, WORLD, known, town
from conformance.contract import load_contract
from conformance.credentials.placeholders import Secrets
from conformance.journal.reader import read_journal
from conformance.model import Exchange, Journal, Token
from conformance.page.oracle import Duty, Oracle
from conformance.run.settings import Settings

CONCURRENCY = 8
EXECUTIONS = 40
"""Executions that a growing run may spend, so that exploration has some left."""
NEVER_EXECUTED = frozenset({Duty.REFUSE, Duty.NOT_EXECUTE})


@dataclass(frozen=True, slots=True)
class Sizes:
    """What to measure: rounds, seconds that answers take, and limits on requests."""

    rounds: int = 5
    latencies: Sequence[float] = (0.0, 0.02, 0.1)
    limits: Sequence[int] = (500, 1000, 2000, 4000)


@dataclass(frozen=True, slots=True)
class Beside:
    """The same requests in three ways, seconds for each round.

    `raw` keeps the order of the stage, what may be executed one at a time; `wide` keeps all lanes
    full.
    """

    latency: float
    requests: int
    one_at_a_time: int
    stage: Sequence[float]
    raw: Sequence[float]
    wide: Sequence[float]


@dataclass(frozen=True, slots=True)
class Growth:
    """A run that explores: the requests it sent, seconds of its exchange, and its process."""

    requests: int
    stage: float
    process: Run


def section(sizes: Sizes) -> str:
    """Measure; the section of the page."""
    where = provenance()
    with TemporaryDirectory() as name:
        directory = Path(name)
        compared = [beside(latency, sizes.rounds, directory) for latency in sizes.latencies]
        grown = list(growth(sizes.limits, directory))
    return "\n".join([where, "", *_compared(compared, sizes.rounds), *_grown(grown)])


def command(endpoint: str, directory: Path, *options: str) -> list[str]:
    """A run of the suite."""
    reports = ["--report-dir", str(directory), "--concurrency", str(CONCURRENCY)]
    return [COMMAND, "run", "--quiet", *known(endpoint), *reports, *options]


def stage_seconds(journal: Journal) -> float:
    """Seconds from the first request to the last response."""
    started = min(exchange.started for exchange in journal.exchanges)
    return max(exchange.ended for exchange in journal.exchanges) - started


def beside(latency: float, rounds: int, directory: Path) -> Beside:
    """Send the same requests in three ways, in turn; the first round warms up and is left out."""
    stage, raw, wide = [], [], []
    with town(latency) as address:
        for _ in range(rounds + 1):
            run(command(address.endpoint("one"), directory), TOKENS)
            journal = read_journal(directory / "journal.ndjson")
            expected = Counter(e.response.status for e in journal.exchanges if e.response)
            groups = list(grouped(journal))
            stage.append(stage_seconds(journal))
            raw.append(sent_raw(groups, expected))
            every = [request for _, requests in groups for request in requests]
            wide.append(sent_raw([(True, every)], expected))
    alone = sum(len(requests) for at_once, requests in groups if not at_once)
    return Beside(latency, len(journal.exchanges), alone, stage[1:], raw[1:], wide[1:])


def grouped(journal: Journal) -> Iterator[tuple[bool, list[dict[str, Any]]]]:
    """The requests of a journal as they were sent, in groups that may or may not go at once."""
    oracle = Oracle(load_contract(), journal.header.fixtures)
    tokens = {Token.GOOD: WORLD["token"], Token.FORBIDDEN: str(WORLD["forbidden_token"])}
    secrets = Settings(fixtures=journal.header.fixtures, tokens=tokens).secrets

    def may_go_at_once(exchange: Exchange) -> bool:
        return oracle.expect(exchange.request).duty in NEVER_EXECUTED

    in_order = sorted(journal.exchanges, key=lambda exchange: exchange.started)
    for at_once, exchanges in groupby(in_order, may_go_at_once):
        yield at_once, [_record(exchange, secrets) for exchange in exchanges]


def _record(exchange: Exchange, secrets: Secrets) -> dict[str, Any]:
    headers, body = secrets.reveal_request(exchange.request)
    return {
        "method": exchange.request.method,
        "url": exchange.request.url,
        "headers": headers,
        "body": base64.b64encode(body).decode("ascii"),
    }


def sent_raw(groups: Sequence[tuple[bool, list[dict[str, Any]]]], expected: Counter[int]) -> float:
    """Seconds that the raw client takes. Raises RuntimeError where it gets other responses."""
    asked = {
        "concurrency": CONCURRENCY,
        "groups": [{"at_once": at_once, "requests": requests} for at_once, requests in groups],
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.raw_client"],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    if (statuses := Counter(told["statuses"])) != expected:
        raise RuntimeError(f"the raw client was answered {statuses}, the suite {expected}")
    return float(told["seconds"])


def growth(limits: Sequence[int], directory: Path) -> Iterator[Growth]:
    """Runs of the profile `deep` that may send more and more."""
    options = ["--profile", "deep", "--max-executions", str(EXECUTIONS)]
    with town() as address:
        for limit in limits:
            limited = [*options, "--max-requests", str(limit)]
            process = run(command(address.endpoint("one"), directory, *limited), TOKENS)
            journal = read_journal(directory / "journal.ndjson")
            yield Growth(len(journal.exchanges), stage_seconds(journal), process)


def _compared(compared: Sequence[Beside], rounds: int) -> list[str]:
    median = statistics.median
    rows = [
        [
            f"{each.latency * 1000:.0f}",
            f"{median(each.stage):.3f}",
            f"{median(each.raw):.3f}",
            f"**{median(each.stage) / median(each.raw):.2f}**",
            f"{median(each.wide):.3f}",
            f"{median(each.stage) / median(each.wide):.2f}",
        ]
        for each in compared
    ]
    one = compared[-1]
    return [
        f"Medians of {rounds} rounds in turn after a warm-up. A run of the default profile sends "
        f"{one.requests} requests; its exchange stage is timed by its journal, from its first "
        "request to its last answer, with all that the stage does meanwhile: budget, journal "
        "(synced before what may execute), redaction, judging. The raw client is "
        "`httpx2.AsyncClient` in a process of its own, handed the same requests, secrets put in "
        "beforehand; it does nothing else, and has to get the same answers. In the third column "
        f"it keeps {CONCURRENCY} requests in flight where they must be refused, as "
        f"`--concurrency` says, and sends the {one.one_at_a_time} others one at a time, since "
        "each may execute the policy, and whether that may be done twice at once the page does "
        f"not say. In the last columns it keeps {CONCURRENCY} of any kind in flight: what no run "
        "may do, and the limit of the client.",
        "",
        *table(
            ["ms an answer takes", "stage s", "raw client s", "ratio", "all at once s", "ratio"],
            rows,
        ),
    ]


def _grown(grown: Sequence[Growth]) -> list[str]:
    rows = [
        [
            f"{each.requests:,}",
            f"{each.stage:.2f}",
            f"{each.stage / each.requests * 1000:.2f}",
            f"{each.process.wall:.2f}",
            f"{each.process.memory:.0f}",
            f"[{each.process.exit_code}]",
        ]
        for each in grown
    ]
    first, last = grown[0], grown[-1]
    more = last.requests - first.requests
    text = []
    if more > 0:
        text = [
            f"From the first to the last row each further request took "
            f"{(last.stage - first.stage) / more * 1000:.2f} ms and "
            f"{(last.process.memory - first.process.memory) / more * 1024:.1f} kB: a run keeps "
            "its exchanges, which its reports list.",
            "",
        ]
    return [
        "How a run grows, with the profile `deep`, where Hypothesis makes up one request after the "
        "other, and answers that take no time:",
        "",
        *table(["requests", "exchange s", "ms a request", "wall s", "peak MB", "exit code"], rows),
        *text,
    ]
