"""Rows and matrices for tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from conformance.campaign.comparison import Comparison
from conformance.campaign.matrix import Matrix
from conformance.campaign.row import Row, without_verdict
from conformance.contract import load_contract
from conformance.contract.clauses import Level
from conformance.judge.verdicts import Status, Verdict
from conformance.page.catalogue import catalogue

CLAUSES = list(catalogue(load_contract()).values())
MUST = next(clause.id for clause in CLAUSES if clause.level is Level.MUST)
SHOULD = next(clause.id for clause in CLAUSES if clause.level is Level.SHOULD)


def row(
    name: str,
    statuses: Mapping[str, str] | None = {},
    endpoint: str = "https://csbs.example",
    reason: str = "",
    strict: bool = False,
    without: Collection[str] = (),
) -> Row:
    """A row whose clauses passed but for `statuses`; None for a target without a verdict.

    The clauses `without` which it is were left out of its run.
    """
    if statuses is None:
        return without_verdict(name, endpoint, reason or "its token is not there")
    tested = [clause for clause in CLAUSES if clause.id not in without]
    all_of_them = {clause.id: Status(statuses.get(clause.id, "passed")) for clause in tested}
    broken = {clause.level for clause in tested if all_of_them[clause.id] is Status.FAILED}
    violates = Level.MUST in broken
    return Row(
        name=name,
        endpoint=endpoint,
        verdict=Verdict.VIOLATES if violates else Verdict.CONFORMS,
        reason=reason,
        exit_code=1 if violates or (strict and broken) else 0,
        strict=strict,
        suite="0.1",
        contract=load_contract().sha256,
        started_at="2026-01-01T00:00:00.000Z",
        finished_at="2026-01-01T00:00:01.000Z",
        requests=20,
        executions=3,
        statuses=all_of_them,
    )


def matrix(
    *rows: Row, comparison: Comparison | None = None, interrupted: int | None = None
) -> Matrix:
    """The matrix of some rows."""
    sha256 = load_contract().sha256
    return Matrix(rows, CLAUSES, sha256, 1_000.0, 1_060.0, interrupted, comparison)
