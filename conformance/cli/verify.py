"""The command `verify`: is a report what was signed, and does it follow from its journal?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.output import end
from conformance.errors import UsageError

if TYPE_CHECKING:
    from conformance.attestation.envelope import Author


@click.command("verify")
@click.argument("directory", metavar="REPORT_DIR", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE",
              help="Public key of the signer: PEM.")  # fmt: skip
@click.option("--identity", metavar="NAME", help="In place of a key: the identity that signed "
              "through Sigstore, such as the URL of a workflow.")  # fmt: skip
@click.option("--issuer", metavar="URL", help="Issuer that vouches for the identity.")
def command(
    directory: Path,
    key: Path | None,
    identity: str | None,
    issuer: str | None,
) -> None:
    """Check the signed statement on a report, its files, and judge its journal again.

    Each part that was changed is named in a line. Exit codes: 0 genuine, 1 tampered with, 2 wrong
    use, 3 cannot be said: another version of the suite wrote it, whose judge may judge otherwise.
    """
    from conformance.attestation import need_packages

    need_packages()
    from conformance.attestation.verifying import verify
    from conformance.contract import load_contract

    verified = verify(load_contract(), directory, _author(key, identity, issuer))
    for line in verified.lines:
        click.echo(line)
    end(verified.exit_code)


def _author(key: Path | None, identity: str | None, issuer: str | None) -> Author:
    """Who has to have signed. Raises UsageError."""
    from conformance.attestation.envelope import KeyHolder
    from conformance.attestation.keyless import Identity
    from conformance.attestation.keys import load_public

    if key is not None and not identity and not issuer:
        return KeyHolder(load_public(key))
    if key is None and identity and issuer:
        return Identity(identity, issuer)
    raise UsageError("give either --key FILE, or --identity NAME and --issuer URL")
