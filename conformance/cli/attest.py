"""The command `attest`: a signed statement on a report."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from conformance.cli.output import end
from conformance.errors import UsageError


@click.command("attest")
@click.argument("directory", metavar="REPORT_DIR", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE",
              help="Private key: PEM, Ed25519 or ECDSA.")  # fmt: skip
@click.option("--keyless", is_flag=True, help="In place of a key: sign in the name of this CI job, "
              "through Sigstore.")  # fmt: skip
def command(directory: Path, key: Path | None, keyless: bool) -> None:
    """Sign a statement on what a report says, so that others can verify it.

    Writes attestation.intoto.json into REPORT_DIR: an in-toto Statement with the test-result
    predicate in a DSSE envelope. Nothing is stated of a run that is inconclusive or not whole. The
    passphrase of an encrypted key comes from CSBS_KEY_PASSPHRASE.
    """
    from conformance.attestation import need_packages

    if (key is None) is not keyless:
        raise UsageError("give either --key FILE or --keyless")
    need_packages()
    from conformance.attestation.attesting import attest
    from conformance.attestation.envelope import sealed
    from conformance.attestation.keyless import need_sigstore, seal_keyless
    from conformance.attestation.keys import load_signer
    from conformance.contract import load_contract

    if key is None:
        need_sigstore()
    seal = seal_keyless if key is None else partial(sealed, signer=load_signer(key))
    attested = attest(load_contract(), directory, seal)
    click.echo(str(attested))
    end(0)
