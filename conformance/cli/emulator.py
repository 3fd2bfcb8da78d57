"""The command `emulator`: the reference implementation, served."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.output import end


@click.command("emulator")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="0 takes a free one.",
)
@click.option("--world", type=click.Path(path_type=Path), metavar="FILE",
              help="TOML file with projects, policies, servers and tokens.")  # fmt: skip
def command(host: str, port: int, world: Path | None) -> None:
    """Serve the reference implementation."""
    from conformance.emulator import run_emulator

    end(run_emulator(host, port, world))
