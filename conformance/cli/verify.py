"""The command `verify`: is a report what was signed, and does it follow from its journal?"""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.output import closed_pipe_is_fine


@click.command("verify")
@click.argument("directory", metavar="REPORT_DIR", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), required=True, metavar="FILE",
              help="Public key of who signed: PEM.")  # fmt: skip
@click.pass_context
def command(context: click.Context, directory: Path, key: Path) -> None:
    """Check the signed statement on a report, its files, and judge its journal again.

    Each part that was changed is named in a line. Exit codes: 0 genuine, 1 tampered with, 2 wrong
    use, 3 cannot be said: another version of the suite wrote it, whose judge may judge otherwise.
    """
    from conformance.attestation import need_packages

    need_packages()
    from conformance.attestation.keys import load_public
    from conformance.attestation.verifying import verify
    from conformance.contract import load_contract

    verified = verify(load_contract(), directory, load_public(key))
    with closed_pipe_is_fine():
        for line in verified.lines:
            click.echo(line)
    context.exit(verified.exit_code)
