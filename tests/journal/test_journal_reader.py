"""What is said of a journal that is not whole, or not a journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from recorded_runs import CONTRACT, NOTHING_KNOWN

from conformance.errors import UsageError
from conformance.journal.format import exchange_to_record, footer_to_record, header_to_record
from conformance.journal.lines import to_line
from conformance.journal.reader import JournalReader
from conformance.judge.verdicts import Status, Verdict
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
from conformance.recorded.judging import Wanted, judge_files
from conformance.report.model import Report
from conformance.streams import opened

FIXTURES = Fixtures(
    "https://csbs.example.com", CONTRACT.provider_id, "p", "plan", ("s",), frozenset(Token)
)
HEADER = JournalHeader("0", CONTRACT.sha256, FIXTURES, "standard", 1, 5.0, only=("T6.*",))
FOOTER = JournalFooter(Ending.COMPLETE, 9.0, Spent(1, 2), Spent(0, 1), ("T6.id.unique",))
URL = f"https://csbs.example.com/v1/p/providers/{CONTRACT.provider_id}/checkpoints"
LOST = Exchange(
    "1", Request("POST", URL, ()), None, TransportFailure(Failure.TIMEOUT, "5 s"), 6.0, 1.5
)


def written(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def judged(path: Path) -> Report:
    return judge_files(CONTRACT, [path], Wanted(NOTHING_KNOWN))


def header_line(header: JournalHeader = HEADER) -> bytes:
    return to_line(header_to_record(header))


def test_a_journal_without_an_end_is_that_of_a_run_that_was_killed(tmp_path: Path) -> None:
    path = written(tmp_path / "j", header_line(), to_line(exchange_to_record(LOST)))
    report = judged(path)
    assert report.footer.ending is Ending.INTERRUPTED
    assert report.footer.finished_at == LOST.ended
    assert report.footer.requests == Spent(1, 1)
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert "the run was killed" in report.warnings[0]
    unsent = next(v for v in report.judgement.clauses if v.clause.id == "T6.id.unique")
    assert unsent.status is Status.INCONCLUSIVE
    assert "not sent: the run was interrupted" in unsent.reason


@pytest.mark.parametrize(
    ("method", "status", "spent"),
    [("POST", 200, 1), ("POST", 500, 1), ("POST", None, 1), ("POST", 400, 0), ("GET", 200, 0)],
)
def test_without_an_end_the_executions_are_counted_as_a_run_counts_them(
    method: str, status: int | None, spent: int, tmp_path: Path
) -> None:
    response = None if status is None else Response(status, "", (), b"{}")
    failure = TransportFailure(Failure.TIMEOUT) if status is None else None
    request = Request(method, URL, ())
    one = replace(LOST, request=request, response=response, failure=failure)
    report = judged(written(tmp_path / "j", header_line(), to_line(exchange_to_record(one))))
    assert report.footer.executions == Spent(spent, spent)


@pytest.mark.parametrize("cut", [1, 20])
def test_a_torn_last_line_is_told_and_what_to_do(cut: int, tmp_path: Path) -> None:
    line = to_line(exchange_to_record(LOST))
    path = written(tmp_path / "j", header_line(), line, line[:-cut])
    with pytest.raises(UsageError) as raised:
        judged(path)
    assert str(raised.value) == (
        f"{path}: line 3 is torn: the file ends within it; finish the run with "
        f"csbs-conformance run --resume {tmp_path}, or cut that line off"
    )


def test_another_contract_is_said(tmp_path: Path) -> None:
    header = header_line(replace(HEADER, contract="0" * 64))
    report = judged(written(tmp_path / "j", header, to_line(footer_to_record(FOOTER))))
    assert report.warnings == ("the journal was written with another version of the contract",)


def test_a_journal_says_within_which_limits_it_was_written(tmp_path: Path) -> None:
    footer = to_line(footer_to_record(FOOTER))
    record = header_to_record(HEADER)
    assert record["limits"] == {"nesting": 1000, "digits": 1000}
    assert not judged(written(tmp_path / "j", to_line(record), footer)).warnings
    older = {name: value for name, value in record.items() if name != "limits"}
    assert not judged(written(tmp_path / "j", to_line(older), footer)).warnings
    other = to_line({**record, "limits": {"nesting": 5, "digits": 1000}})
    (warning,) = judged(written(tmp_path / "j", other, footer)).warnings
    assert warning.startswith(
        "written within 5 levels and 1,000 digits, judged within 1,000 levels"
    )


def test_patterns_replace_those_of_the_run(tmp_path: Path) -> None:
    path = written(tmp_path / "j", header_line(), to_line(footer_to_record(FOOTER)))
    only = Wanted(NOTHING_KNOWN, only=("T8.id.*",))
    clauses = judge_files(CONTRACT, [path], only).judgement.clauses
    assert {verdict.clause.id.rpartition(".")[0] for verdict in clauses} == {"T8.id"}
    assert all(v.clause.id.startswith("T6.") for v in judged(path).judgement.clauses)


def line_with(**changes: object) -> bytes:
    return to_line({**exchange_to_record(LOST), **changes})


BAD_LINES = [
    b"{}\n",
    b"[]\n",
    b'{"kind": 5}\n',
    b'{"kind": "exchange"}\n',
    header_line(),
    line_with(id=5),
    line_with(started="now"),
    line_with(failure=None),
    line_with(failure={"kind": "BORED", "detail": ""}),
    line_with(request={**exchange_to_record(LOST)["request"], "url": "http://["}),
    line_with(request={**exchange_to_record(LOST)["request"], "body": {"base64": "?"}}),
    line_with(response={"status": True, "reason": "", "headers": [], "body": ""}),
    line_with(response={"status": 200, "reason": "", "headers": [["a"]], "body": ""}),
    line_with(response={"status": 200, "reason": "", "headers": [], "body": ""}),
    to_line({**footer_to_record(FOOTER), "ending": "BORED"}),
    to_line({**footer_to_record(FOOTER), "unsent": 5}),
    line_with(started=float("nan")),
    b'{"kind": "exchange", "id": "\xff"}\n',
    b'{"kind": "exchange", "x": ' + b"[" * 100_000 + b"\n",
    line_with(x=json.loads("[" * 150 + "]" * 150)),
]


@pytest.mark.parametrize("line", BAD_LINES, ids=[f"{n}" for n in range(len(BAD_LINES))])
def test_a_bad_line_in_the_middle_is_named(line: bytes, tmp_path: Path) -> None:
    path = written(tmp_path / "j", header_line(), line, to_line(footer_to_record(FOOTER)))
    with pytest.raises(UsageError, match=f"^{path}: line 2 is no journal line"):
        judged(path)


@pytest.mark.parametrize(
    "change",
    [
        {"fixtures": None},
        {"started_at": "x"},
        {"only": "T6"},
        {"tolerances": {"clock": []}},
        {"fixtures": {**header_to_record(HEADER)["fixtures"], "tokens": ["x"]}},
        {"fixtures": {**header_to_record(HEADER)["fixtures"], "endpoint": "http://["}},
    ],
)
def test_a_bad_header_is_named(change: dict[str, object], tmp_path: Path) -> None:
    header = json.dumps({**header_to_record(HEADER), **change}, default=list).encode() + b"\n"
    with pytest.raises(UsageError, match="line 1 is no journal line"):
        judged(written(tmp_path / "j", header))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
pairs = st.tuples(texts, texts)
requests = st.builds(
    Request, texts, st.just(URL), st.lists(pairs, max_size=3).map(tuple), st.binary(max_size=30)
)
responses = st.builds(
    Response,
    st.integers(0, 999),
    texts,
    st.lists(pairs, max_size=3).map(tuple),
    st.binary(max_size=30),
)
failures = st.builds(TransportFailure, st.sampled_from(Failure), texts)
seconds = st.floats(0, 1e10)


@given(texts, requests, responses | failures, seconds, seconds, st.none() | texts)
def test_what_a_run_wrote_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    request_: Request,
    came: Response | TransportFailure,
    started: float,
    duration: float,
    probe: str | None,
) -> None:
    answered = came if isinstance(came, Response) else None
    failed = came if isinstance(came, TransportFailure) else None
    exchange = Exchange(name, request_, answered, failed, started, duration, probe=probe)
    again = replace(exchange, id=f"{name}'", retry_of=name)
    path = tmp_path_factory.getbasetemp() / "one.ndjson"
    exchanges = [exchange_to_record(exchange), exchange_to_record(again)]
    written(path, *map(to_line, [header_to_record(HEADER), *exchanges, footer_to_record(FOOTER)]))
    with opened(path) as stream:
        reader = JournalReader(stream, path)
        assert reader.header == HEADER
        assert list(reader.exchanges()) == [exchange, again]
        assert reader.footer(iter(())) == FOOTER
