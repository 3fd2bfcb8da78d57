"""The decision: a pure function of a report, waivers, a baseline and a date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from msgspec import Struct

from conformance.contract.clauses import Level
from conformance.gate.model import Baseline, Excuse, ExcuseKind, Gate, Waiver, WaiverState
from conformance.judge.verdicts import NOT_KEPT, ClauseVerdict, Judgement, Status
from conformance.model import JournalHeader
from conformance.text import counted, named, visible_line, without_login

LOST = "kept in the baseline and not exercised now"


class Excuses(Struct, frozen=True):
    """What the user brought to excuse broken clauses; None stands for an option not given."""

    waivers: tuple[Waiver, ...] | None = None
    baseline: Baseline | None = None

    @property
    def are_given(self) -> bool:
        """Whether there is anything to decide on."""
        return self.waivers is not None or self.baseline is not None


def exit_code(judgement: Judgement, gate: Gate, *, strict: bool) -> int:
    """1 where something broken counts, or a waiver is unneeded in a strict run; 3 or 0 else.

    What was not seen can be excused as well, clause by clause; nothing replaces the core.
    """
    if gate.counting or (strict and gate.unneeded):
        return 1
    unseen = any(
        verdict.status is Status.INCONCLUSIVE and verdict.clause.id not in gate.excuses
        for verdict in judgement.clauses
        if verdict.clause.level is Level.MUST
    )
    return 3 if unseen or judgement.missing else 0


def decide(
    judgement: Judgement, header: JournalHeader, excuses: Excuses, today: date, *, strict: bool
) -> Gate:
    """What is excused and what counts."""
    verdicts = {verdict.clause.id: verdict for verdict in judgement.clauses}
    waivers = tuple(
        (waiver, _state(waiver, verdicts.get(waiver.clause), today))
        for waiver in excuses.waivers or ()
    )
    baseline = excuses.baseline
    granted = {
        name: found
        for name, verdict in verdicts.items()
        if (found := excuse(verdict, excuses, today)) is not None
    }
    return Gate(
        excuses=granted,
        counting=tuple(
            name
            for name, verdict in verdicts.items()
            if verdict.status is Status.FAILED
            and (verdict.clause.level is Level.MUST or strict)
            and name not in granted
        ),
        waivers=waivers,
        baseline=baseline,
        mended=_having(verdicts, Status.PASSED, baseline.broken) if baseline else (),
        notes=(
            *filter(None, (note_on(waiver, state) for waiver, state in waivers)),
            *_notes_on_baseline(header, verdicts, baseline),
        ),
    )


def excuse(verdict: ClauseVerdict, excuses: Excuses, today: date) -> Excuse | None:
    """Why a clause with this verdict does not count; None where it does, and where it is kept.

    An expired waiver is stronger than the baseline: it says until when the clause may be broken.
    """
    waiver = next((w for w in excuses.waivers or () if w.clause == verdict.clause.id), None)
    state = _state(waiver, verdict, today) if waiver is not None else None
    if waiver is not None and state is WaiverState.USED:
        return Excuse(ExcuseKind.WAIVED, f"waived until {waiver.expires}: {waiver.reason}")
    if state is not WaiverState.EXPIRED and (why := _known(verdict, excuses.baseline)):
        return Excuse(ExcuseKind.KNOWN, why)
    return None


def _state(waiver: Waiver, verdict: ClauseVerdict | None, today: date) -> WaiverState:
    if verdict is not None and verdict.status is Status.PASSED:
        return WaiverState.UNNEEDED
    if waiver.expires < today:
        return WaiverState.EXPIRED
    is_used = verdict is not None and verdict.status in NOT_KEPT
    return WaiverState.USED if is_used else WaiverState.UNSEEN


def _known(verdict: ClauseVerdict, baseline: Baseline | None) -> str:
    """Why a clause is no worse than in the baseline; empty where it is, and where it is kept."""
    if baseline is None or verdict.status not in NOT_KEPT:
        return ""
    if verdict.clause.id in baseline.broken:
        too = " too" if verdict.status is Status.FAILED else ""
        return f"broken in the baseline of {baseline.finished_at}{too}"
    is_unseen = verdict.status is Status.INCONCLUSIVE and verdict.clause.id in baseline.unseen
    return f"not seen in the baseline of {baseline.finished_at} either" if is_unseen else ""


def _having(
    verdicts: Mapping[str, ClauseVerdict], status: Status, names: frozenset[str]
) -> tuple[str, ...]:
    return tuple(n for n, verdict in verdicts.items() if verdict.status is status and n in names)


def note_on(waiver: Waiver, state: WaiverState) -> str:
    """What a reader is told of a waiver that does nothing any more; empty for others."""
    if state is WaiverState.EXPIRED:
        until = f"expired: it held until {waiver.expires}"
        return f"the waiver of {waiver.clause} has {until} ({waiver.reason})"
    if state is WaiverState.UNNEEDED:
        return f"the waiver of {waiver.clause} is no longer needed: the clause passed"
    return ""


def is_note(warning: str) -> bool:
    """Whether a warning in a report is the gate's, and not of the run itself."""
    return warning.startswith(("the waiver of ", "the baseline ")) or LOST in warning


def _notes_on_baseline(
    header: JournalHeader, verdicts: Mapping[str, ClauseVerdict], baseline: Baseline | None
) -> Iterator[str]:
    if baseline is None:
        return
    fixtures = header.fixtures
    if baseline.contract != header.contract:
        yield "the baseline was judged by another version of the contract"
    if baseline.endpoint != without_login(fixtures.endpoint):
        yield f"the baseline is of another endpoint, {visible_line(baseline.endpoint)}"
    elif baseline.project_id != fixtures.project_id:
        yield "the baseline is of another project"
    if lost := _having(verdicts, Status.NOT_EXERCISED, baseline.kept):
        yield f"{counted(len(lost), 'clause')} {LOST}: {named(lost)}"
