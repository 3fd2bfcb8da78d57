"""The command `judge`: recorded traffic instead of a target."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.opening import open_report, opens
from conformance.cli.output import Form, end
from conformance.errors import UsageError
from conformance.events import Listener, nobody
from conformance.run.options import Front, TargetOptions, options_of
from conformance.run.reading import takes

if TYPE_CHECKING:
    from conformance.model import Fixtures

FIXTURES = tuple(each.name for each in options_of(TargetOptions) if each.fronts & Front.JUDGE)
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
@click.option("--each", is_flag=True, help="Judge each file as a recording of its own, on all "
              "cores, and write a matrix of recordings and clauses.")  # fmt: skip
@takes(Front.JUDGE, helps=HELPS, defaults={"report_dir": Path("reports/latest/judged")})
@click.option("--json", "as_json", is_flag=True, help="Print report.json, and campaign.json with "
              "--each.")  # fmt: skip
@opens
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Judge recorded traffic: HAR files of one recording, or a journal of `run`.

    The command needs no credentials and sends nothing. The files may be compressed with gzip; `-`
    is standard input. A journal holds its fixtures; for HAR files, give them as options. The more
    is known, the more clauses can be decided.
    """
    typed = [name for name in FIXTURES if _was_typed(context, name)]
    each, is_opened = options.pop("each"), options.pop("open")
    code = judge_each(options) if each else judge(options, typed)
    if is_opened:
        open_report(options["report_dir"] / ("campaign.html" if each else "report.html"))
    end(code)


def _was_typed(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def judge(options: dict[str, Any], typed: list[str]) -> int:
    """Judge files, write and print the reports; the exit code. `typed` are options given here."""
    from conformance.cli.counting import counting
    from conformance.cli.gating import finish, take_gate
    from conformance.contract import load_contract
    from conformance.recorded.judging import Wanted, judge_files
    from conformance.report.write import REPORTS
    from conformance.run.selection import check_only

    contract = load_contract()
    check_only(contract, options["only"])
    asked = take_gate(options)
    wanted = Wanted(_fixtures(options), options["only"], options["strict"], tuple(typed))
    _keep_apart(options["files"], [options["report_dir"] / name for name in REPORTS])
    form = Form.JSON if options["as_json"] else Form.QUIET if options["quiet"] else Form.FULL
    directory = options["report_dir"]
    with counting(is_quiet=form is not Form.FULL) as watch, _listener(options) as tell:
        report = judge_files(contract, options["files"], wanted, watch, tell)
    return finish(report, asked, directory, form)


def _listener(options: dict[str, Any]) -> AbstractContextManager[Listener]:
    """Who hears what the judge decides; nothing in a recording is a secret any more."""
    if not options["debug"]:
        return nullcontext(nobody)
    from conformance.credentials.placeholders import Secrets
    from conformance.report.write import prepare_directory
    from conformance.run.debugging import debug_log

    prepare_directory(options["report_dir"])
    return debug_log(options["report_dir"], partial(Secrets, {}), is_wanted=True)


def judge_each(options: dict[str, Any]) -> int:
    """Judge files one by one, write and print the matrix; the exit code, the worst of all."""
    from conformance.campaign.command import FORMATS, line_of, summary, write_matrix
    from conformance.campaign.matrix_json import json_matrix
    from conformance.campaign.matrix_markdown import in_words
    from conformance.campaign.recordings import judged_each, recordings
    from conformance.cli.gating import take_gate
    from conformance.contract import load_contract
    from conformance.recorded.judging import Wanted
    from conformance.report.write import REPORTS, prepare_directory
    from conformance.run.selection import check_only
    from conformance.streams import STANDARD_INPUT

    for name in ("baseline", "sarif", "debug"):
        if options[name]:
            raise UsageError(f"--{name} is for one recording; leave it or --each out")
    check_only(load_contract(), options["only"])
    excuses = take_gate(options).excuses
    wanted = Wanted(_fixtures(options), options["only"], options["strict"])
    directory, as_json = options["report_dir"], options["as_json"]
    is_quiet = options["quiet"] or as_json
    if STANDARD_INPUT in options["files"]:
        raise UsageError("-: --each is for files; leave it out")
    files = recordings(options["files"], directory, wanted, excuses)
    reports = [each.directory / name for each in files for name in REPORTS]
    _keep_apart(options["files"], [*reports, *(directory / name for name in FORMATS)])
    prepare_directory(directory)

    def say(line: str) -> None:
        if not is_quiet:
            click.echo(line, err=True)

    matrix = judged_each(files, lambda number, row: say(f"[{number}/{len(files)}] {line_of(row)}"))
    write_matrix(matrix, directory)
    for line in () if is_quiet else summary(matrix, directory):
        click.echo(line)
    click.echo(json_matrix(matrix) if as_json else in_words(matrix), nl=not as_json)
    return matrix.exit_code


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


def _keep_apart(files: Iterable[Path], reports: Iterable[Path]) -> None:
    """Raise UsageError where one of the reports would replace a file that is to be judged."""
    written = {report.resolve() for report in reports}
    for path in files:
        if path.resolve() in written:
            raise UsageError(f"{path} would be replaced by a report; give another --report-dir")
