"""The options that commands share: what to test, and how to send."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.cli.clause_pattern import ClausePattern

F = TypeVar("F", bound=Callable[..., Any])
GATE = ("waivers", "baseline", "sarif")
"""The options of the gate, which decides on a report and is no part of the settings of a run."""


def _with(options: Sequence[Callable[[F], F]], command: F) -> F:
    """The command with the options, in their order."""
    for option in reversed(options):
        command = option(command)
    return command


def load_config(context: click.Context, _: click.Parameter, path: Path | None) -> Path | None:
    """Make the options of a configuration file the defaults of a command."""
    if path is not None:
        from conformance.cli.run import command
        from conformance.run.settings import read_config

        options = [option for option in command.params if option.name != "config"]
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


def login_options(command: F) -> F:
    """The options that say how to log in: where secrets are, and never secrets themselves."""
    options = [
        click.option("--token-env", metavar="NAME", help="Variable that holds the token "
                     "(CSBS_TOKEN)."),
        click.option("--token-file", metavar="FILE", help="File that holds the token; read again "
                     "when the token is rejected."),
        click.option("--token-command", metavar="COMMAND", help="Command that prints the token; "
                     "run again when the token is rejected."),
        click.option("--forbidden-token-env", metavar="NAME", help="Variable that holds a valid "
                     "token without permission (CSBS_FORBIDDEN_TOKEN)."),
        click.option("--os-cloud", metavar="NAME", help="A cloud in clouds.yaml: it gives the "
                     "token, and where they are not given, project and endpoint."),
        click.option("--ak-env", metavar="NAME", help="Variable that holds an access key: requests "
                     "are signed, in place of a token."),
        click.option("--sk-env", metavar="NAME", help="Variable that holds its secret key."),
    ]  # fmt: skip
    return _with(options, command)


def target_options(command: F) -> F:
    """The options that say what to test and how."""
    file = click.Path(path_type=Path)
    options = [
        click.option("--endpoint", metavar="URL", help="Where the service is. Default: the "
                     "embedded emulator."),
        click.option("--project-id", metavar="ID", help="Project of the token."),
        click.option("--provider-id", metavar="ID", help="Default: the fixed one of the page."),
        click.option("--plan-id", metavar="ID", help="A policy of the project."),
        click.option("--resource", metavar="ID", multiple=True, help="A server of the policy."),
        login_options,
        click.option("--config", type=file, is_eager=True, callback=load_config,
                     expose_value=False, metavar="FILE", help="TOML file with these options."),
        click.option("--profile", type=click.Choice(["smoke", "standard", "deep"]),
                     default="standard", show_default=True, help="How much to send."),
        click.option("--seed", type=click.IntRange(0), default=1, show_default=True,
                     help="Draws the generated requests and the ids that name nothing."),
        click.option("--only", type=ClausePattern(), metavar="GLOB", multiple=True,
                     help="Clauses to test: 'T6.*'."),
        click.option("--max-requests", type=click.IntRange(1), show_default="250; deep: 2000",
                     help="Requests, at most."),
        click.option("--max-executions", type=click.IntRange(1), show_default="10",
                     help="Executions of the policy, at most."),
        click.option("--report-dir", type=Directory(), default=Path("reports/latest"),
                     metavar="DIR", show_default=True, help="Where the reports go."),
    ]  # fmt: skip
    return _with(options, command)


def sending_options(command: F) -> F:
    """The options that say how to send."""
    file = click.Path(path_type=Path)
    seconds = Seconds()
    options = [
        click.option("--strict", is_flag=True, help="A broken should fails the run as well."),
        click.option("--rate", type=seconds, metavar="PER_S", help="Requests a second, at most."),
        click.option("--concurrency", type=click.IntRange(1, 64), default=8, show_default=True,
                     help="Requests under way at once, at most."),
        click.option("--timeout", type=seconds, default=10.0, show_default=True,
                     help="Seconds for one exchange."),
        click.option("--time-limit", type=seconds, default=300.0, show_default=True,
                     help="Seconds for the whole run."),
        click.option("--resume", type=Directory(), metavar="DIR", help="Go on with the run that "
                     "was killed while it wrote to DIR."),
        click.option("--plan", type=file, metavar="FILE", help="Send a saved plan.ndjson."),
        click.option("--proxy", metavar="URL", help="Proxy for every request."),
        click.option("--ca-bundle", type=file, metavar="FILE", help="PEM of the certificates to "
                     "trust, instead of the usual ones."),
        click.option("--client-cert", type=file, metavar="FILE", help="PEM, with its key."),
        click.option("--insecure", is_flag=True, help="Do not check the certificate."),
        click.option("--quiet", is_flag=True, help="Print the verdict only."),
    ]  # fmt: skip
    return _with(options, command)


def gate_options(command: F) -> F:
    """The options that say what may pass, and where results go besides."""
    file = click.Path(path_type=Path)
    options = [
        click.option("--waivers", type=file, metavar="FILE", help="TOML file of clauses that may "
                     "be broken: why, and until when."),
        click.option("--baseline", type=file, metavar="REPORT", help="report.json of an earlier "
                     "run: what was broken there does not fail this one."),
        click.option("--sarif", type=file, metavar="FILE", help="Write the results as SARIF here "
                     "as well."),
    ]  # fmt: skip
    return _with(options, command)
