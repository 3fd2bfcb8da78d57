"""Reports in which every text that comes from outside is whatever Hypothesis likes."""

from __future__ import annotations

from hypothesis import strategies as st

from conformance.contract import load_contract
from conformance.contract.clauses import Clause
from conformance.judge.verdicts import ClauseVerdict, Finding, Judgement, Status, Verdict
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    Fixtures,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    Token,
    TransportFailure,
)
from conformance.page.catalogue import catalogue
from conformance.page.record import ListedRecord, Progress
from conformance.report.model import Report

CANARY = "http://canary.invalid/x"
HOSTILE = [
    "<script>alert(1)</script>",
    f'"><img src={CANARY} onerror=alert(1)>',
    f"'><link rel=stylesheet href={CANARY}><style>@import '{CANARY}'</style>",
    "</pre></details></script><h1>Conforms</h1>",
    "javascript:alert(1)",
    "]]><!-- --><?xml?>&lt;&bogus;",
    "{{ report }}{% raw %}{# #}",
    "{{token}} {{token:halved}} {{open}}",
    "[bold red]FAILED[/bold red] [link=http://x]y[/link] :boom:",
    "\x1b[31mred\x1b[0m\x07\r\x00\x9b31m",
    "| a | b |\n|---|---|\n`code` ``` ```` \\| \\",
    "\u202eevil\u2066\u200b\ufeff\ufffe\ud800\U000e0041",
    'it\'s $HOME `id` $(id) !! "q" %s\\n',
    "",
]
texts = st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=40)
few_texts = st.lists(texts, max_size=3).map(tuple)
bodies = st.binary(max_size=60) | texts.map(lambda text: text.encode("utf-8", "replace"))
headers = st.lists(
    st.tuples(st.sampled_from(["X-Auth-Token", "Content-Type", "Set-Cookie"]) | texts, texts),
    max_size=3,
).map(tuple)
seconds = st.floats()
requests = st.builds(Request, st.sampled_from(["POST", "GET"]) | texts, texts, headers, bodies)
responses = st.builds(Response, st.integers(100, 599), texts, headers, bodies)
failures = st.builds(TransportFailure, st.sampled_from(Failure), texts)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    response = draw(st.none() | responses)
    failure = None if response else draw(failures)
    retry_of = draw(st.none() | texts)
    return Exchange(
        *(draw(texts), draw(requests), response, failure, draw(seconds), draw(seconds), retry_of),
        draw(st.none() | texts),
    )


clauses = st.sampled_from(tuple(catalogue(load_contract()).values()))
counts = st.integers(0, 1000)
spent = st.builds(Spent, counts, counts)
optional_texts = st.none() | texts
seconds_taken = st.none() | st.floats(min_value=0, max_value=1e9)
backups = st.builds(Progress, texts, texts, texts, texts, texts, seconds_taken, texts)
listed = st.builds(ListedRecord, texts, texts)
fixtures = st.builds(
    Fixtures,
    endpoint=texts,
    provider_id=texts,
    project_id=optional_texts,
    plan_id=optional_texts,
    resources=few_texts,
    tokens=st.frozensets(st.sampled_from(Token)),
)


@st.composite
def clause_verdicts(draw: st.DrawFn, clause: Clause, happened: list[Exchange]) -> ClauseVerdict:
    status = draw(st.sampled_from(Status))
    evidence: tuple[Finding, ...] = ()
    if status is Status.FAILED and happened:
        findings = st.builds(Finding, st.just(clause.id), st.sampled_from(happened), texts, texts)
        evidence = tuple(draw(st.lists(findings, max_size=2)))
    return ClauseVerdict(clause, status, draw(counts), draw(texts), draw(texts), evidence)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    happened = draw(st.lists(exchanges(), max_size=3))
    chosen = draw(st.lists(clauses, max_size=5, unique_by=lambda clause: clause.id))
    verdicts = tuple(draw(clause_verdicts(clause, happened)) for clause in chosen)
    judgement = Judgement(
        draw(st.sampled_from(Verdict)), draw(texts), verdicts, draw(few_texts), draw(counts),
        backups=draw(st.lists(backups, max_size=2).map(tuple)),
        surplus=draw(st.lists(listed, max_size=2).map(tuple)),
    )  # fmt: skip
    header = JournalHeader(
        draw(texts), draw(texts), draw(fixtures), draw(texts), draw(counts), draw(seconds),
        only=draw(few_texts),
    )  # fmt: skip
    footer = JournalFooter(
        draw(st.sampled_from(Ending)), draw(seconds), draw(spent), draw(spent), draw(few_texts)
    )
    code = draw(st.sampled_from([0, 1, 3, 130, 143]))
    strict, notes = draw(st.booleans()), draw(few_texts)
    return Report(header, footer, happened, judgement, code, strict, notes)
