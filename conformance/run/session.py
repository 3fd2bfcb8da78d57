"""One run from settings to report: plan, exchange, judge, report."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from conformance import __version__
from conformance.clock import CLOCK, Clock
from conformance.contract import Contract
from conformance.exchange.budget import Budget
from conformance.exchange.client import Carrier
from conformance.exchange.courier import Courier
from conformance.exchange.following import Follower
from conformance.exchange.sender import Pace, Sender, TargetIsDead, ToldToWait
from conformance.exchange.throttle import Turns
from conformance.journal.reader import Past
from conformance.journal.writer import JournalWriter
from conformance.judge.run import Judge
from conformance.judge.run import judge as judge_journal
from conformance.judge.verdicts import exit_code
from conformance.login.renewal import Renewal
from conformance.model import Ending, Exchange, Journal, JournalFooter, JournalHeader
from conformance.plan.drafting import Drafts
from conformance.plan.planner import Plan, Profile
from conformance.report.model import Report
from conformance.report.write import prepare_directory, remove_reports
from conformance.run.connecting import client_for
from conformance.run.debugging import debug_log, tell_left_out, tell_plan
from conformance.run.interruption import Interruption, interruptible
from conformance.run.planning import Save, generated_plan, make_planner, saved_plan, saving
from conformance.run.resumption import JOURNAL, is_done, past_of, take_up
from conformance.run.settings import Settings
from conformance.run.watcher import Watcher
from conformance.text import counted

UNANSWERED = frozenset(
    {Ending.DEAD, Ending.UNREACHED, Ending.HOPELESS, Ending.TOLD_TO_WAIT, Ending.INTERRUPTED}
)
"""Endings after which nothing more is asked."""


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
    if saved := saved_plan(contract, settings, past):
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
    exchanges: list[Exchange] = []
    unlisted, is_following = 0, False
    judge: Judge
    sender: Sender
    warnings = _warnings(settings)

    def observe(exchange: Exchange) -> None:
        nonlocal unlisted
        if is_following:  # there may be many, and large: the journal has them
            unlisted += 1
        else:
            exchanges.append(exchange)
        judge.observe(exchange)
        watcher.exchanged(exchange, judge)

    with (
        JournalWriter(directory / JOURNAL, header, past, clock) as journal,
        debug_log(
            *(directory, lambda: sender.secrets, clock),  # they may be renewed
            is_wanted=settings.debug,
            goes_on=past is not None,
        ) as tell,
    ):
        remove_reports(directory)
        judge = Judge(contract, header, planner.oracle, tell)
        watcher.announce(settings, plan)
        async with client:
            budget = Budget(settings.limit, settings.execution_limit)
            pace = Pace(settings.concurrency, settings.rate, settings.time_limit)
            secrets = settings.secrets
            sender = Sender(
                client,
                budget,
                journal,
                judge.oracle,
                secrets,
                pace,
                observe,
                clock=clock,
                tell=tell,
            )
            sender.renew = Renewal(settings.source) if settings.source else None
            sender.turns = turns or sender.turns
            courier = Courier(sender)
            if past is not None:
                before = take_up(past, plan, sender)
                courier = Courier(sender, before, past.lost.values())
                warnings += _unknown(past.sent - len(before))
            if saved is None:
                tell_left_out(tell, planner)
            save = saving(directory, contract, settings, journal, partial(tell_plan, tell, planner))
            with interruptible() as interruption:
                generated = None
                if generating:
                    warn = warnings.append
                    generated = partial(generated_plan, contract, planner, settings, warn)
                explore = _exploring(courier, judge, settings)

                async def follow() -> None:
                    nonlocal is_following
                    if not settings.follow or not sender.backups.records:
                        return
                    is_following = True
                    watcher.following(0, len(sender.backups.records))
                    follower = Follower(sender, watcher.following)
                    if untold := await follower.follow(settings.follow):
                        warnings.append(untold)

                footer = await _deliver(
                    courier, plan, generated, save, explore, follow, interruption
                )
        journal.ended(footer)
        watcher.close()
        judgement = judge.conclude(footer)
    if courier.hindrance and courier.hindrance not in judgement.missing:
        warnings.append(f"nothing more was sent: {courier.hindrance}")
    code = exit_code(judgement, strict=settings.strict)
    if interruption.exit_code is not None:
        code = interruption.exit_code
    deletions = tuple(past.deletions) if past and past.deletions else None
    return Report(
        header,
        footer,
        exchanges,
        judgement,
        code,
        settings.strict,
        tuple(warnings),
        unlisted,
        deletions=deletions,
    )


def _judged_again(
    contract: Contract, past: Past, footer: JournalFooter, settings: Settings
) -> Report:
    """The report of a run that is done: nothing is sent, and its journal stays as it is."""
    judgement = judge_journal(contract, Journal(past.header, tuple(past.exchanges), footer))
    code = exit_code(judgement, strict=settings.strict)
    return Report(
        past.header,
        footer,
        past.exchanges,
        judgement,
        code,
        settings.strict,
        tuple(_warnings(settings)),
        deletions=tuple(past.deletions) or None,
    )


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


async def _deliver(
    courier: Courier,
    plan: Plan,
    generated: Callable[[], Awaitable[Plan]] | None,
    save: Save,
    explore: Callable[[], Awaitable[Ending]] | None,
    follow: Callable[[], Awaitable[None]],
    interruption: Interruption,
) -> JournalFooter:
    whole = plan

    async def deliver() -> Ending:
        ending = await courier.deliver(plan, later, explore)
        if ending not in UNANSWERED:
            with suppress(TargetIsDead, ToldToWait):
                await follow()
        return ending

    async def finish() -> Plan:
        nonlocal whole
        assert generated is not None
        whole = await generated()
        save(whole, is_whole=True)
        return whole

    save(plan, is_whole=generated is None)
    later = asyncio.ensure_future(finish()) if generated is not None else None
    delivery = asyncio.ensure_future(deliver())
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
    courier: Courier, judge: Judge, settings: Settings
) -> Callable[[], Awaitable[Ending]] | None:
    """What explores the target once the plan was sent, for the profile that does."""
    if Profile(settings.profile) is not Profile.DEEP:
        return None

    async def explore() -> Ending:
        from conformance.explore.explorer import Explorer

        drafts = Drafts(settings.fixtures, settings.seed)  # whatever else was drafted before
        explorer = Explorer(courier, judge, drafts, settings.seed)
        return await explorer.explore(settings.limit)

    return explore


def _warnings(settings: Settings) -> list[str]:
    found = []
    if settings.insecure:
        found.append("--insecure: the certificate of the target was not checked")
    return found
