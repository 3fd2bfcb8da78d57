"""Commands as forks of one process that has imported all they need.

    python warm_server.py SOCKET    serves until its standard input is closed

Each connection asks for one command: see `warm_command.py`. The command is a process of its own,
with the arguments, the environment, the directory and the descriptors of whoever asked. Only the
start of the interpreter, the imports, and what is worked out once for all runs, such as the clauses
and the templates of the reports, are those of this process.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import locale
import marshal
import os
import pkgutil
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from array import array
from pathlib import Path
from typing import IO, Any, Final, NoReturn

import dask

import conformance
from conformance.cli import entry
from conformance.clock import simulate
from conformance.contract import load_contract
from conformance.emulator import Service, World
from conformance.emulator.command import main as emulator
from conformance.prove.direct import ENDPOINT, DirectClient
from conformance.report.write import write_reports
from conformance.run import embedded
from conformance.run.session import run
from conformance.run.settings import emulator_settings
from conformance.run.watcher import Watcher

HEAVY: Final = ("conformance.schemathesis", "conformance.pytest_plugin")
"""What no command imports."""
ALSO: Final = (
    *("rich.progress", "rich.table", "uvicorn", "distributed", "openapi_spec_validator"),
    *("cryptography.x509", "cryptography.hazmat.backends.openssl"),
)
"""Libraries that commands import while they run."""
EMBEDDED: Final = "embedded-emulator"
"""The word by which a warm command asks for its emulator."""
STREAMS: Final = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))
INTEGER: Final = array("i").itemsize


def main(path: str) -> None:
    """Serve; return in the process of each command, when it is to begin."""
    try:
        warm_up()
    except FileNotFoundError:  # so is the directory of whoever would ask
        sys.exit()
    embedded.COMMAND = (str(Path(path).with_name("csbs-conformance")), EMBEDDED)
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            listener.bind(f"{path}.new")
        except FileNotFoundError:  # whoever would ask is gone already
            sys.exit()
        listener.listen(64)
        os.rename(f"{path}.new", path)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while 0 not in select.select([listener.fileno(), 0], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                return supervise(connection)
            connection.close()
    sys.exit()


def warm_up() -> None:
    """Import what commands import, and work out what they all need: that of the smallest run."""
    for module in pkgutil.walk_packages(conformance.__path__, "conformance."):
        if not module.name.startswith(HEAVY) and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in ALSO:
        importlib.import_module(name)
    contract = load_contract()
    with tempfile.TemporaryDirectory() as place:
        settings = emulator_settings(contract, ENDPOINT, profile="smoke", report_dir=Path(place))
        service = Service(World.default())
        report = simulate(
            lambda clock: run(
                contract, settings, Watcher(), clock, DirectClient(service, clock, settings.timeout)
            )
        )
        write_reports(report, settings.report_dir)
    gc.collect()
    gc.freeze()


def supervise(connection: socket.socket) -> None:
    """Start the command, and tell who asked its process id, and once it has ended how it did.

    That is its status, its microseconds of processor time, and its peak of memory in bytes.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, ancillary, _, _ = connection.recvmsg(8, socket.CMSG_SPACE(3 * INTEGER))
    descriptors = array("i", ancillary[0][2] if ancillary else b"")
    with connection.makefile("rb") as reader:
        asked: tuple[Any, ...] = marshal.loads(reader.read(int.from_bytes(head, "big")))
    process = os.fork()
    if process == 0:
        connection.close()
        return become(list(descriptors), *asked)
    with contextlib.suppress(OSError):
        connection.sendall(process.to_bytes(8, "big"))
        _, status, used = os.wait4(process, 0)
        processor = round((used.ru_utime + used.ru_stime) * 1e6)
        peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        connection.sendall(b"".join(n.to_bytes(8, "big") for n in (status, processor, peak)))
    os._exit(0)


def become(
    descriptors: list[int],
    arguments: list[str],
    environment: dict[str, str],
    directory: str,
    mask: int,
    is_open: list[bool],
) -> None:
    """Take what the command is to have from whoever asked."""
    os.setpgid(0, 0)
    given = [descriptors.pop(0) if each else None for each in is_open]
    for number, descriptor in enumerate(given):
        if descriptor is None:
            os.close(number)
        else:
            os.dup2(descriptor, number)
            os.close(descriptor)
    os.chdir(directory)
    os.umask(mask)
    os.environ.clear()
    os.environ.update(environment)
    dask.config.refresh()  # it was read from another environment
    time.tzset()
    sys.argv = arguments
    for number, (name, mode) in enumerate(STREAMS):
        stream = _stream(number, mode) if is_open[number] else None
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _stream(descriptor: int, mode: str) -> IO[str]:
    """A standard stream as the interpreter makes it."""
    return open(
        descriptor,
        mode,
        buffering=-1 if descriptor < 2 else 1,
        encoding=locale.getencoding(),
        errors="backslashreplace" if descriptor == 2 else "strict",
        closefd=False,
    )


def finish() -> NoReturn:
    """Run the command and end, without freeing one by one what the system frees at once."""
    code = 1
    try:
        if sys.argv[1:2] == [EMBEDDED]:
            sys.exit(emulator(sys.argv[2:]))
        entry()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
    finish()
