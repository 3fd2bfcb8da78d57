"""Values drawn by Schemathesis and Hypothesis from a schema, and shrunk to the simplest one."""

from __future__ import annotations

import os
import random
import warnings
from collections.abc import Callable
from typing import Any, Final

from conformance.compare.holding import VendorSchema
from conformance.compare.patience import TooSlow, limited
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
            with limited(PATIENCE):
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
