"""The conforming variants are well declared; `csbs-conformance prove` tries the suite on each."""

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance.emulator import Service, World, variants
from conformance.emulator.variants import VARIANTS, variant

ROOT = Path(__file__).parents[2]


def test_variants_have_names_and_summaries() -> None:
    assert len(VARIANTS) >= 60
    for name, known in VARIANTS.items():
        assert known.name == name
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name)
        assert re.fullmatch(r"\S.*\.", known.summary)
        assert known.make(World.default(), noon).clock is noon
    assert len({known.summary for known in VARIANTS.values()}) == len(VARIANTS)


def noon() -> datetime:
    return datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="two variants are called null-refused"):
        variant("null-refused")(Service)


def test_every_method_of_a_variant_overrides_one_or_is_called() -> None:
    """A decision that the reference no longer makes would leave its variant without effect."""
    modules = [
        importlib.import_module(f"{variants.__name__}.{found.name}")
        for found in pkgutil.iter_modules(variants.__path__)
    ]
    source = "".join(map(inspect.getsource, modules))
    kinds = [
        kind
        for module in modules
        for kind in vars(module).values()
        if inspect.isclass(kind)
        and issubclass(kind, Service)
        and kind.__module__ == module.__name__
    ]
    assert len(kinds) >= len(VARIANTS)
    idle = [
        f"{kind.__name__}.{name}"
        for kind in kinds
        for name, value in vars(kind).items()
        if inspect.isfunction(value)
        and not any(hasattr(base, name) for base in kind.__mro__[1:])
        and not re.search(rf"(?<!super\(\))\.{name}\b", source)
    ]
    assert idle == []


def test_the_package_loads_no_web_framework() -> None:
    imports = "import sys, conformance.emulator.variants"
    code = f"{imports}; print({{'starlette', 'uvicorn'}} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "set()\n"
