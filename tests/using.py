"""Which tests open a socket, start a process or make whole runs: by the names that they use."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

SERVING = ("socket", "serving", "serving_here", "serving_raw", "serve")
TRYING = ("attempt", "report_on", "prove", "Client")
RUNNING = ("DirectClient",)
PROCESS = ("subprocess", "create_subprocess_exec", "multiprocessing", "embedded_emulator")
HERE = Path(__file__).parent
MARKS = {
    **dict.fromkeys((*SERVING, *TRYING), "socket"),
    **dict.fromkeys(RUNNING, "run"),
    **dict.fromkeys(PROCESS, "process"),
}
"""Names in the code of a test, or of a helper beside the tests, and the mark that each brings."""


def marks_of(item: pytest.Item) -> set[str]:
    """The marks of a test, by the code of its function and of its fixtures."""
    if not isinstance(item, pytest.Function):
        return set()
    inner = getattr(getattr(item.function, "hypothesis", None), "inner_test", item.function)
    fixtures = item._fixtureinfo.name2fixturedefs.values()
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    used = [inner, *(each.func for found in fixtures for each in found), *parameters]
    return set().union(*(_marks(each) for each in map(_plain, used) if _is_ours(each)))


@cache
def _marks(first: Any) -> frozenset[str]:
    """The marks of all names that a function or class uses, directly or through helpers."""
    found: set[str] = set()
    seen: set[Any] = set()
    waiting = [first]
    while waiting:
        each = _plain(waiting.pop())
        if not _is_ours(each) or each in seen:
            continue
        seen.add(each)
        if isinstance(each, type):
            waiting += [*each.__bases__, *vars(each).values()]
        else:
            names = set(_names(each.__code__))
            found |= {MARKS[name] for name in names if name in MARKS}
            waiting += [each.__globals__[name] for name in names if name in each.__globals__]
    return frozenset(found)


def _plain(member: Any) -> Any:
    """The function in a method, a property or what a decorator made of it."""
    if isinstance(member, property):
        return member.fget
    return inspect.unwrap(getattr(member, "__func__", member)) if callable(member) else member


def _is_ours(value: Any) -> bool:
    """Whether something is a function or a class of the tests."""
    return isinstance(value, FunctionType | type) and _is_test_module(value.__module__)


@cache
def _is_test_module(name: str) -> bool:
    file = getattr(sys.modules.get(name), "__file__", None)
    return Path(file or "/").is_relative_to(HERE)


def _names(code: CodeType) -> Iterator[str]:
    """The names in a piece of code, and in those nested in it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
