"""The command `plan`: what a run would send."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from msgspec import structs

from conformance.run.options import Front
from conformance.run.reading import takes

if TYPE_CHECKING:
    from conformance.model import Fixtures
    from conformance.run.settings import Settings


@click.command("plan", context_settings={"auto_envvar_prefix": "CSBS"})
@takes(Front.PLAN, helps={"proxy": "Proxy to the identity service of --os-cloud."})
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(as_json: bool, **options: Any) -> None:
    """Show what `run` would send, without sending anything."""
    from conformance.run.selection import settings_from_options

    settings = settings_from_options(options)
    show_plan(settings, as_json=as_json)


def show_plan(settings: Settings, *, as_json: bool) -> None:
    """Print what a run would send."""
    from conformance.contract import load_contract
    from conformance.run.planning import make_planner, whole_plan

    contract = load_contract()
    fixtures = settings.fixtures
    if not fixtures.endpoint:
        settings = replace(
            settings, fixtures=structs.replace(fixtures, endpoint="http://127.0.0.1")
        )
    planner = make_planner(contract, settings)
    plan = asyncio.run(whole_plan(contract, planner, settings.seed))
    parts = {
        "to be refused": plan.refusals,
        "left open by the page": plan.choices,
        "to be executed": plan.valid,
        "to be refused right behind an execution": plan.behind,
        "to be refused late": plan.late,
        "to be refused while requests are left": plan.while_left,
        "to be refused in a row": plan.in_a_row,
        "to be refused afterwards": plan.again,
        "to be executed at once": plan.overlapping,
        "while executions are left": plan.spare,
        "only to explain a refusal": plan.apart,
    }
    if as_json:
        from conformance.report.listings import plan_json

        limits = {"requests": settings.limit, "executions": settings.execution_limit}
        expected = planner.oracle.expect
        requests = [
            (probe.id, probe.request, what, str(expected(probe.request)))
            for what, probes in parts.items()
            for probe in probes
        ]
        click.echo(plan_json(contract, limits, requests), nl=False)
        return
    count = sum(map(len, parts.values()))
    click.echo(f"{count} requests for {settings.fixtures.endpoint}")
    for what, probes in parts.items():
        click.echo(f"  {len(probes):4} {what}")
    executed = (*plan.choices, *plan.valid, *plan.overlapping, *plan.spare)
    most = min(len(executed), settings.execution_limit)
    click.echo(f"limits: {settings.limit} requests, {settings.execution_limit} executions")
    least = min(len(plan.valid), most)
    click.echo(f"a conforming target executes the policy {least} to {most} times")
    _show_locked(settings.fixtures, settings.only)
    for what, probes in parts.items():
        for probe in probes:
            expectation = planner.oracle.expect(probe.request)
            click.echo(f"{probe.id:45} {probe.request.method:4} {expectation!s:25} {what}")


def _show_locked(fixtures: Fixtures, only: tuple[str, ...]) -> None:
    from conformance.contract import load_contract
    from conformance.contract.clauses import is_given, is_selected
    from conformance.page.catalogue import catalogue

    locked: dict[str, list[str]] = {}
    for clause in catalogue(load_contract()).values():
        absent = [need.unlock for need in clause.needs if not is_given(need, fixtures)]
        if absent and is_selected(clause.id, only):
            locked.setdefault(" ".join(absent), []).append(clause.id)
    for options, clauses in locked.items():
        click.echo(f"not without {options}: {len(clauses)} clauses ({', '.join(clauses[:4])}, …)")
