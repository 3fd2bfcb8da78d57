"""What every test is held to.

Tests that open a socket are marked `socket`, those that start a process `process`, and those that
make whole runs without either `run`, by what they use: see `using.py`. A test that opens a socket
or starts a process without its mark fails, so `make check` can trust them.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator, Iterator
from typing import Any

import pytest
import trying
import warm
from using import marks_of

from conformance.credentials import held

trying.register()

EVENTS = {
    "socket.connect": "socket",
    "socket.bind": "socket",
    "subprocess.Popen": "process",
    "os.posix_spawn": "process",
    "os.fork": "process",
    "os.forkpty": "process",
}
"""Audit events of the interpreter, and the mark of a test in which one may be raised."""
SLOW = ("process", "socket", "run")
_used: set[str] = set()


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event in EVENTS:
        _used.add(EVENTS[event])


sys.addaudithook(_note)


def pytest_configure(config: pytest.Config) -> None:
    """Start what warm commands are forks of, once for all workers."""
    starts_processes = "not process" not in config.getoption("markexpr")
    if config.getoption("numprocesses", None) and starts_processes:
        warm.hand_on()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test by what it uses."""
    for name in marks_of(item):
        item.add_marker(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, so that no worker is left with one at the end."""
    items.sort(key=lambda item: [item.get_closest_marker(name) is None for name in SLOW])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among what is collected, neither then nor later."""
    gc.disable()
    result = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Hold what the fixtures of a test do against its marks."""
    if item.get_closest_marker("process"):
        warm.start()
    held._HELD.clear()  # a process has one run, or those of one campaign; here it has thousands
    _used.clear()
    yield
    _hold(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Hold what a test does against its marks."""
    yield
    _hold(item)


def _hold(item: pytest.Item) -> None:
    missing = sorted(name for name in _used if item.get_closest_marker(name) is None)
    if missing:
        marks = " and ".join(f"@pytest.mark.{name}" for name in missing)
        pytest.fail(f"this test needs {marks}", pytrace=False)
