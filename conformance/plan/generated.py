"""Generated probes: starts the generator, remembers what it drew, and fits it to a target."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from conformance.contract import Contract
from conformance.errors import GenerationFailed
from conformance.files import MOST_OF_A_PLAN, read_file, replace_text
from conformance.model import Request
from conformance.page.oracle import Duty, Oracle
from conformance.plan.drafting import Drafts, Probe

COUNT = 60
"""Cases that are drawn of either mode; those that add nothing are then left out."""
NEGATIVE, POSITIVE = 3, 4
"""Generated probes in a plan, at most."""
ALIKE = 1
"""Generated probes that break the same clauses, at most."""
GENERATOR = Path(__file__).with_name("generator.py")
_KNOWN: dict[Path, bytes] = {}
"""What this process has read or drawn, by where it is kept."""


def cache_directory() -> Path:
    """Where what was generated is kept between runs, and Hypothesis keeps its Unicode tables."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "csbs-conformance"


def cache_file(contract: Contract, seed: int) -> Path:
    """Where the cases of a contract and seed are kept; the name changes with all they rest on."""
    parts = [contract.sha256, str(seed), *_rests_on()]
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    return cache_directory() / "generated" / f"{digest}.cases"


@cache
def _rests_on() -> tuple[str, ...]:
    """What the cases rest on beside contract and seed."""
    versions = (each for name in ("schemathesis", "hypothesis") for each in _installed(name))
    return str(COUNT), sys.version, GENERATOR.read_text(), *versions


def _installed(name: str) -> list[str]:
    """The version of a package, by the name of the directory that pip keeps beside it.

    What else finds it takes longer than most commands.
    """
    spec = find_spec(name)
    beside = Path(spec.origin).parents[1] if spec and spec.origin else Path()
    found = sorted(each.name for each in beside.glob(f"{name}-*.dist-info"))
    if found:
        return found
    from importlib.metadata import version

    return [f"{name}-{version(name)}"]


async def drawn_lines(contract: Contract, seed: int) -> bytes:
    """The generated cases for a contract and seed, one a line. Raises GenerationFailed."""
    kept = cache_file(contract, seed)
    if kept not in _KNOWN:
        found = _kept(kept)
        if found is None:
            found = await _generate(contract, seed)
            _keep(kept, found)
        _KNOWN[kept] = found
    return _KNOWN[kept]


def parsed(lines: bytes) -> list[dict[str, Any]]:
    """The cases in the lines that were drawn."""
    return [json.loads(line) for line in lines.splitlines()]


def _kept(path: Path) -> bytes | None:
    """What is kept at a path; None where that is not, or not any more, what was kept there."""
    try:
        digest, _, text = read_file(path, MOST_OF_A_PLAN).partition(b"\n")
    except OSError:
        return None
    return text if text and digest == _digest(text) else None


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()


async def _generate(contract: Contract, seed: int) -> bytes:
    home = cache_directory() / "hypothesis"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", GENERATOR.read_text()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(home),
        start_new_session=True,
    )
    order = {"document": contract.document, "seed": seed, "count": COUNT}
    try:
        output, errors = await process.communicate(json.dumps(order).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()  # its pipes close only when all was read
    if process.returncode != 0:
        last = errors.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise GenerationFailed("".join(last) or f"exit code {process.returncode}")
    if not output:
        raise GenerationFailed("it drew no case")
    return output


def _environment(hypothesis_home: Path) -> dict[str, str]:
    """The environment of the generator: without secrets and what would import more than libraries.

    What the generator says of a failure stands in the reports.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CSBS_")}
    kept.pop("PYTHONPATH", None)
    return {
        **kept,
        "HYPOTHESIS_STORAGE_DIRECTORY": str(hypothesis_home),
        "PYTHONHASHSEED": "0",
    }


def _keep(path: Path, text: bytes) -> None:
    """Keep a text behind its digest for the next run, all or nothing; a run does not fail for want
    of a cache.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, f"{_digest(text).decode()}\n{text.decode()}")
    except OSError:
        pass


def fitted(
    drafts: Drafts, drawn: list[dict[str, Any]], oracle: Oracle, known: set[str]
) -> tuple[list[Probe], list[Probe]]:
    """Generated requests for a target: those to be refused, and those that may be executed.

    Ids are put in place where the case has strings for them. Left out is what a directed probe
    says already (`known` digests) and what breaks just the clauses that several before it broke.
    """
    negative: list[tuple[Request, frozenset[str]]] = []
    positive: list[Probe] = []
    broken: dict[frozenset[str], int] = {}
    for body in _distinct(drawn, drafts):
        request = drafts.request(body)
        expectation = oracle.expect(request)
        clauses = frozenset(breach.clause.id for breach in expectation.breaches)
        broken[clauses] = broken.get(clauses, 0) + 1
        if request.digest in known or broken[clauses] > ALIKE:
            continue
        if expectation.duty is Duty.REFUSE:
            negative.append((request, clauses))
        elif expectation.may_execute and len(positive) < POSITIVE:
            positive.append(Probe(f"generated/positive-{len(positive) + 1}", request))
    chosen = enumerate(_most_different(negative), 1)
    return [Probe(f"generated/negative-{n}", request) for n, request in chosen], positive


def _most_different(candidates: list[tuple[Request, frozenset[str]]]) -> list[Request]:
    """Those to send: each breaks as many clauses as it can that none before it breaks."""
    chosen: list[Request] = []
    left, known = list(candidates), frozenset[str]()
    while left and len(chosen) < NEGATIVE:
        best = max(left, key=lambda each: len(each[1] - known))
        left.remove(best)
        chosen.append(best[0])
        known |= best[1]
    return chosen


def _distinct(drawn: list[dict[str, Any]], drafts: Drafts) -> Iterator[Any]:
    seen: set[str] = set()
    for case in drawn:
        body = with_fixtures(case["body"], drafts)
        text = json.dumps(body)
        if text not in seen:
            seen.add(text)
            yield body


def with_fixtures(body: Any, drafts: Drafts) -> Any:
    """The body with real ids where it has a string for a policy or for a server."""
    checkpoint = body.get("checkpoint") if isinstance(body, dict) else None
    if not isinstance(checkpoint, dict):
        return body
    changed = dict(checkpoint)
    if isinstance(changed.get("plan_id"), str):
        changed["plan_id"] = drafts.plan_id
    parameters = changed.get("parameters")
    if isinstance(parameters, dict) and isinstance(parameters.get("resources"), list):
        servers = drafts.servers
        resources = [
            servers[place % len(servers)] if isinstance(item, str) else item
            for place, item in enumerate(parameters["resources"])
        ]
        changed["parameters"] = {**parameters, "resources": resources}
    return {**body, "checkpoint": changed}
