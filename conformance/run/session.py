"""One run from settings to report: plan, exchange, judge, report."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol

from conformance import __version__
from conformance.clock import CLOCK, Clock
from conformance.contract import Contract
from conformance.errors import GenerationFailed, UsageError
from conformance.exchange.budget import Budget
from conformance.exchange.client import Carrier, Client, Connection
from conformance.exchange.courier import Courier
from conformance.exchange.sender import Pace, Sender
from conformance.exchange.throttle import Turns
from conformance.files import replace_text
from conformance.journal.reader import Past
from conformance.journal.saved_plan import SavedPlan, plan_lines, read_plan
from conformance.journal.writer import JournalWriter
from conformance.judge.run import Judge
from conformance.judge.run import judge as judge_journal
from conformance.judge.verdicts import exit_code
from conformance.login.renewal import Renewal
from conformance.model import Ending, Exchange, Fixtures, Journal, JournalFooter, JournalHeader
from conformance.page.permitted import Permitted
from conformance.plan.generated import drawn_lines, parsed
from conformance.plan.planner import Plan, Planner, Profile
from conformance.report.model import Report
from conformance.report.write import remove_reports
from conformance.run.resumption import JOURNAL, PLAN, is_done, past_of, resumed_plan, take_up
from conformance.run.settings import Settings
from conformance.text import counted

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


@dataclass
class Watcher:
    """What a front shows while a run is under way; this one shows nothing."""

    def announce(self, settings: Settings, plan: Plan) -> None:
        """Say what is about to be sent, and its limits."""

    def exchanged(self, exchange: Exchange, judge: Judge) -> None:
        """Show that an exchange completed."""

    def close(self) -> None:
        """Show no more."""


@dataclass
class Interruption:
    """Which signal asked the run to end, if any."""

    exit_code: int | None = None
    tasks: list[asyncio.Task[Ending]] = field(default_factory=list)

    def interrupt(self, number: signal.Signals) -> None:
        """End the exchange because of a signal."""
        self.exit_code = SIGNALS[number]
        for task in self.tasks:
            task.cancel()


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """SIGINT, SIGTERM and SIGHUP end the exchange, not the process: reports are to be written.

    In other threads than the main one, as on a worker of a campaign, signals are not for the run.
    Neither is a SIGHUP that `nohup` has the process ignore.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    loop = asyncio.get_running_loop()
    numbers = [number for number in SIGNALS if not is_shielded(number)]
    for number in numbers:
        loop.add_signal_handler(number, interruption.interrupt, number)
    try:
        yield interruption
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def is_shielded(number: signal.Signals) -> bool:
    """Whether a signal is SIGHUP, and somebody wants the process to outlive its terminal."""
    return number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN


def make_planner(contract: Contract, settings: Settings) -> Planner:
    """The planner for what the settings ask."""
    profile, limit = Profile(settings.profile), settings.execution_limit
    return _planner(contract, settings.fixtures, profile, settings.seed, settings.only, limit)


@lru_cache(maxsize=2)
def _planner(
    contract: Contract,
    fixtures: Fixtures,
    profile: Profile,
    seed: int,
    only: tuple[str, ...],
    max_executions: int,
) -> Planner:
    """The planner; runs in a row share it where they ask for the same, or in turn for two."""
    return Planner(
        contract, fixtures, profile=profile, seed=seed, only=only, max_executions=max_executions
    )


async def whole_plan(contract: Contract, planner: Planner, seed: int) -> Plan:
    """The plan with its generated probes."""
    if not planner.is_generating:
        return planner.directed
    return _with_generated(planner, await drawn_lines(contract, seed))


@lru_cache(maxsize=1)
def _with_generated(planner: Planner, lines: bytes) -> Plan:
    return planner.with_generated(parsed(lines))


def prepare_directory(path: Path) -> None:
    """Make the report directory, for its owner only. Raises UsageError."""
    try:
        for each in (*reversed(path.parents), path):
            each.mkdir(exist_ok=True, mode=0o700)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise UsageError(
            f"--report-dir {path}: {error.strerror}; give a directory that can be written"
        ) from None


