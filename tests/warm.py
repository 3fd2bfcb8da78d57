"""The command as tests start it: in a process of its own, most of whose start is already done.

`WARM` is a program like `COLD`, the installed one. It asks the server that `start` starts for a
fork (`warm_server.py`), and runs `COLD` where no server is there yet. A test that kills the
command or its process group, or gives it a terminal, uses `COLD`.
"""

from __future__ import annotations

import atexit
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
_HANDED = "WARM_ROOM"
"""The environment variable by which workers know the directory of the server that they share."""
_ROOM = Path(os.environ.get(_HANDED) or tempfile.mkdtemp(prefix="warm-"))
COLD = str(Path(sysconfig.get_path("scripts")) / "csbs-conformance")
WARM = str(_ROOM / "csbs-conformance")
SOCKET = _ROOM / "socket"
NEVER_HANGS = 60.0
"""Seconds after which what should have come will not."""


def _write() -> None:
    asking = shlex.join([sys.executable, "-SEI", str(HERE / "warm_command.py"), str(SOCKET), COLD])
    Path(WARM).write_text(f'#!/bin/sh\nexec {asking} "$@"\n')
    Path(WARM).chmod(0o755)
    atexit.register(shutil.rmtree, _ROOM, ignore_errors=True)


@cache
def start() -> None:
    """Start the server of this process, which ends with it, unless a server was handed on."""
    if _HANDED not in os.environ:
        serving = [sys.executable, str(HERE / "warm_server.py"), str(SOCKET)]
        subprocess.Popen(serving, stdin=subprocess.PIPE, cwd=_ROOM)


def hand_on() -> None:
    """Start the server for the workers that this process is about to start."""
    start()
    os.environ[_HANDED] = str(_ROOM)


def wait() -> None:
    """Wait until the server is there. Raises TimeoutError."""
    deadline = time.monotonic() + NEVER_HANGS
    while not SOCKET.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{SOCKET} was never served")
        time.sleep(0.02)


if _HANDED not in os.environ:
    _write()
