"""The command `judge`: recorded traffic instead of a target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.clause_pattern import ClausePattern
from conformance.cli.options import Directory, gate_options, load_config
from conformance.cli.output import end
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.model import Fixtures

FIXTURES = ("endpoint", "project_id", "provider_id", "plan_id", "resource")
FILE = click.Path(path_type=Path)


@click.command("judge", context_settings={"auto_envvar_prefix": "CSBS"})
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@click.option("--endpoint", metavar="URL", help="Default: that of the first exchange that fits.")
@click.option("--project-id", metavar="ID", help="Project of the tokens in the recording.")
@click.option("--provider-id", metavar="ID", help="Default: the fixed one of the page.")
@click.option("--plan-id", metavar="ID", help="A policy that the project had.")
@click.option("--resource", metavar="ID", multiple=True, help="A server that the policy had.")
@click.option("--config", type=FILE, is_eager=True, callback=load_config, expose_value=False,
              metavar="FILE", help="TOML file with these options.")  # fmt: skip
@click.option("--only", type=ClausePattern(), metavar="GLOB", multiple=True,
              help="Clauses to judge: 'T6.*'.")  # fmt: skip
@click.option("--strict", is_flag=True, help="A broken should fails the recording as well.")
@gate_options
@click.option("--report-dir", type=Directory(), default=Path("reports/latest/judged"),
              metavar="DIR", show_default=True)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print the verdict only.")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Judge recorded traffic: HAR files of one recording, or a journal of `run`; gzip too.

    Needs no credentials, and sends nothing. A journal knows its fixtures; for HAR files the
    options give them: the more is known, the more clauses can be decided.
    """
    typed = [name for name in FIXTURES if _was_typed(context, name)]
    end(judge(options, typed))


def _was_typed(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def judge(options: dict[str, Any], typed: list[str]) -> int:
    """Judge files, write and print the reports; the exit code. `typed` are options given here."""
    from conformance.cli.gating import finish, take_gate
    from conformance.cli.selection import check_only
    from conformance.contract import load_contract
    from conformance.recorded.judging import Wanted, judge_files

    contract = load_contract()
    check_only(contract, options["only"])
    asked = take_gate(options)
    wanted = Wanted(_fixtures(options), options["only"], options["strict"], tuple(typed))
    _keep_apart(options["files"], options["report_dir"])
    report = judge_files(contract, options["files"], wanted)
    return finish(report, asked, options["report_dir"], quiet=options["quiet"])


def _fixtures(options: dict[str, Any]) -> Fixtures:
    """What the options say of the target. Raises UsageError."""
    from conformance.model import Fixtures
    from conformance.urls import checked_endpoint

    for name in FIXTURES:
        if options[name] == "":
            raise UsageError(f"--{name.replace('_', '-')} is empty; give a value or leave it out")
    return Fixtures(
        endpoint=checked_endpoint(options["endpoint"]) if options["endpoint"] else "",
        provider_id=options["provider_id"] or "",
        project_id=options["project_id"],
        plan_id=options["plan_id"],
        resources=tuple(options["resource"]),
        complete=False,
    )


def _keep_apart(files: tuple[Path, ...], directory: Path) -> None:
    """Raise UsageError where a report would replace a file that is to be judged."""
    from conformance.report.write import REPORTS

    reports = {(directory / name).resolve() for name in REPORTS}
    for path in files:
        if path.resolve() in reports:
            raise UsageError(f"{path} would be replaced by a report; give another --report-dir")
