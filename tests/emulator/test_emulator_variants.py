"""The suite never accuses a conforming implementation: every variant, served and tested."""

import asyncio
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from emulator_client import KNOWN, WORLD

from conformance.contract import load_contract
from conformance.contract.clauses import Level
from conformance.emulator import Service, variants
from conformance.emulator.variants import VARIANTS, Variant, variant
from conformance.judge.verdicts import Judgement, Verdict
from conformance.model import Fixtures, Token
from conformance.session import Watcher, run
from conformance.settings import Settings

ROOT = Path(__file__).parents[2]
WAITING = re.compile(
    r"answers-|busy|connections|http-slow|outage|rate-limited|three|throttled|unavailable"
)
"""The variants that make a client wait: they are tested side by side."""
PATIENCE, TIME_LIMIT = 12.0, 60.0
"""Seconds for a run that may be inconclusive, and for one that must reach its end."""

ACCUSED = {
    "answer-huge": "an answer of more than 1 MiB counts as none, and that as a violation",
}
"""The variants that the suite accuses, and why."""


def settings_for(url: str, report_dir: Path, time_limit: float) -> Settings:
    assert KNOWN["forbidden_token"] is not None
    tokens = {Token.GOOD: KNOWN["token"], Token.FORBIDDEN: KNOWN["forbidden_token"]}
    fixtures = Fixtures(
        endpoint=url,
        provider_id=KNOWN["provider_id"],
        project_id=KNOWN["project_id"],
        plan_id=KNOWN["plan_id"],
        resources=tuple(KNOWN["resources"]),
        tokens=frozenset(tokens),
    )
    return Settings(fixtures=fixtures, tokens=tokens, report_dir=report_dir, time_limit=time_limit)


async def judged(tested: Variant, directory: Path) -> Judgement:
    time_limit = PATIENCE if tested.may_be_inconclusive else TIME_LIMIT
    with tested.serve(WORLD) as url:
        settings = settings_for(url, directory / tested.name, time_limit)
        report = await run(load_contract(), settings, Watcher())
    return report.judgement


def accusation(tested: Variant, judgement: Judgement) -> str:
    """Say what is wrong with a judgement on a variant; empty where nothing is."""
    if failed := judgement.failed(Level.MUST):
        return f"{tested.name} is accused: {failed[0].clause.id}, {failed[0].reason}"
    allowed = {Verdict.CONFORMS}
    if tested.may_be_inconclusive:
        allowed.add(Verdict.INCONCLUSIVE)
    if judgement.verdict in allowed:
        return ""
    return f"{tested.name}: {judgement.verdict.value}, {judgement.reason}"


def parameter(name: str) -> object:
    if name not in ACCUSED:
        return name
    return pytest.param(name)


@pytest.mark.parametrize("name", [parameter(n) for n in VARIANTS if not WAITING.match(n)])
def test_a_conforming_implementation_is_not_accused(name: str, tmp_path: Path) -> None:
    judgement = asyncio.run(judged(VARIANTS[name], tmp_path))
    assert accusation(VARIANTS[name], judgement) == ""


def test_conforming_implementations_that_make_us_wait_are_not_accused(tmp_path: Path) -> None:
    waiting = [tested for name, tested in VARIANTS.items() if WAITING.match(name)]

    async def all_judged() -> list[Judgement]:
        return await asyncio.gather(*(judged(tested, tmp_path) for tested in waiting))

    judgements = asyncio.run(all_judged())
    found = map(accusation, waiting, judgements)
    assert [accused for accused in found if accused] == []


def test_variants_have_names_and_summaries() -> None:
    assert len(VARIANTS) >= 60
    for name, known in VARIANTS.items():
        assert known.name == name
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name)
        assert re.fullmatch(r"\S.*\.", known.summary)
    assert len({known.summary for known in VARIANTS.values()}) == len(VARIANTS)
    assert set(ACCUSED) <= set(VARIANTS)


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