async def run(
    contract: Contract,
    settings: Settings,
    watcher: Watcher,
    clock: Clock = CLOCK,
    carrier: Carrier | None = None,
    turns: Turns | None = None,
) -> Report:
    """Send what the settings ask for and judge it. Raises UsageError before anything is sent.

    Requests go over HTTP unless there is another `carrier`, and wait for `turns` if there are any.
    """
    directory = settings.report_dir
    past = past_of(contract, settings) if settings.resume else None
    if past is not None and past.ended is not None and is_done(past.ended, settings):
        return _judged_again(contract, past, past.ended, settings)
    planner = make_planner(contract, settings)
    plan, generating = planner.directed, planner.is_generating
    if saved := _saved_plan(contract, settings, past):
        plan = saved.plan
        settings = replace(
            settings,
            profile=saved.profile.value,
            seed=saved.seed,
            max_executions=settings.execution_limit,  # that of the profile asked for
        )
        generating = generating and not saved.is_whole
    prepare_directory(directory)
    client = carrier or client_for(settings)
    header = past.header if past else _header(contract, settings, clock.now())
    judge = Judge(contract, header, planner.oracle)
    exchanges: list[Exchange] = []
    warnings = _warnings(settings)

    def observe(exchange: Exchange) -> None:
        exchanges.append(exchange)
        judge.observe(exchange)
        watcher.exchanged(exchange, judge)

    with JournalWriter(directory / JOURNAL, header, past, clock) as journal:
        remove_reports(directory)
        watcher.announce(settings, plan)
        async with client:
            budget = Budget(settings.limit, settings.execution_limit)
            pace = Pace(settings.concurrency, settings.rate, settings.time_limit)
            secrets = settings.secrets
            sender = Sender(
                client, budget, journal, judge.oracle, secrets, pace, observe, clock=clock
            )
            sender.renew = Renewal(settings.source) if settings.source else None
            sender.turns = turns or sender.turns
            courier = Courier(sender)
            if past is not None:
                before = take_up(past, plan, sender)
                courier = Courier(sender, before, past.lost.values())
                warnings += _unknown(past.sent - len(before))
            save = _saving(directory, contract, settings, journal)
            with interruptible() as interruption:
                generated = None
                if generating:
                    generated = partial(_generated, contract, planner, settings, warnings.append)
                explore = _exploring(courier, judge, planner, settings)
                footer = await _deliver(courier, plan, generated, save, explore, interruption)
        journal.ended(footer)
    if courier.hindrance:
        warnings.append(f"nothing more was sent: {courier.hindrance}")
    watcher.close()
    judgement = judge.conclude(footer)
    code = exit_code(judgement, strict=settings.strict)
    if interruption.exit_code is not None:
        code = interruption.exit_code
    return Report(header, footer, exchanges, judgement, code, settings.strict, tuple(warnings))


def _judged_again(
    contract: Contract, past: Past, footer: JournalFooter, settings: Settings
) -> Report:
    """The report of a run that is done: nothing is sent, and its journal stays as it is."""
    judgement = judge_journal(contract, Journal(past.header, tuple(past.exchanges), footer))
    code = exit_code(judgement, strict=settings.strict)
    warnings = tuple(_warnings(settings))
    return Report(past.header, footer, past.exchanges, judgement, code, settings.strict, warnings)


def _unknown(lost: int) -> list[str]:
    """What is to be said of requests that were not in the plan, and whose responses were lost."""
    if not lost:
        return []
    what = counted(lost, "request")
    return [f"the responses to {what} of the exploration were lost: each counts as an execution"]


def _header(contract: Contract, settings: Settings, started_at: float) -> JournalHeader:
    return JournalHeader(
        suite=__version__,
        contract=contract.sha256,
        fixtures=settings.fixtures,
        profile=settings.profile,
        seed=settings.seed,
        started_at=started_at,
        only=settings.only,
        max_requests=settings.limit,
        max_executions=settings.execution_limit,
    )


def _saved_plan(contract: Contract, settings: Settings, past: Past | None) -> SavedPlan | None:
    """The plan that the user gave, or that the run to be resumed had saved."""
    if past is not None and past.sent:
        return resumed_plan(contract, settings, past)
    if settings.plan is not None:
        return read_plan(settings.plan, contract, settings.fixtures)
    return None


