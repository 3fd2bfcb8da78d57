"""Reports to decide on: the clauses of the catalogue with whatever verdicts a test likes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from hypothesis import strategies as st

from conformance.contract import load_contract
from conformance.contract.clauses import Level
from conformance.gate.model import Baseline, Waiver
from conformance.gate.outcome import Excuses
from conformance.judge.verdicts import (
    ClauseVerdict,
    Finding,
    Judgement,
    Status,
    Verdict,
    exit_code,
)
from conformance.model import (
    Ending,
    Exchange,
    Fixtures,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    Token,
)
from conformance.page.catalogue import catalogue
from conformance.report.model import Report

CONTRACT = load_contract()
CLAUSES = catalogue(CONTRACT)
TODAY = date(2026, 6, 15)
ENDPOINT = "https://csbs.example.com"
PROJECT = "b942cc8342734d15bcb246babb1953cf"
MUSTS = [name for name, clause in CLAUSES.items() if clause.level is Level.MUST]
SHOULDS = [name for name, clause in CLAUSES.items() if clause.level is Level.SHOULD]
EXCHANGE = Exchange(
    "x1",
    Request("POST", f"{ENDPOINT}/v1", (("X-Auth-Token", "{{token}}"),), b"{}"),
    Response(200, "OK", (), b"{}"),
    None,
    1_780_000_000.0,
    0.1,
)


def verdict_on(name: str, status: Status, said: str = "odd") -> ClauseVerdict:
    finding = Finding(name, EXCHANGE, "the usual", said)
    evidence = (finding,) if status is Status.FAILED else ()
    reason = {Status.FAILED: f"received {said}", Status.INCONCLUSIVE: "it was busy"}
    return ClauseVerdict(CLAUSES[name], status, 1, reason.get(status, ""), "", evidence)


def report_on(
    statuses: Mapping[str, Status], *, strict: bool = False, missing: str = "", said: str = "odd"
) -> Report:
    """A report whose judgement and exit code follow from the statuses as the judge has it."""
    verdicts = tuple(verdict_on(name, statuses[name], said) for name in CLAUSES if name in statuses)
    musts = {v.status for v in verdicts if v.clause.level is Level.MUST}
    verdict, reason = Verdict.CONFORMS, missing
    if Status.FAILED in musts:
        verdict, reason = Verdict.VIOLATES, "a must is broken"
    elif missing or Status.INCONCLUSIVE in musts:
        verdict = Verdict.INCONCLUSIVE
    judgement = Judgement(verdict, reason, verdicts, (), 0, missing)
    fixtures = Fixtures(ENDPOINT, "p", PROJECT, "plan", (), frozenset({Token.GOOD}))
    header = JournalHeader("0.1.0", CONTRACT.sha256, fixtures, "smoke", 1, 1_780_000_000.0)
    footer = JournalFooter(Ending.COMPLETE, 1_780_000_009.0, Spent(1, 250), Spent(0, 10))
    code = exit_code(judgement, strict=strict)
    return Report(header, footer, [EXCHANGE], judgement, code, strict)


def baseline_of(
    broken: frozenset[str] = frozenset(),
    kept: frozenset[str] = frozenset(),
    *,
    unseen: frozenset[str] = frozenset(),
    contract: str = CONTRACT.sha256,
    endpoint: str = ENDPOINT,
    project_id: str | None = PROJECT,
) -> Baseline:
    finished = "2026-05-01T10:00:00.000Z"
    return Baseline("old.json", finished, contract, endpoint, project_id, broken, unseen, kept)


names = st.sampled_from(list(CLAUSES))
statuses = st.dictionaries(names, st.sampled_from(Status), max_size=12)
some = st.frozensets(names, max_size=6)
days = st.dates(date(2026, 6, 1), date(2026, 6, 30))
waivers = st.lists(
    st.builds(Waiver, names, st.just("agreed"), days), max_size=6, unique_by=lambda w: w.clause
).map(tuple)
excuses = st.builds(
    Excuses, st.none() | waivers, st.none() | st.builds(baseline_of, some, some, unseen=some)
)
reports = st.builds(
    report_on, statuses, strict=st.booleans(), missing=st.sampled_from(["", "", "no refusal"])
)
