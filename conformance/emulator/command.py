"""The emulator on the command line."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from conformance.emulator.service import Service
from conformance.emulator.world import World, WorldError

EXIT_USAGE: Final = 2
EXIT_SIGNAL: Final = 128
_STDIN: Final = 0
_CHUNK: Final = 4096


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments (those of the process by default) and run; returns the exit code."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m conformance.emulator",
        description="A reference implementation of the operation, on a local port.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one, the default")
    parser.add_argument("--world", type=Path, metavar="FILE", help="TOML file; default: built in")
    parser.add_argument(
        "--exit-with-parent", action="store_true", help="end when standard input ends"
    )
    given = parser.parse_args(argv)
    return run_emulator(
        given.host, given.port, given.world, exit_with_parent=given.exit_with_parent
    )


def run_emulator(
    host: str = "127.0.0.1",
    port: int = 0,
    world_path: str | Path | None = None,
    *,
    exit_with_parent: bool = False,
) -> int:
    """Serve the world of a TOML file (None: the built-in one) until a signal ends it.

    Prints one line when requests are answered. Returns the exit code: 130 and 143 after SIGINT and
    SIGTERM, 0 after the end of standard input (only with ``exit_with_parent``), 2 if the world or
    the address cannot be used; standard error then says why.
    """
    try:
        world = World.default() if world_path is None else World.from_toml(Path(world_path))
    except WorldError as error:
        return _unusable(f"{world_path}: {error}")
    from conformance.emulator.app import base_url, serve

    def announce(port: int) -> None:
        where = f"{base_url(host, port)} ({_summary(world, world_path)})"
        print(f"csbs emulator listening on {where}", flush=True)

    wait = _end_of_stdin if exit_with_parent else None
    try:
        number = serve(Service(world), host, port, announce, wait)
    except (OSError, OverflowError) as error:  # OverflowError: no such port number
        return _unusable(f"cannot listen on {host} port {port}: {error}")
    return 0 if number is None else EXIT_SIGNAL + number


def _summary(world: World, world_path: str | Path | None) -> str:
    """Say what a client needs; the token only if it is the public sample."""
    known = world.fixtures()
    token = f"token {known['token']}" if world_path is None else f"token in {world_path}"
    return f"project {known['project_id']}, policy {known['plan_id']}, {token}"


def _end_of_stdin() -> None:
    while os.read(_STDIN, _CHUNK):
        pass


def _unusable(reason: str) -> int:
    print(f"csbs emulator: {reason}", file=sys.stderr)
    return EXIT_USAGE
