"""Judges recordings: from files to a report, one exchange at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from msgspec.structs import replace

from conformance import __version__
from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.events import Listener, nobody
from conformance.journal.reader import JournalReader
from conformance.judge.run import Judge
from conformance.judge.verdicts import Judgement, exit_code
from conformance.model import Ending, Exchange, Fixtures, JournalFooter, JournalHeader, Spent
from conformance.page.catalogue import catalogue
from conformance.recorded.har import HarReader
from conformance.report.model import Report
from conformance.streams import JOURNALS, begins_a_journal, opened
from conformance.text import counted

PROFILE = "recorded"
HEAD = 64
Watch = Callable[[int], None]


def unwatched(_: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to judge a recording. `fixtures` are what the user knows of its target.

    `typed` names the options among them that were given for this recording alone.
    """

    fixtures: Fixtures
    only: tuple[str, ...] = ()
    strict: bool = False
    typed: tuple[str, ...] = ()


def judge_files(
    contract: Contract,
    paths: Sequence[Path],
    wanted: Wanted,
    watch: Watch = unwatched,
    tell: Listener = nobody,
) -> Report:
    """The report on recordings: one journal, or HAR files that are parts of one recording.

    `watch` is called with the number of exchanges judged so far, at each of them, and `tell` hears
    what the judge decides. Raises UsageError for files that cannot be read as such.
    """
    with opened(paths[0]) as stream:
        if not _is_journal(stream, paths[0]):
            return _judge_har(contract, stream, paths, wanted, watch, tell)
        if len(paths) > 1:
            raise UsageError(f"{paths[0]} is a journal: it is judged by itself, give it alone")
        return _judged(contract, JournalReader(stream, paths[0]), wanted, watch, tell)


def judge_journal(contract: Contract, path: Path, wanted: Wanted) -> Report:
    """The report on a journal. Raises UsageError for what is none."""
    with opened(path) as stream:
        return _judged(contract, JournalReader(stream, path), wanted)


def _is_journal(stream: IO[bytes], path: Path) -> bool:
    """Whether a file is a journal of this suite: it is called like one, or begins as one."""
    return path.name.endswith(JOURNALS) or begins_a_journal(_head(stream))


def _head(stream: IO[bytes]) -> bytes:
    peek = getattr(stream, "peek")  # noqa: B009  (both kinds of stream have it; IO does not say so)
    return bytes(peek(HEAD)[:HEAD])


def _judged(
    contract: Contract,
    journal: JournalReader,
    wanted: Wanted,
    watch: Watch = unwatched,
    tell: Listener = nobody,
) -> Report:
    header = journal.header
    if wanted.typed:
        option = wanted.typed[0].replace("_", "-")
        raise UsageError(f"--{option}: a journal has its own fixtures; leave it out")
    header = replace(header, only=wanted.only or header.only)
    judge = Judge(contract, header, tell=tell)
    judged = 0
    for exchange in journal.exchanges():
        judge.observe(exchange)
        judged += 1
        watch(judged)
    footer = journal.footer(catalogue(contract))
    warnings = list(journal.warnings)
    if header.contract != contract.sha256:
        warnings.append("the journal was written with another version of the contract")
    report = _report(judge, header, footer, judged, warnings, wanted)
    return replace(report, deletions=tuple(journal.deletions.values()) or None)


def _judge_har(
    contract: Contract,
    first_file: IO[bytes],
    paths: Sequence[Path],
    wanted: Wanted,
    watch: Watch,
    tell: Listener,
) -> Report:
    given = wanted.fixtures
    fixtures = replace(given, provider_id=given.provider_id or contract.provider_id)
    reader = HarReader(fixtures)
    exchanges = _exchanges(reader, first_file, paths)
    first = next(exchanges, None)
    if first is None:
        raise UsageError(_nothing_found(reader, paths))
    header = _header(contract, reader.fixtures, first.started, wanted.only)
    judge = Judge(contract, header, tell=tell)
    judged, ended = 0, first.started
    for exchange in _with(first, exchanges):
        judge.observe(exchange)
        judged += 1
        watch(judged)
        ended = max(ended, exchange.ended)
    nothing = Spent(0, 0)  # a recording spends no budget
    footer = JournalFooter(Ending.RECORDED, ended, nothing, nothing)
    notes = [*_notes(reader.skipped), *_lacking(reader)]
    return _report(judge, header, footer, judged, notes, wanted, reader.skipped)


def _with(first: Exchange, others: Iterator[Exchange]) -> Iterator[Exchange]:
    yield first
    yield from others


def _exchanges(
    reader: HarReader, first_file: IO[bytes], paths: Sequence[Path]
) -> Iterator[Exchange]:
    yield from reader.read(first_file, paths[0])
    for path in paths[1:]:
        with opened(path) as stream:
            if _is_journal(stream, path):
                raise UsageError(f"{path} is a journal: it is judged by itself, give it alone")
            yield from reader.read(stream, path)


def _header(
    contract: Contract, fixtures: Fixtures, started_at: float, only: tuple[str, ...]
) -> JournalHeader:
    return JournalHeader(__version__, contract.sha256, fixtures, PROFILE, 0, started_at, only=only)


def _nothing_found(reader: HarReader, paths: Sequence[Path]) -> str:
    names = ", ".join(map(str, paths))
    wanted = "POST .../v1/{project_id}/providers/{provider_id}/checkpoints"
    what = "; ".join(_notes(reader.skipped)) or "there is no exchange at all"
    return f"{names}: no exchange of {wanted} that can be judged ({what})"


def _notes(skipped: Counter[str]) -> list[str]:
    return [
        f"skipped {counted(number, 'exchange')} {why}" for why, number in sorted(skipped.items())
    ]


def _lacking(reader: HarReader) -> list[str]:
    return [
        f"{counted(number, what)} {lack}" for (what, lack), number in sorted(reader.lacking.items())
    ]


def _report(
    judge: Judge,
    header: JournalHeader,
    footer: JournalFooter,
    judged: int,
    warnings: Sequence[str],
    wanted: Wanted,
    skipped: Counter[str] | None = None,
) -> Report:
    judgement = judge.conclude(footer)
    judgement = replace(judgement, skipped=judgement.skipped + sum((skipped or {}).values()))
    evidence = _evidence(judgement)
    code = exit_code(judgement, strict=wanted.strict)
    return Report(
        header,
        footer,
        evidence,
        judgement,
        code,
        wanted.strict,
        tuple(warnings),
        unlisted=judged - len(evidence),
    )


def _evidence(judgement: Judgement) -> list[Exchange]:
    """The exchanges that some finding needs, in the order in which they were sent."""
    found = {
        exchange.id: exchange
        for verdict in judgement.clauses
        for finding in verdict.evidence
        for exchange in finding.sequence
    }
    return sorted(found.values(), key=lambda exchange: exchange.started)
