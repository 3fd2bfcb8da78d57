"""The command `attest`: a signed statement on a report."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.output import closed_pipe_is_fine


@click.command("attest")
@click.argument("directory", metavar="REPORT_DIR", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), required=True, metavar="FILE",
              help="Private key: PEM, Ed25519 or ECDSA.")  # fmt: skip
def command(directory: Path, key: Path) -> None:
    """State in a signed file what a report says, so that others can verify it.

    Writes attestation.intoto.json into REPORT_DIR: an in-toto Statement with the test-result
    predicate in a DSSE envelope. Nothing is stated of a run that is inconclusive or not whole. The
    passphrase of an encrypted key comes from CSBS_KEY_PASSPHRASE.
    """
    from conformance.attestation import need_packages

    need_packages()
    from conformance.attestation.attesting import attest
    from conformance.attestation.keys import load_signer
    from conformance.contract import load_contract

    attested = attest(load_contract(), directory, load_signer(key))
    with closed_pipe_is_fine():
        click.echo(str(attested))
