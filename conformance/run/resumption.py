"""Going on with a run that was killed: what it sent stands.

The journal is the truth. A request that was noted as sent, and whose exchange is missing, was lost:
what it executed is in doubt (`page/executed.py`), and counts until that is settled.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.exchange.looking import looks_behind
from conformance.exchange.sender import Sender
from conformance.files import MOST_OF_A_PLAN, read_file
from conformance.journal.lines import BadRecord
from conformance.journal.reader import Past, read_past
from conformance.journal.saved_plan import SavedPlan, read_plan
from conformance.journal.trust import check_trusted
from conformance.model import Ending, Exchange, Failure, JournalFooter, TransportFailure
from conformance.page.backup_list import BackupList
from conformance.plan.drafting import Probe
from conformance.plan.planner import Plan
from conformance.run.options import SendingOptions
from conformance.run.settings import Settings
from conformance.text import visible_line

JOURNAL, PLAN = "journal.ndjson", "plan.ndjson"


def journal_in(directory: Path, option: str = "") -> Path:
    """The journal of the run in a directory, of which `option` told. Raises UsageError."""
    told = f"{option} {directory}".lstrip()
    if not directory.is_dir():
        raise UsageError(f"{told}: there is no such directory; give the --report-dir of a run")
    if not (directory / JOURNAL).exists():
        raise UsageError(f"{told}: no run is there, it has no {JOURNAL}; give its --report-dir")
    return directory / JOURNAL


def is_done(footer: JournalFooter, sending: SendingOptions) -> bool:
    """Whether nothing is left to send of a run that ended so."""
    return (
        footer.ending in (Ending.COMPLETE, Ending.REQUESTS, Ending.EXECUTIONS)
        and sending.limit <= footer.requests.limit
        and sending.execution_limit <= footer.executions.limit
    )


def past_of(contract: Contract, settings: Settings) -> Past:
    """What was sent so far. Raises UsageError where the contract or the target is another."""
    path = settings.report_dir / JOURNAL
    past = read_past(path)
    if past.exchanges and not past.sent:
        raise UsageError(f"--resume {path}: not of `run`, which notes what it sends; run it anew")
    if past.header.contract != contract.sha256:
        raise UsageError(f"--resume {path}: of another contract; run it anew")
    if past.header.fixtures != settings.fixtures:
        raise UsageError(f"--resume {path}: of another target or other fixtures; run it anew")
    for exchange in past.exchanges:
        try:
            check_trusted(exchange.request, settings.fixtures)
        except BadRecord as error:
            told = f"{exchange.id} is nothing that is planned: {error}"
            raise UsageError(f"--resume {path}: {visible_line(told)}; run it anew") from None
    return past


def resumed_plan(contract: Contract, settings: Settings, past: Past) -> SavedPlan:
    """The plan of the run. Raises UsageError where it is not the one that the journal notes."""
    path = settings.report_dir / PLAN
    try:
        digest = hashlib.sha256(read_file(path, MOST_OF_A_PLAN, follows=False)).hexdigest()
    except OSError as error:
        raise UsageError(f"--resume {path}: {error.strerror}; run it anew") from None
    if digest not in past.plans:
        raise UsageError(f"--resume {path}: the plan was changed; run it anew")
    return read_plan(path, contract, settings.fixtures, "--resume")


def take_up(past: Past, plan: Plan, sender: Sender) -> Sequence[Exchange]:
    """Put a sender into the state in which the run ended; the exchanges that it had seen.

    A request that is not in the plan, since the run made it up, may have been an execution as well.
    """
    exchanges = [*past.exchanges, *_lost(past, plan, sender)]
    sender.budget.take_up(past.sent, executions=past.sent - len(exchanges))
    sender.resume_after(past.sent)
    sender.renewals[:] = past.renewals
    sender.fresh[:] = past.fresh
    for exchange in exchanges:
        sender.replay(exchange)
    return exchanges


def _lost(past: Past, plan: Plan, sender: Sender) -> Sequence[Exchange]:
    """Exchanges for the planned requests whose responses were lost, noted in the journal."""
    planned: defaultdict[str, list[Probe]] = defaultdict(list)
    fixtures = past.header.fixtures
    seen = BackupList.read(past.exchanges, sender.oracle)
    looks = looks_behind(past.exchanges, seen, fixtures)
    for probe in (*plan.preflight, *plan.probes, *plan.apart, *looks):
        planned[probe.request.digest].append(probe)
    named = {exchange.probe for exchange in past.exchanges}
    found = []
    when = max((exchange.ended for exchange in past.exchanges), default=past.header.started_at)
    for name, digest in past.lost.items():
        if not (probes := planned[digest]):
            continue
        probe = next((probe for probe in probes if probe.id not in named), probes[0])
        named.add(probe.id)
        failure = TransportFailure(Failure.LOST)
        exchange = Exchange(name, probe.request, None, failure, when, 0.0, probe=probe.id)
        sender.journal.completed(exchange)
        found.append(exchange)
    return found
