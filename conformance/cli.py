"""The command line: a thin front that turns options into settings and stages into exit codes.

Nothing heavy is imported before a command needs it, so that `--help` answers at once.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from conformance import __version__
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.contract import Contract
    from conformance.settings import Settings

USAGE = 2
F = TypeVar("F", bound=Callable[..., Any])


class Group(click.Group):
    """Turns an error that a user can do something about into one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise click.UsageError(str(error)) from None


def entry() -> None:
    """The command `csbs-conformance`. Exits with the code of the command."""
    try:
        sys.exit(main(standalone_mode=False))
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        click.echo(f"csbs-conformance: {error.format_message()}", err=True)
        sys.exit(USAGE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(USAGE)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="csbs-conformance")
def main() -> None:
    """Tell which lines of the CSBS page "Executing a Backup Policy" an implementation keeps.

    Exit codes: 0 conforms, 1 violates, 2 wrong use, 3 inconclusive, 130 and 143 interrupted.
    """


def load_config(context: click.Context, _: click.Parameter, path: Path | None) -> Path | None:
    """Make the options of a configuration file the defaults of a command."""
    if path is not None:
        from conformance.settings import read_config

        options = [option for option in run_command.params if option.name != "config"]
        kinds = {str(option.name): toml_types(option) for option in options}
        context.default_map = {**(context.default_map or {}), **read_config(path, kinds)}
    return path


def toml_types(option: click.Parameter) -> tuple[type, ...]:
    """The types that the value of an option may have in a TOML file."""
    if option.multiple or option.nargs != 1:
        return (list,)
    if getattr(option, "is_flag", False):
        return (bool,)
    if isinstance(option.type, click.IntRange):
        return (int,)
    return (int, float) if isinstance(option.type, click.FloatRange) else (str,)


class Seconds(click.FloatRange):
    """A finite number above zero."""

    name = "number"

    def __init__(self) -> None:
        super().__init__(0, min_open=True)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read the number."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


class Directory(click.Path):
    """The path of a directory, which may not be there yet."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the path."""
        if not str(value):
            self.fail("it is empty; name a directory.", param, ctx)
        return super().convert(value, param, ctx)


