"""The command `judge`: recorded traffic instead of a target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.output import Form, end
from conformance.errors import UsageError
from conformance.run.options import Front, TargetOptions, names_in
from conformance.run.reading import takes

if TYPE_CHECKING:
    from conformance.model import Fixtures

FIXTURES = names_in(TargetOptions)
HELPS = {
    "endpoint": "URL of the service. Default: taken from the first exchange that fits.",
    "project_id": "Project that the recorded tokens were for.",
    "plan_id": "Id of a backup policy that the project had.",
    "resource": "Id of a server that was in the policy; may be given several times.",
    "only": "Judge only clauses whose ids match, such as 'T6.*'.",
    "strict": "Fail for a broken should as well.",
}


@click.command("judge", context_settings={"auto_envvar_prefix": "CSBS"})
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@takes(Front.JUDGE, helps=HELPS, defaults={"report_dir": Path("reports/latest/judged")})
@click.option("--json", "as_json", is_flag=True, help="Print report.json.")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Judge recorded traffic: HAR files of one recording, or a journal of `run`.

    The command needs no credentials and sends nothing. The files may be compressed with gzip. A
    journal holds its fixtures; for HAR files, give them as options. The more is known, the more
    clauses can be decided.
    """
    typed = [name for name in FIXTURES if _was_typed(context, name)]
    end(judge(options, typed))


def _was_typed(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def judge(options: dict[str, Any], typed: list[str]) -> int:
    """Judge files, write and print the reports; the exit code. `typed` are options given here."""
    from conformance.cli.gating import finish, take_gate
    from conformance.contract import load_contract
    from conformance.recorded.judging import Wanted, judge_files
    from conformance.run.selection import check_only

    contract = load_contract()
    check_only(contract, options["only"])
    asked = take_gate(options)
    wanted = Wanted(_fixtures(options), options["only"], options["strict"], tuple(typed))
    _keep_apart(options["files"], options["report_dir"])
    report = judge_files(contract, options["files"], wanted)
    form = Form.JSON if options["as_json"] else Form.QUIET if options["quiet"] else Form.FULL
    return finish(report, asked, options["report_dir"], form)


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
