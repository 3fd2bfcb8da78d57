"""Values drawn by Schemathesis and Hypothesis from a schema, and shrunk to the simplest one."""

from __future__ import annotations

import os
import random
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

from conformance.compare.holding import VendorSchema
from conformance.compare.schemas import ROOT

EXAMPLES: Final = 40
"""Values that are drawn before it is given up."""
SEED: Final = 1
PATIENCE: Final = 20.0
"""Seconds that one search may take."""


class NothingFound(Exception):
    """No value was found; `is_unsupported` where that is for want of a generator."""

    def __init__(self, reason: str = "", *, is_unsupported: bool = False) -> None:
        super().__init__(reason)
        self.is_unsupported = is_unsupported


class TooSlow(BaseException):
    """Ends a search. Hypothesis, which takes an Exception for a failed example, lets it pass."""


@contextmanager
def _limited() -> Iterator[None]:
    """Raise TooSlow after a while: some patterns keep a matcher busy for ever.

    Only in the main thread of a POSIX system, where a signal can interrupt a match. Where the
    signal meets code that swallows or replaces what it raises, it comes again, and what that code
    makes of it is TooSlow all the same.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGPROF"):
        yield
        return
    is_over = False

    def interrupt(number: int, frame: object) -> NoReturn:
        nonlocal is_over
        is_over = True
        raise TooSlow

    before = signal.signal(signal.SIGPROF, interrupt)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE, PATIENCE)
    try:
        yield
    except Exception:
        if is_over:
            raise TooSlow from None
        raise
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def drawn(schema: VendorSchema, constraint: dict[str, Any], wanted: Callable[[Any], bool]) -> Any:
    """The simplest value found that a vendor's schema and `constraint` allow and that is `wanted`.

    Raises NothingFound.
    """
    failure = NothingFound("there is no such value")
    if not schema.never_meets(constraint):
        for document in schema.drawable(constraint):
            try:
                return simplest(document, lambda value: schema.accepts(value) and wanted(value))
            except NothingFound as problem:
                failure = problem
                if problem.is_unsupported:
                    break
    raise failure


def simplest(document: dict[str, Any], wanted: Callable[[Any], bool]) -> Any:
    """The simplest value of a JSON Schema found for which `wanted` holds, the same every time.

    `document` may refer to what stands below `ROOT`. Raises NothingFound.
    """
    import hypothesis
    from hypothesis import HealthCheck, Phase, configuration

    from conformance.plan.generated import cache_directory

    home = str(cache_directory() / "hypothesis")
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", home)
    configuration.set_hypothesis_home_dir(home)
    settings = hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with _limited():
                return hypothesis.find(
                    _strategy(document),
                    lambda value: _is_json(value) and wanted(value),
                    settings=settings,
                    random=random.Random(SEED),
                )
        except TooSlow:
            told = f"drawing values took more than {PATIENCE:g} s; a pattern may be at fault"
            raise NothingFound(told, is_unsupported=True) from None
        except (hypothesis.errors.NoSuchExample, hypothesis.errors.Unsatisfiable) as error:
            raise NothingFound(str(error)) from None
        except NothingFound:
            raise
        except Exception as error:  # whatever a foreign schema makes the libraries raise
            raise NothingFound(_told(error), is_unsupported=True) from None


def _strategy(document: dict[str, Any]) -> Any:
    import schemathesis

    schema = {key: value for key, value in document.items() if key != ROOT}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    reduced = {
        "openapi": "3.1.0",
        "info": {"title": "values", "version": "1"},
        "paths": {"/": {"post": {"requestBody": body, "responses": {}}}},
        ROOT: document.get(ROOT, {}),
    }
    loaded = schemathesis.openapi.from_dict(reduced, config=schemathesis.Config())
    mode = schemathesis.GenerationMode.POSITIVE
    return loaded["/"]["POST"].as_strategy(generation_mode=mode).map(lambda case: case.body)


def _is_json(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str | list | dict)


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text[:160] or type(error).__name__
