"""However a journal is spoiled, every command that takes one gives the same response."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from journal_lines import CONTRACT, LINES
from trying import examples

from conformance.attestation.facts import judged_again
from conformance.campaign.standing import was_begun
from conformance.errors import UsageError
from conformance.journal.reader import read_journal, read_past
from conformance.model import Fixtures
from conformance.page.catalogue import catalogue
from conformance.pytest_plugin.phase import OUTCOME, report_on
from conformance.recorded.judging import Wanted, judge_files
from conformance.streams import BYTE_ORDER_MARK

NOTHING_KNOWN = Fixtures("", "", complete=False)
Reading = Callable[[Path], object]


def by_campaign(path: Path) -> object:
    """What a campaign does that goes on; a run that had sent nothing it begins anew by itself."""
    return was_begun(path.parent) or read_past(path)


def by_pytest(path: Path) -> object:
    """What a process of a test session does that did not run the suite itself."""
    record = {"journal": str(path), "exit_code": 0, "strict": False, "warnings": [], "gate": None}
    (path.parent / OUTCOME).write_text(json.dumps(record))
    asked: Any = None
    return report_on(None, asked, path.parent)


STRICT: dict[str, Reading] = {
    "judge": lambda path: judge_files(CONTRACT, [path], Wanted(NOTHING_KNOWN)),
    "verify": lambda path: judged_again(CONTRACT, path, strict=False),
    "pytest": by_pytest,
    "campaign, decided anew": lambda path: read_journal(path, catalogue(CONTRACT)),
}
FORGIVING: dict[str, Reading] = {
    "run --resume": read_past,
    "campaign --resume": by_campaign,
}


def answer(read: Reading, path: Path) -> str:
    """What a command says of a journal."""
    try:
        read(path)
    except UsageError as error:
        return str(error)
    return "accepted"


def one_answer(readings: dict[str, Reading], path: Path) -> str:
    """What all of them say."""
    answers = {name: answer(read, path) for name, read in readings.items()}
    assert len(set(answers.values())) == 1, answers
    return next(iter(answers.values()))


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "journal.ndjson"


VALUES: list[Any] = [
    *(None, True, 0, -1, 1.5, 10**30, math.inf, math.nan, "", "x0001", "\ud800", [], {}, ["a"]),
]
KINDS = ["header", "plan", "sent", "exchange", "resumed", "renewed", "footer", "probe", "\x1b[1m"]


@st.composite
def changed_line(draw: st.DrawFn, line: bytes) -> bytes:
    """A line with another value somewhere, without a name, with one more, or of another kind."""
    record: Any = json.loads(line)
    place = record
    while True:
        key = draw(st.sampled_from(sorted(place)))
        if not (isinstance(place[key], dict) and place[key] and draw(st.booleans())):
            break
        place = place[key]
    match draw(st.sampled_from(["value", "value", "gone", "more", "kind"])):
        case "value":
            place[key] = draw(st.sampled_from(VALUES))
        case "gone":
            del place[key]
        case "more":
            place[draw(st.sampled_from(["why", "probe", "rejected"]))] = "x"
        case "kind":
            record["kind"] = draw(st.sampled_from(KINDS))
    return json.dumps(record).encode() + b"\n"


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A journal in which lines are gone, doubled, swapped or changed, and bytes cut or put in."""
    lines = list(LINES)
    for _ in range(draw(st.integers(0, 2))):
        place, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        match draw(st.sampled_from(["delete", "double", "swap", "change", "empty", "return"])):
            case "delete" if len(lines) > 1:
                del lines[place]
            case "double":
                lines.insert(other, lines[place])
            case "swap":
                lines[place], lines[other] = lines[other], lines[place]
            case "change" if lines[place].strip():
                lines[place] = draw(changed_line(lines[place].removesuffix(b"\r\n") + b"\n"))
            case "empty":
                lines.insert(place, b"\n")
            case "return":
                lines[place] = lines[place].rstrip(b"\r\n") + b"\r\n"
    data = b"".join(lines)
    start = draw(st.integers(0, len(data)))
    match draw(st.sampled_from(["", "", "", "cut", "cut out", "put in"])):
        case "cut":
            data = data[:start]
        case "cut out":
            data = data[:start] + data[start + draw(st.integers(1, 40)) :]
        case "put in":
            data = data[:start] + draw(st.binary(min_size=1, max_size=6)) + data[start:]
    data = draw(st.sampled_from([b"", b"", b"", BYTE_ORDER_MARK, b"\n", b" "])) + data
    if draw(st.integers(0, 4)) == 0:
        data = gzip.compress(data, 1, mtime=0)
        data = data[: draw(st.sampled_from([None, None, 0, 5, 12, len(data) // 2, -4, -9]))]
    return data


@settings(max_examples=examples(300), deadline=None)
@given(spoiled())
@example(b"".join(LINES))
@example(b"")
@example(b"\n")
@example(BYTE_ORDER_MARK + b"".join(LINES))
@example(b"".join(LINES)[:-1])
@example(gzip.compress(b"".join(LINES))[:-9])
@example(gzip.compress(b"".join(LINES))[:-4] + b"abcd")
@example(b"".join([*LINES[:2], b'{"kind":"sent","id":"\\ud800","request":"0"}\n', *LINES[2:]]))
def test_every_command_gives_the_same_answer(journal: Path, data: bytes) -> None:
    journal.write_bytes(data)
    strict, forgiving = one_answer(STRICT, journal), one_answer(FORGIVING, journal)
    assert strict.isprintable()
    if forgiving == strict:
        return
    assert " is torn: the file ends within it; " in strict
    unpacked = as_far_as_it_goes(data)
    journal.write_bytes(unpacked[: unpacked.rfind(b"\n") + 1])
    assert forgiving == one_answer(STRICT, journal)


def as_far_as_it_goes(data: bytes) -> bytes:
    """The bytes of a journal, without gzip, which may end early."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    return zlib.decompressobj(wbits=31).decompress(data)
