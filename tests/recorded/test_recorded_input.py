"""Any bytes give a result, or one line that says where the file is wrong."""

from __future__ import annotations

import gzip
import io
import json
import os
import threading
import zipfile
import zlib
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from har_files import KNOWN, asked, changed, checkpoint, entry, har
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded_runs import CONTRACT, NOTHING_KNOWN, Recorded, record
from trying import examples

from conformance import streams as source
from conformance.errors import UsageError
from conformance.judge.verdicts import Status
from conformance.limits import LIMITS
from conformance.prove.trial import Subject, SubjectKind
from conformance.recorded import json_stream
from conformance.recorded.json_stream import BadJson, JsonStream
from conformance.recorded.judging import Wanted, judge_files
from conformance.report.model import Report
from conformance.report.write import write_reports

GOOD_HAR = har([entry(came=checkpoint(1)), entry([], 400, after=3)])
anything = settings(
    max_examples=examples(80),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    from conformance.emulator.faults import CATALOGUE

    name = next(n for n, f in CATALOGUE.items() if f.breaks == "T6.status.values")
    return record(Subject(SubjectKind.FAULT, name), tmp_path_factory.mktemp("run"))


def outcome(data: bytes, directory: Path, *, known: bool = True) -> Report | str:
    """The report on a file, whose reports can be written; or the one line that says why none."""
    path = directory / "recorded"
    path.write_bytes(data)
    try:
        report = judge_files(CONTRACT, [path], Wanted(KNOWN if known else NOTHING_KNOWN))
    except UsageError as error:
        line = str(error)
        assert line.startswith(str(path))
        assert "\n" not in line
        return line.removeprefix(str(path))
    write_reports(report, directory / "reports")
    return report


@anything
@given(st.binary(max_size=300))
def test_bytes(tmp_path: Path, data: bytes) -> None:
    assert isinstance(outcome(data, tmp_path), str)


@anything
@given(st.integers(0, len(GOOD_HAR) - 1))
def test_a_har_file_that_was_cut_says_where(tmp_path: Path, length: int) -> None:
    said = outcome(GOOD_HAR[:length].encode(), tmp_path)
    assert isinstance(said, str)
    assert ": no HAR file (character " in said


@anything
@given(st.data())
def test_a_har_file_with_other_bytes_in_it(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(GOOD_HAR.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    outcome(bytes(whole), tmp_path)


leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.sampled_from(["base64", "\ud800", "{{token}}", "2026-03-01T12:00:00Z", "http://[", "-1"])
)  # fmt: skip
few = settings(anything, max_examples=examples(40))
odd_values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places in a JSON value."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(place for name, inner in items for place in paths(inner, (*path, name)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


PARSED = json.loads(GOOD_HAR)


@anything
@given(st.sampled_from(paths(PARSED)), odd_values)
def test_a_har_file_with_any_value_anywhere(
    tmp_path: Path, path: tuple[Any, ...], value: Any
) -> None:
    outcome(json.dumps(replaced(PARSED, path, value)).encode(), tmp_path)


@few
@given(st.data())
def test_a_journal_with_any_value_anywhere(
    run: Recorded, tmp_path: Path, data: st.DataObject
) -> None:
    lines = run.journal.read_bytes().splitlines()
    chosen = data.draw(st.sampled_from([0, 1, 2, 3, len(lines) // 2, len(lines) - 1]))
    record = json.loads(lines[chosen])
    record = replaced(record, data.draw(st.sampled_from(paths(record))), data.draw(odd_values))
    kept = [*lines[:4], *lines[-12:]]
    changed = [*lines[:chosen], json.dumps(record).encode(), *lines[chosen + 1 :]]
    outcome(b"\n".join(changed if chosen > 3 else [*changed[:4], *kept[4:]]) + b"\n", tmp_path)


@few
@given(st.data())
def test_a_journal_cut_anywhere_is_judged_up_to_there_or_said_to_be_torn(
    run: Recorded, tmp_path: Path, data: st.DataObject
) -> None:
    whole = run.journal.read_bytes()
    header = whole.index(b"\n") + 1
    length = data.draw(st.integers(header, len(whole) - 2))
    packed = data.draw(st.booleans())
    part = (
        gzip.compress(whole[:length], 1)[: data.draw(st.sampled_from([None, -8]))]
        if packed
        else whole[:length]
    )
    report = outcome(part, tmp_path, known=False)
    if isinstance(report, str):
        assert " is torn: " in report
        assert packed or not part.endswith(b"\n")
        return
    assert report.exit_code in (1, 3)
    assert any("has no end" in warning for warning in report.warnings)


LINES = {
    "deep": "[" * 100_000,
    "deep objects": '{"log":' * 100_000,
    "NaN": '{"log": {"entries": [NaN]}}',
    "digits": '{"log": {"entries": [' + "9" * 20_000 + "]}}",
    "no object": "[]",
    "no log": "{}",
    "no entries": '{"log": {"pages": []}}',
    "entries of another type": '{"log": {"entries": {}}}',
    "entries twice": '{"log": {"entries": [], "entries": []}}',
    "a log twice": '{"log": {"entries": []}, "log": {"entries": []}}',
    "more behind it": '{"log": {"entries": []}} {}',
    "a name that is none": '{"log": {5: 1}}',
    "a comma too many": '{"log": {"entries": [],}}',
    "nothing": "",
    "white space": " " * 200_000,
    "no UTF-8": '{"log": {"entries": ["\udcff"]}}',
    "UTF-16": "\ufeff{}",
    "a ZIP archive": "PK\x03\x04",
}


@pytest.mark.parametrize("name", LINES)
def test_what_is_no_har_says_where(name: str, tmp_path: Path) -> None:
    encoding = "utf-16" if name == "UTF-16" else "utf-8"
    said = outcome(LINES[name].encode(encoding, "surrogateescape"), tmp_path)
    assert isinstance(said, str)
    if name == "a ZIP archive":
        assert said.startswith(": the ZIP archive cannot be read (")
        assert said.endswith("; unpack it and give the HAR file in it")
        return
    assert "no HAR file (" in said
    assert "character " in said or "`entries`" in said
    assert "naN" not in said


def test_a_byte_order_mark_is_read_over(run: Recorded, tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    assert isinstance(outcome(mark + GOOD_HAR.encode(), tmp_path), Report)
    assert isinstance(outcome(gzip.compress(mark + GOOD_HAR.encode()), tmp_path), Report)
    marked = outcome(mark + run.journal.read_bytes(), tmp_path, known=False)
    assert isinstance(marked, Report)
    assert marked.judgement == run.judged().judgement


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_wide_characters_are_read_where_a_mark_says_so(encoding: str, tmp_path: Path) -> None:
    """As PowerShell redirects a text into a file."""
    mark = "" if encoding == "utf-16" else "\ufeff"
    assert isinstance(outcome((mark + GOOD_HAR).encode(encoding), tmp_path), Report)


def test_of_names_that_stand_twice_the_last_value_counts(tmp_path: Path) -> None:
    twice = GOOD_HAR.replace('"status": 200', '"status": 500, "status": 200', 1)
    first, second = outcome(twice.encode(), tmp_path), outcome(GOOD_HAR.encode(), tmp_path)
    assert isinstance(first, Report)
    assert isinstance(second, Report)
    assert first.judgement == second.judgement


@pytest.mark.parametrize("cut", [11, 40, -9])
def test_a_packed_har_file_that_was_cut_is_said_to_be(cut: int, tmp_path: Path) -> None:
    said = outcome(gzip.compress(GOOD_HAR.encode())[:cut], tmp_path)
    assert isinstance(said, str)
    assert "gzip stream is damaged" in said or "no HAR file" in said


@anything
@given(st.binary(max_size=60))
def test_bytes_that_claim_to_be_packed(tmp_path: Path, data: bytes) -> None:
    assert isinstance(outcome(source.GZIP + data, tmp_path), str)


@pytest.mark.parametrize(
    "unit", ["[],", '{"a":1},', '"x",', " "], ids=["lists", "objects", "texts", "white space"]
)
def test_a_bomb_is_stopped(unit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MOST_AT_ONCE", 1_500_000)
    monkeypatch.setattr(json_stream, "MOST_MARKS", 100_000)
    packed = zlib.compressobj(wbits=31)
    bomb = packed.compress(b'{"log": {"pages": [') + packed.compress(
        unit.encode() * (2_000_000 // len(unit))
    )
    said = outcome(bomb + packed.flush(), tmp_path)
    assert isinstance(said, str)
    assert "larger than any exchange may be" in said or "nothing but white space" in said


@pytest.mark.parametrize(
    "large",
    ['"' + "x" * 600_000 + '"', "[" + "[],{}," * 120_000 + "0]", '"' + '\\"]}\\\\' * 150_000 + '"'],
    ids=["text", "many values", "escapes"],
)
def test_an_entry_that_is_too_large_is_skipped_and_the_others_are_judged(
    large: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_stream, "MOST_AT_ONCE", 300_000)
    har = json.loads(GOOD_HAR)
    text = json.dumps(har).replace('"entries": [', f'"entries": [{{"_x": {large}}}, ', 1)
    alone, report = outcome(GOOD_HAR.encode(), tmp_path), outcome(text.encode(), tmp_path)
    assert isinstance(alone, Report)
    assert isinstance(report, Report)
    assert report.judgement.clauses == alone.judgement.clauses
    assert any("skipped 1 exchange that take more" in note for note in report.warnings)


def test_what_is_skipped_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MOST_AT_ONCE", 300_000)
    monkeypatch.setattr(json_stream, "MOST_SKIPPED", 1_000_000)
    said = outcome(b'{"log": {"entries": ["' + b"x" * 2_000_000 + b'"]}}', tmp_path)
    assert isinstance(said, str)
    assert "larger than is skipped" in said


def test_a_journal_line_without_an_end_is_stopped(
    run: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.journal.reader.MOST_AT_ONCE", 100_000)
    header = run.journal.read_bytes().splitlines(keepends=True)[0]
    said = outcome(header + b'{"kind":"sent","x":"' + b"x" * 200_000, tmp_path, known=False)
    assert said == ": line 2 is no journal line (it is larger than any exchange may be)"


@given(odd_values.filter(lambda value: "NaN" not in json.dumps(value)), st.integers(1, 40))
@anything
def test_values_are_read_as_the_standard_library_reads_them(value: Any, size: int) -> None:
    text = json.dumps([value, {"name": value}]).encode()
    if b"Infinity" in text:
        return

    class Dripping:
        def __init__(self) -> None:
            self.at = 0

        def read(self, _: int) -> bytes:
            self.at += size
            return text[self.at - size : self.at]

    stream = JsonStream(Dripping())  # type: ignore[arg-type]
    items = stream.items()
    next(items)
    assert stream.value() == value
    next(items)
    assert [(name, stream.value()) for name in stream.members()] == [("name", value)]
    assert list(items) == []
    stream.end()


def test_where_a_text_is_wrong_is_counted_from_its_beginning() -> None:
    good = json.dumps({"log": {"entries": ["x" * 1000] * 500}})
    place = good.index(",", 300_000)
    stream = JsonStream(io.BytesIO(f"{good[:place]}!{good[place + 1 :]}".encode()))
    with pytest.raises(BadJson, match=f"^character {place}: "):
        stream.value()


TOO_LONG = "1" * (LIMITS.digits + 1)


@pytest.mark.parametrize("at", [0, 2, 24, 29])
@pytest.mark.parametrize("wrong", ["!", f'{{"request": {{"bodySize": {TOO_LONG}}}}}'])
def test_behind_which_entry_a_file_is_wrong_is_told(at: int, wrong: str, tmp_path: Path) -> None:
    """Entries are read many at once, and each is counted."""
    entries = [json.dumps(entry(asked(5), 400, after=n)) for n in range(30)]
    entries[at] = wrong
    path = tmp_path / "wrong.har"
    path.write_text(f'{{"log": {{"entries": [{", ".join(entries)}]}}}}')
    with pytest.raises(UsageError) as raised:
        judge_files(CONTRACT, [path], Wanted(KNOWN))
    assert (f"behind entry {at})" in str(raised.value)) is (at > 0)


def test_a_pipe_is_read_but_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(GOOD_HAR,))
    writer.start()
    report = judge_files(CONTRACT, [pipe], Wanted(KNOWN))
    writer.join()
    assert report.judged == 2


PACKING = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


def archive(method: int) -> bytes:
    """A recording as Playwright packs it: the body of its one response stands beside the HAR file.

    The body begins the archive.
    """
    body = json.dumps(checkpoint(1)).encode()
    name = f"{sha1(body, usedforsecurity=False).hexdigest()}.json"
    attached = {"size": len(body), "mimeType": "application/json", "_file": name}
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as packed:
        packed.writestr(name, body)
        packed.writestr("recorded.har", har([changed(entry(), "response.content", attached)]))
    return whole.getvalue()


@anything
@given(st.sampled_from(PACKING), st.data())
def test_an_archive_with_other_bytes_in_it(
    tmp_path: Path, method: int, data: st.DataObject
) -> None:
    whole = bytearray(archive(method))
    places = st.integers(0, len(whole) - 1)
    for place, byte in data.draw(st.dictionaries(places, st.integers(0, 255), min_size=1)).items():
        whole[place] = byte
    outcome(bytes(whole), tmp_path)


def test_an_archive_with_names_that_are_no_text_is_told_as_such(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as packed:
        packed.writestr("é.har", GOOD_HAR)
    said = outcome(whole.getvalue().replace("é".encode(), b"\xff\xff"), tmp_path)
    assert isinstance(said, str)
    assert said.startswith(": the ZIP archive cannot be read (")


@pytest.mark.parametrize("method", PACKING)
def test_a_body_that_cannot_be_unpacked_is_one_that_was_not_recorded(
    method: int, tmp_path: Path
) -> None:
    whole = bytearray(archive(method))
    report = outcome(bytes(whole), tmp_path)
    assert isinstance(report, Report)
    begins = 30 + len(f"{'0' * 40}.json") + 12
    whole[begins : begins + 60] = bytes(each ^ 0x5A for each in whole[begins : begins + 60])
    damaged = outcome(bytes(whole), tmp_path)
    assert isinstance(damaged, Report)
    failed = [each for each in damaged.judgement.clauses if each.status is Status.FAILED]
    assert failed == []
    assert damaged.judgement.clauses != report.judgement.clauses


def test_a_number_beyond_any_double_is_none(tmp_path: Path) -> None:
    huge = GOOD_HAR.replace('"status": 200', f'"status": {10**400}', 1)
    assert huge != GOOD_HAR
    report = outcome(huge.encode(), tmp_path)
    assert isinstance(report, Report)
    assert report.judgement.skipped == 1
