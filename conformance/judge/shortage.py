"""What a limit left undecided: how much, why it was used up, and what would have been enough."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.contract.clauses import Clause, Level
from conformance.judge.observations import Observations
from conformance.judge.verdicts import ClauseVerdict, Status
from conformance.model import SMOKE_EXECUTIONS, Ending, JournalFooter, JournalHeader
from conformance.text import counted

SMOKE = "smoke"
OF_LIMITS = {Ending.REQUESTS: "--max-requests", Ending.TIME: "--time-limit"}


def remedy(header: JournalHeader, footer: JournalFooter) -> str:
    """The option that would have had the rest sent; empty where no option ended the run."""
    if footer.ending is not Ending.EXECUTIONS:
        return OF_LIMITS.get(footer.ending, "")
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
    """What the limit on executions left undecided of what must be; empty where that is nothing."""
    if footer.ending is not Ending.EXECUTIONS:
        return ""
    short = [each for each in verdicts if _is_short(each, seen, footer)]
    if not short:
        return ""
    were = f"{counted(len(short), 'must')} {'was' if len(short) == 1 else 'were'} left undecided"
    if seen.misspent:
        went = "execution" if seen.misspent == 1 else "executions"
        spent = f"{seen.misspent} {went} went to requests that should have been refused"
    else:
        spent = f"the limit of {counted(footer.executions.limit, 'execution')} was reached"
    return f"{were}, since {spent}: try {remedy(header, footer)}{_cost(footer)}"


def _cost(footer: JournalFooter) -> str:
    """What it costs to send the rest, at most; empty where that is not known."""
    more = footer.enough - footer.executions.limit
    return f", which may start {counted(more, 'more backup')}" if more > 0 else ""


def _is_short(verdict: ClauseVerdict, seen: Observations, footer: JournalFooter) -> bool:
    clause: Clause = verdict.clause
    if clause.level is not Level.MUST or verdict.status is not Status.INCONCLUSIVE:
        return False
    return clause.id in footer.unsent or (clause.is_shown_by_executions and not seen.executions)
