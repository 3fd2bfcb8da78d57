"""The tests of the oracle in this process: which of them reach a line, and which one fails."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

import pytest
from coverage import Coverage

from tools.mutants.drawing import PACKAGES
from tools.mutants.living import ROOT

PLACES = ("tests/page", "tests/judge", "tests/contract", "tests/recorded")
SLOWEST, MOST_SECONDS = 2.0, 30.0
"""Seconds of processor time for one test and for all that a mutant meets: what takes longer, as do
those that draw many examples, is left out.
"""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reach:
    """What the tests reach: for each module and line the tests, by their places in `names`."""

    names: tuple[str, ...]
    seconds: tuple[float, ...]
    lines: dict[str, dict[int, frozenset[int]]]

    def of(self, module: str, lines: range) -> frozenset[int]:
        """The tests that reach one of several lines of a module."""
        known = self.lines.get(module, {})
        return frozenset().union(*(known.get(line, frozenset()) for line in lines))

    def usual_seconds(self, names: Sequence[str]) -> float:
        """The processor time that some tests take on the code as it is."""
        seconds = dict(zip(self.names, self.seconds, strict=True))
        return sum(seconds[name] for name in names)

    def quickest_first(self, tests: frozenset[int]) -> list[str]:
        """The names of tests, the shortest first, without those that are too slow, or too many."""
        quick = [each for each in tests if self.seconds[each] <= SLOWEST]
        quick.sort(key=lambda each: (self.seconds[each], each))
        spent = accumulate(self.seconds[each] for each in quick)
        pairs = zip(quick, spent, strict=True)
        return [self.names[each] for each, seconds in pairs if seconds <= MOST_SECONDS]

    def by_file(self, tests: frozenset[int]) -> dict[str, list[str]]:
        """The names of tests, the shortest first, by file, the quickest file first."""
        files: dict[str, list[str]] = {}
        for name in self.quickest_first(tests):
            files.setdefault(name.partition("::")[0], []).append(name)
        return dict(sorted(files.items(), key=lambda each: self.usual_seconds(each[1])))


class _Instead(Generic[Result]):
    """A plugin for pytest that does something else with the tests than to run all of them."""

    def __init__(self, task: Callable[[Sequence[pytest.Item]], Result]) -> None:
        self._task = task
        self.results: list[Result] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Hand over the tests that were collected."""
        if not session.testsfailed:
            self.results.append(self._task(session.items))
        return True


def with_tests(
    task: Callable[[Sequence[pytest.Item]], Result], places: Sequence[str] = PLACES
) -> Result | None:
    """What a task makes of the tests in some places; None where they cannot be collected."""
    instead = _Instead(task)
    options = ["-q", "-s", "-p", "no:cacheprovider", "-m", "not socket and not process and not run"]
    pytest.main([*options, "--rootdir", str(ROOT), *places], plugins=[instead])
    return instead.results[0] if instead.results else None


def first_failure(tests: Sequence[pytest.Item]) -> str:
    """The name of the first test that fails; empty where none does."""
    with _failures(tests) as failures:
        for place, test in enumerate(tests):
            _run(test, tests[place + 1] if place + 1 < len(tests) else None)
            if failures:
                return failures[0]
    return ""


def measure(tests: Sequence[pytest.Item]) -> Reach:
    """Run all tests, the slow ones not to the end, and see what they reach.

    Raises SystemExit where one fails.
    """
    places = {f"{ROOT}/conformance/{name}": name for name in PACKAGES}
    coverage = Coverage(data_file=None, config_file=False, source=list(places))
    seconds = []
    hurry = _Hurry()
    with _failures(tests) as failures, _registered(tests, hurry):
        coverage.start()
        for place, test in enumerate(tests):
            coverage.switch_context(str(place))
            began = time.process_time()
            _run(test, tests[place + 1] if place + 1 < len(tests) else None)
            seconds.append(time.process_time() - began)
        coverage.stop()
    if failed := [name for name in failures if name not in hurry.late]:
        raise SystemExit(f"the tests have to pass as they are; this one failed: {failed[0]}")
    data = coverage.get_data()
    lines = {
        file.removeprefix(f"{ROOT}/conformance/"): {
            line: frozenset(int(each) for each in contexts if each)
            for line, contexts in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }
    return Reach(tuple(test.nodeid for test in tests), tuple(seconds), lines)


def _run(test: pytest.Item, following: pytest.Item | None) -> None:
    test.ihook.pytest_runtest_protocol(item=test, nextitem=following)


@contextmanager
def _failures(tests: Sequence[pytest.Item]) -> Iterator[list[str]]:
    """Collects the names of tests that fail."""
    failures: list[str] = []

    class Listener:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                failures.append(report.nodeid)

    with _registered(tests, Listener()):
        yield failures


class _Hurry:
    """A plugin for pytest that skips the rest of a test that takes too long."""

    def __init__(self) -> None:
        self.late: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Iterator[None]:
        """Ask for a signal when the time is up."""

        def stop(*_: object) -> None:
            self.late.add(pyfuncitem.nodeid)
            pytest.skip("too slow")

        signal.signal(signal.SIGPROF, stop)
        signal.setitimer(signal.ITIMER_PROF, SLOWEST)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def _registered(tests: Sequence[pytest.Item], plugin: object) -> Iterator[None]:
    manager = tests[0].config.pluginmanager if tests else None
    if manager:
        manager.register(plugin)
    yield
    if manager:
        manager.unregister(plugin)