def target_options(command: F) -> F:
    """The options that say what to test and how."""
    file = click.Path(path_type=Path)
    options = [
        click.option("--endpoint", metavar="URL", help="Default: the embedded emulator."),
        click.option("--project-id", metavar="ID", help="Project of the token."),
        click.option("--provider-id", metavar="ID", help="Default: the fixed one of the page."),
        click.option("--plan-id", metavar="ID", help="A policy of the project."),
        click.option("--resource", metavar="ID", multiple=True, help="A server of the policy."),
        click.option("--token-env", metavar="NAME", help="Variable that holds the token "
                     "(CSBS_TOKEN)."),
        click.option("--forbidden-token-env", metavar="NAME", help="Variable that holds a valid "
                     "token without permission (CSBS_FORBIDDEN_TOKEN)."),
        click.option("--config", type=file, is_eager=True, callback=load_config,
                     expose_value=False, metavar="FILE", help="TOML file with these options."),
        click.option("--profile", type=click.Choice(["smoke", "standard", "deep"]),
                     default="standard", show_default=True, help="How much to send."),
        click.option("--seed", type=click.IntRange(0), default=1, show_default=True),
        click.option("--only", metavar="GLOB", multiple=True, help="Clauses to test: 'T6.*'."),
        click.option("--max-requests", type=click.IntRange(1),
                     help="[default: 250; deep: 2000]"),
        click.option("--max-executions", type=click.IntRange(1), default=10, show_default=True),
        click.option("--report-dir", type=Directory(), default=Path("reports/latest"),
                     metavar="DIR", show_default=True),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def sending_options(command: F) -> F:
    """The options that say how to send."""
    file = click.Path(path_type=Path)
    seconds = Seconds()
    options = [
        click.option("--strict", is_flag=True, help="A broken should fails the run as well."),
        click.option("--rate", type=seconds, metavar="PER_S", help="Requests a second, at most."),
        click.option("--concurrency", type=click.IntRange(1, 64), default=8, show_default=True),
        click.option("--timeout", type=seconds, default=10.0, show_default=True,
                     help="Seconds for one exchange."),
        click.option("--time-limit", type=seconds, default=300.0, show_default=True,
                     help="Seconds for the whole run."),
        click.option("--plan", type=file, metavar="FILE", help="Send a saved plan.ndjson."),
        click.option("--proxy", metavar="URL"),
        click.option("--ca-bundle", type=file, metavar="FILE"),
        click.option("--client-cert", type=file, metavar="FILE", help="PEM, with its key."),
        click.option("--insecure", is_flag=True, help="Do not check the certificate."),
        click.option("--quiet", is_flag=True, help="Print the verdict only."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@main.command("run", context_settings={"auto_envvar_prefix": "CSBS"})
@target_options
@sending_options
@click.pass_context
def run_command(context: click.Context, /, **options: Any) -> None:
    """Test an implementation and write reports."""
    from conformance.commands import run

    context.exit(run(settings_of(options)))


@main.command("plan", context_settings={"auto_envvar_prefix": "CSBS"})
@target_options
@click.pass_context
def plan_command(context: click.Context, /, **options: Any) -> None:
    """Show what `run` would send, without sending anything."""
    from conformance.commands import closed_pipe_is_fine, show_plan

    settings = settings_of(options)
    with closed_pipe_is_fine():
        show_plan(settings)


@main.command("emulator")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
@click.option("--world", type=click.Path(path_type=Path), metavar="FILE",
              help="TOML file with projects, policies, servers and tokens.")  # fmt: skip
@click.pass_context
def emulator_command(context: click.Context, host: str, port: int, world: Path | None) -> None:
    """Serve the reference implementation."""
    from conformance.emulator import run_emulator

    context.exit(run_emulator(host, port, world))


@main.command("clauses")
@click.option("--only", metavar="GLOB", multiple=True, help="Clauses to show: 'T6.*'.")
@click.option("--ledger", is_flag=True, help="Show how silent and contradictory points are read.")
def clauses_command(only: tuple[str, ...], ledger: bool) -> None:
    """List the clauses: id, level, source and statement."""
    from conformance.commands import closed_pipe_is_fine, show_clauses, show_ledger

    with closed_pipe_is_fine():
        if ledger:
            show_ledger()
        else:
            show_clauses(only)


@main.command("prove")
@click.option("--fault", metavar="GLOB", multiple=True, help="Faults to try; default: all.")
@click.option("--variant", metavar="GLOB", multiple=True, help="Variants to try; default: all.")
@click.option("--deep", is_flag=True, help="Explore: the odd faults, 2000 requests each.")
@click.option("--jobs", type=click.IntRange(1, 64), default=3, show_default=True)
@click.option("--report-dir", type=click.Path(path_type=Path), metavar="DIR", show_default=True,
              default=Path("reports/proof"))  # fmt: skip
@click.pass_context
def prove_command(context: click.Context, /, **options: Any) -> None:
    """Hold the suite against the emulator's catalogue of faults and conforming variants.

    Exits 1 where a fault is missed, a clause has no fault, a clause fails that is neither a
    fault's own nor declared to follow, or a variant is accused.
    """
    from conformance.prove.command import run_proof

    context.exit(run_proof(**options))


@main.command("contract")
def contract_command() -> None:
    """Print openapi.yaml."""
    from conformance.commands import closed_pipe_is_fine
    from conformance.contract import load_contract

    with closed_pipe_is_fine():
        sys.stdout.buffer.write(load_contract().text)


def settings_of(options: dict[str, Any]) -> Settings:
    """The settings that the options of a command ask for. Raises UsageError."""
    from conformance.contract import load_contract
    from conformance.model import Fixtures
    from conformance.settings import (
        DEEP_REQUESTS,
        DEFAULT_REQUESTS,
        Settings,
        checked_endpoint,
        emulator_settings,
        tokens_from_environment,
    )

    contract = load_contract()
    given = {name: options.pop(name) for name in ("token_env", "forbidden_token_env")}
    fixture_options = {
        name: options.pop(name)
        for name in ("endpoint", "project_id", "provider_id", "plan_id", "resource")
    }
    check_only(contract, options["only"])
    if options["max_requests"] is None:
        is_deep = options["profile"] == "deep"
        options["max_requests"] = DEEP_REQUESTS if is_deep else DEFAULT_REQUESTS
    if fixture_options["endpoint"] is None:
        if meant := [name for name, value in {**given, **fixture_options}.items() if value]:
            option = meant[0].replace("_", "-")
            raise UsageError(f"--{option} needs --endpoint: the emulator has its own fixtures")
        return emulator_settings(contract, "", **options)
    for name in ("project_id", "provider_id", "plan_id"):
        if fixture_options[name] == "":
            raise UsageError(f"--{name.replace('_', '-')} is empty; give an id or leave it out")
    tokens = tokens_from_environment(given["token_env"], given["forbidden_token_env"])
    fixtures = Fixtures(
        endpoint=checked_endpoint(fixture_options["endpoint"]),
        provider_id=fixture_options["provider_id"] or contract.provider_id,
        project_id=fixture_options["project_id"],
        plan_id=fixture_options["plan_id"],
        resources=tuple(fixture_options["resource"]),
        tokens=frozenset(tokens),
    )
    return Settings(fixtures=fixtures, tokens=tokens, **options)


def check_only(contract: Contract, only: tuple[str, ...]) -> None:
    """Raise UsageError for a pattern that selects no clause."""
    from conformance.judge.catalogue import catalogue
    from conformance.judge.conclusion import is_selected

    for pattern in only:
        if not any(is_selected(clause_id, (pattern,)) for clause_id in catalogue(contract)):
            raise UsageError(f"--only {pattern!r} matches no clause; see csbs-conformance clauses")
