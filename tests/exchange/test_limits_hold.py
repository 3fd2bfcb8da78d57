"""Whatever a target does, and whatever happens to a run, it counts no more than the limits."""

from __future__ import annotations

import asyncio
import random
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from exchange_helpers import CONTRACT, AcceptsEverything, Recording, settings_of
from hypothesis import given, settings
from hypothesis import strategies as st
from test_run_resumption import Killed, kill_after
from trying import examples

from conformance.emulator import Request, Response
from conformance.emulator.app import serving_here
from conformance.model import Ending
from conformance.run import session
from conformance.run.watcher import Watcher


class DoesAnything(AcceptsEverything):
    """Executes what it should refuse, as a dice says of each request; as it says each time, it
    fails, throttles and hangs up.

    It does not lie: where it says 4xx or 503 it has not executed, and a GET executes nothing. Nor
    does it refuse what it executed before, or execute what names no policy.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed
        self.dice = random.Random(seed)

    def answer(self, request: Request) -> Response:
        if request.method == "GET":
            return Recording.answer(self, request)
        its_own = random.Random(f"{self.seed} {request.path} {request.headers} {request.body!r}")
        is_named = self.world.policies[0].id.encode() in request.body
        executes = its_own.random() < 0.4 and is_named
        what = self.dice.choice(["responds", "responds", "responds", "fails", "throttles"])
        if what == "throttles":
            pause = self.dice.choice(["0", "0.01", "soon", "-1"])
            return Response(429, (("Retry-After", pause),), b"{}")
        response = super().answer(request) if executes else Recording.answer(self, request)
        if what == "fails":
            return Response(self.dice.choice([500, 502, 504]), (), b"{}")
        return response

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return replace(response, hang_up=self.dice.random() < 0.05)


@given(
    seed=st.integers(0, 10**6),
    requests=st.integers(1, 60),
    executions=st.integers(1, 5),
    concurrency=st.integers(1, 8),
    killed_after=st.lists(st.integers(3, 90), max_size=3),
)
@settings(max_examples=examples(12), deadline=None)
def test_the_limits_hold_over_retries_kills_and_resumptions(
    seed: int, requests: int, executions: int, concurrency: int, killed_after: list[int]
) -> None:
    service = DoesAnything(seed)

    async def often(directory: Path) -> None:
        async with serving_here(service) as endpoint:
            options = settings_of(
                endpoint,
                directory,
                max_requests=requests,
                max_executions=executions,
                concurrency=concurrency,
                time_limit=1.0,
            )
            for writes in killed_after:
                with pytest.MonkeyPatch.context() as patch:
                    kill_after(writes, patch)
                    try:
                        await session.run(CONTRACT, options, Watcher())
                    except Killed:
                        await asyncio.sleep(0.02)  # what was under way reaches the target
                options = replace(options, resume=True)
            report = await session.run(CONTRACT, options, Watcher())
            footer = report.footer
            assert len(service.seen) <= footer.requests.spent <= requests
            assert len(service.executed) <= footer.executions.spent <= executions

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(often(Path(directory)))


@pytest.mark.parametrize("after", [1, 20, 100, 180])
def test_an_interrupted_run_that_is_resumed_keeps_to_the_limits(after: int, tmp_path: Path) -> None:
    class Counts(Watcher):
        """Cancels the run when it has seen enough."""

        seen = 0

        def exchanged(self, *_: object) -> None:
            self.seen += 1
            if self.seen == after:
                asyncio.get_running_loop().call_soon(interrupted.set)

    service = Recording()
    interrupted = asyncio.Event()

    async def twice() -> None:
        async with serving_here(service) as endpoint:
            options = settings_of(endpoint, tmp_path, max_executions=4, max_requests=220)
            first = asyncio.ensure_future(session.run(CONTRACT, options, Counts()))
            await asyncio.wait_for(interrupted.wait(), 30)
            first.cancel()
            report = await first
            assert report.footer.ending is Ending.INTERRUPTED
            report = await session.run(CONTRACT, replace(options, resume=True), Watcher())
            assert len(service.seen) <= report.footer.requests.spent <= 220
            assert len(service.executed) <= report.footer.executions.spent <= 4

    asyncio.run(twice())
