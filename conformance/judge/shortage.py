"""What a limit left undecided: how much, why it was used up, and what would have been enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.contract.clauses import Clause, Level
from conformance.judge.observations import Observations
from conformance.judge.silence import REMEDY
from conformance.judge.verdicts import ClauseVerdict, Status
from conformance.model import SMOKE_EXECUTIONS, Ending, Exchange, JournalFooter, JournalHeader
from conformance.page.weather import is_silence
from conformance.text import counted, duration

SMOKE = "smoke"


def remedy(header: JournalHeader, footer: JournalFooter) -> str:
    """The option that would have had the rest sent; empty where no option ended the run."""
    if footer.ending is Ending.REQUESTS:
        return f"--max-requests {footer.enough_requests or ''}".rstrip()
    if footer.ending is Ending.TIME:
        return f"--time-limit {footer.enough_time or ''}".rstrip()
    if footer.ending is not Ending.EXECUTIONS:
        return ""
    limit, enough = footer.executions.limit, footer.enough
    if header.profile == SMOKE:
        if limit >= SMOKE_EXECUTIONS:
            return "--profile standard"
        enough = min(enough, SMOKE_EXECUTIONS)
    return f"--max-executions {enough}" if enough > limit else "--max-executions"


def in_words(
    verdicts: Iterable[ClauseVerdict],
    seen: Observations,
    header: JournalHeader,
    footer: JournalFooter,
) -> str:
    """What a limit left undecided of what must be, and what mends it; empty where it is nothing."""
    option = remedy(header, footer)
    if not option:
        return ""
    short = [each for each in verdicts if _is_short(each, seen, footer)]
    if not short:
        return ""
    were = f"{counted(len(short), 'must')} {'was' if len(short) == 1 else 'were'} left undecided"
    if footer.ending is Ending.TIME:
        spent = footer.ending.value
    elif footer.ending is Ending.REQUESTS:
        spent = f"the limit of {counted(footer.requests.limit, 'request')} was reached"
    elif seen.misspent:
        went = counted(seen.misspent, "execution")
        spent = f"{went} went to requests that should have been refused"
    elif silent := sum(map(is_silence, _in_trouble(seen))):
        went = counted(silent, "execution")
        spent = f"{went} went to requests without a response in time: {REMEDY}, or"
        return f"{were}, since {spent} try {option}{_cost(footer)}"
    else:
        spent = f"the limit of {counted(footer.executions.limit, 'execution')} was reached"
    return f"{were}, since {spent}: try {option}{_cost(footer)}"


def _in_trouble(seen: Observations) -> Iterator[Exchange]:
    """The exchanges that met trouble of the moment."""
    for attempts in seen.momentary.requests.values():
        yield from attempts.exchanges


def _cost(footer: JournalFooter) -> str:
    """What it costs to send the rest, at most; empty where that is not known."""
    if footer.ending is Ending.EXECUTIONS:
        more = footer.enough - footer.executions.limit
        return f", which may start {counted(more, 'more backup')}" if more > 0 else ""
    more = footer.executions.left
    backups = f"may start {counted(more, 'more backup')}" if more > 0 else "starts no more backups"
    if footer.ending is Ending.TIME:
        takes = duration(footer.enough_time) if footer.enough_time else ""
        return f", which takes up to {takes} and {backups}" if takes else ""
    more = footer.enough_requests - footer.requests.limit
    return f", which sends {counted(more, 'more request')} and {backups}" if more > 0 else ""


def _is_short(verdict: ClauseVerdict, seen: Observations, footer: JournalFooter) -> bool:
    clause: Clause = verdict.clause
    if clause.level is not Level.MUST or verdict.status is not Status.INCONCLUSIVE:
        return False
    return clause.id in footer.unsent or (clause.is_shown_by_executions and not seen.executions)
