"""The command `clauses`: the clauses, or the readings of silent points."""

from __future__ import annotations

import sys

import click

from conformance.errors import UsageError
from conformance.run.reading import ClausePattern


@click.command("clauses")
@click.option("--only", type=ClausePattern(), metavar="GLOB", multiple=True,
              help="Show only clauses whose ids match, such as 'T6.*'.")  # fmt: skip
@click.option(
    "--ledger",
    is_flag=True,
    help="Show how points are read on which the page is silent or contradicts itself.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the clauses as JSON.")
def command(only: tuple[str, ...], ledger: bool, as_json: bool) -> None:
    """List the clauses: id, level, source and statement."""
    if ledger and as_json:
        raise UsageError("--json: it prints the clauses; leave --ledger out")
    if ledger:
        show_ledger()
    elif as_json:
        print_json(only)
    else:
        show_clauses(only)


def show_clauses(only: tuple[str, ...]) -> None:
    """Print the clauses that patterns select."""
    from conformance.contract import load_contract
    from conformance.contract.clauses import is_selected
    from conformance.page.catalogue import catalogue
    from conformance.report.fitting import Fitting
    from conformance.run.selection import check_only

    contract, fit = load_contract(), Fitting.of(sys.stdout)
    check_only(contract, only)
    for clause in catalogue(contract).values():
        if is_selected(clause.id, only):
            print(fit(f"{clause.id:{fit.column(28)}} {clause.level.value:6} {clause.source!s}"))
            needs = ", ".join(need.unlock for need in clause.needs)
            print(fit(f"    {clause.statement}" + (f" Needs {needs}." if needs else "")))


def print_json(only: tuple[str, ...]) -> None:
    """Print the clauses that patterns select, as JSON."""
    from conformance.contract import load_contract
    from conformance.contract.clauses import is_selected
    from conformance.page.catalogue import catalogue
    from conformance.report.listings import clauses_json
    from conformance.run.selection import check_only

    contract = load_contract()
    check_only(contract, only)
    known = catalogue(contract).values()
    found = [clause for clause in known if is_selected(clause.id, only)]
    click.echo(clauses_json(contract, found), nl=False)


def show_ledger() -> None:
    """Print where the page is silent or contradicts itself, and the readings."""
    from conformance.contract.ledger import load_ledger
    from conformance.report.fitting import Fitting

    fit = Fitting.of(sys.stdout)
    for entry in load_ledger():
        point = fit(entry.point)
        print(click.style(point, bold=True) if sys.stdout.isatty() else point)
        for side in entry.sides:
            print(fit(f"    {side.where}: {side.says}"))
        print(fit(f"  → {entry.decision}"))
        print(fit(f"    clauses: {', '.join(entry.clauses)}\n"))