async def _deliver(
    courier: Courier,
    plan: Plan,
    generated: Callable[[], Awaitable[Plan]] | None,
    save: Save,
    explore: Callable[[], Awaitable[Ending]] | None,
    interruption: Interruption,
) -> JournalFooter:
    whole = plan

    async def finish() -> Plan:
        nonlocal whole
        assert generated is not None
        whole = await generated()
        save(whole, is_whole=True)
        return whole

    save(plan, is_whole=generated is None)
    later = asyncio.ensure_future(finish()) if generated is not None else None
    delivery = asyncio.ensure_future(courier.deliver(plan, later, explore))
    interruption.tasks.append(delivery)
    try:
        ending = await delivery
    except asyncio.CancelledError:
        ending = Ending.INTERRUPTED
    finally:
        if later is not None:
            later.cancel()
            await asyncio.gather(later, return_exceptions=True)
    return courier.footer(ending, whole)


def _exploring(
    courier: Courier, judge: Judge, planner: Planner, settings: Settings
) -> Callable[[], Awaitable[Ending]] | None:
    """What explores the target once the plan was sent, for the profile that does."""
    if Profile(settings.profile) is not Profile.DEEP:
        return None

    async def explore() -> Ending:
        from conformance.explore.explorer import Explorer

        explorer = Explorer(courier, judge, planner.drafts, settings.seed)
        return await explorer.explore(settings.limit)

    return explore


async def _generated(
    contract: Contract, planner: Planner, settings: Settings, warn: Callable[[str], None]
) -> Plan:
    """The whole plan; the directed probes alone, with a warning, where none could be generated."""
    try:
        plan = await whole_plan(contract, planner, settings.seed)
    except GenerationFailed as error:
        warn(f"nothing generated was sent: {error}")
        return planner.directed
    if plan == planner.directed and not settings.only:
        warn("nothing generated was sent: all that was drawn was planned already")
    return plan


class Save(Protocol):
    """Saves a plan beside the journal; it is whole when its generated probes are in it."""

    def __call__(self, plan: Plan, *, is_whole: bool) -> None:
        """Save it."""


def _saving(
    directory: Path, contract: Contract, settings: Settings, journal: JournalWriter
) -> Save:
    def save(plan: Plan, *, is_whole: bool) -> None:
        profile = Profile(settings.profile)
        fixtures, seed = settings.fixtures, settings.seed
        lines = b"".join(plan_lines(plan, contract, fixtures, profile, seed, is_whole=is_whole))
        journal.planned(hashlib.sha256(lines).hexdigest())
        try:
            replace_text(directory / PLAN, lines.decode("utf-8"))
        except OSError as error:
            raise UsageError(
                f"{directory / PLAN}: {error.strerror}; make room or give another --report-dir"
            ) from None

    return save


def client_for(settings: Settings) -> Client:
    """The client that the settings ask for. Raises UsageError."""
    tls = settings.fixtures.endpoint.startswith("https:")
    for option, path in (("ca-bundle", settings.ca_bundle), ("client-cert", settings.client_cert)):
        if path is not None and not path.is_file():
            raise UsageError(f"--{option} {path}: no such file; give a PEM file")
    try:
        permitted = Permitted(settings.fixtures.endpoint)
        return Client(_connection(settings), tls=tls, permitted=permitted)
    except ImportError as error:
        raise UsageError(f"--proxy {settings.proxy}: {error}; give an http or https URL") from None
    except OSError as error:
        files = [str(path) for path in (settings.ca_bundle, settings.client_cert) if path]
        option = "--ca-bundle" if settings.ca_bundle else "--client-cert"
        raise UsageError(f"{option} {' or '.join(files)}: {error}; give a PEM file") from None
    except ValueError as error:
        raise UsageError(f"--proxy {settings.proxy}: {error}; give an http or https URL") from None


def _connection(settings: Settings) -> Connection:
    return Connection(
        timeout=settings.timeout,
        concurrency=settings.concurrency,
        proxy=settings.proxy,
        ca_bundle=settings.ca_bundle,
        client_cert=settings.client_cert,
        insecure=settings.insecure,
    )


def _warnings(settings: Settings) -> list[str]:
    found = []
    if settings.insecure:
        found.append("--insecure: the certificate of the target was not checked")
    return found


@asynccontextmanager
async def embedded_emulator() -> AsyncIterator[str]:
    """The emulator as a process of its own, on a free loopback port; yields its endpoint."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "conformance.emulator", "--port", "0", "--exit-with-parent"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        words = [word for word in line.split() if word.startswith("http://")]
        if not words:
            raise UsageError("the embedded emulator did not start; give --endpoint instead")
        yield words[0]
    finally:
        process.stdin.close()
        await process.wait()
