"""The command `campaign`: test many targets, and write the matrix of what came of them."""

from __future__ import annotations

import os
from pathlib import Path

import click

from conformance.cli import output
from conformance.cli.confirming import confirm_deletion
from conformance.cli.output import end
from conformance.run.reading import Directory
from conformance.text import counted


@click.command("campaign")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--report-dir", type=Directory(), default=Path("reports/campaign"), metavar="DIR",
              show_default=True, help="Where reports go; on a cluster, storage that workers "
              "share.")  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on with the campaign in --report-dir: finished "
              "targets stand, others go on from their journals.")  # fmt: skip
@click.option("--retry-inconclusive", is_flag=True, help="Try a target that ends inconclusive once "
              "more, with limits of its own again.")  # fmt: skip
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, such as "
              "tls://host:8786. Default: a local cluster.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1), help="Workers of the local cluster. "
              "[default: one for each core]")  # fmt: skip
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="Targets "
              "that a worker of the local cluster tests at once.")  # fmt: skip
@click.option("--wait", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True,
              metavar="SECONDS", help="How long to wait for a first worker.")  # fmt: skip
@click.option("--allow-mixed", is_flag=True, help="Let workers judge that have another version; "
              "what they have is then named with the target.")  # fmt: skip
@click.option("--publish", metavar="URL", help="Copy the results of each target there, such as "
              "s3://bucket/path: object storage, or what else fsspec can write.")  # fmt: skip
@click.option("--metrics", type=click.IntRange(1, 65535), metavar="PORT", help="Show metrics for "
              "Prometheus on this port of loopback.")  # fmt: skip
@click.option("--compare", type=click.Path(path_type=Path), metavar="OLD", help="Directory or "
              "campaign.json of an earlier campaign: tell what has changed.")  # fmt: skip
@click.option("--waivers", type=click.Path(path_type=Path), metavar="FILE", help="TOML file of "
              "clauses that may be broken, for targets that name none of their own.")  # fmt: skip
@click.option("--baseline", type=click.Path(path_type=Path), metavar="OLD", help="Directory or "
              "campaign.json of an earlier campaign: what was broken there does not fail this "
              "one.")  # fmt: skip
@click.option("--delete", is_flag=True, help="Once the run of a target has ended, delete the "
              "backups that it created, and nothing else.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask whether --delete may delete.")
@click.option("--quiet", is_flag=True, help="Print the verdicts only.")
def command(
    file: Path,
    report_dir: Path,
    resume: bool,
    retry_inconclusive: bool,
    scheduler: str | None,
    workers: int | None,
    threads: int,
    wait: float,
    allow_mixed: bool,
    publish: str | None,
    metrics: int | None,
    compare: Path | None,
    waivers: Path | None,
    baseline: Path | None,
    delete: bool,
    yes: bool,
    quiet: bool,
) -> None:
    """Test the targets in a TOML file, side by side, and write a matrix of targets and clauses.

    Dask hands the targets to workers. If a worker is lost, another continues with its target, and
    nothing is executed twice. Exit codes: 0 all conform or are excused, 1 a target violates the
    contract and is not excused, 2 wrong use, 3 a target could not be judged, 129, 130 and 143
    interrupted.
    """
    from conformance.campaign.cluster import check_installed
    from conformance.campaign.command import Campaign, Cluster, conduct, summary
    from conformance.campaign.comparison import read_old
    from conformance.campaign.excusing import excuses_of
    from conformance.campaign.file import read_campaign
    from conformance.campaign.matrix_markdown import in_words
    from conformance.campaign.preflight import NotReady
    from conformance.contract import load_contract
    from conformance.errors import UsageError
    from conformance.page.catalogue import catalogue
    from conformance.text import visible_line

    targets = read_campaign(file)
    old = read_old(compare) if compare is not None else None
    before = read_old(baseline, "--baseline") if baseline is not None else None
    excuses = excuses_of(targets, waivers, before, catalogue(load_contract()).keys())
    check_installed()
    if delete:
        told = counted(len(targets), "target")
        question = f"Once each run has ended, delete what it creates at {told}?"
        confirm_deletion(question, is_confirmed=yes, is_quiet=quiet)
    os.umask(0o077)  # all that is written shows what targets answered: it is the user's alone
    cluster = Cluster(scheduler, workers, threads, wait, allow_mixed)
    campaign = Campaign(
        targets,
        report_dir,
        resume=resume,
        retry_inconclusive=retry_inconclusive,
        metrics=metrics,
        publish=publish,
        cluster=cluster,
        old=old,
        excuses=excuses,
        deletes=delete,
    )
    try:
        matrix = conduct(campaign, (lambda _: None) if quiet else _say)
    except NotReady as error:
        for line in error.lines[:-1]:
            output.complain(f"csbs-conformance: {visible_line(line)}")
        raise UsageError(error.lines[-1]) from None
    if not quiet:
        for line in summary(matrix, report_dir):
            click.echo(line)
    click.echo(in_words(matrix))
    end(matrix.exit_code)


def _say(line: str) -> None:
    click.echo(line, err=True)
