"""Asks `warm_server.py` to run a command, and ends as the command does.

    python -S -E warm_command.py SOCKET COMMAND ARGUMENT...

Where no server is there yet, it becomes the command. It imports next to nothing, since its own
start is most of what a test waits for. Where `WARM_USAGE` names a file, the command's seconds of
processor time and its peak of memory in bytes are written to it.
"""

from __future__ import annotations

import _socket
import marshal
import os
import signal
import sys
from array import array


def main(path: str, arguments: list[str]) -> None:
    """Run the command. Signals that can be passed on are."""
    # The socket may get the number of a closed stream.
    is_open = [_is_open(number) for number in range(3)]
    server = _socket.socket(_socket.AF_UNIX)
    try:
        server.connect(path)
    except OSError:
        server.close()
        os.execv(arguments[0], arguments)
    given = array("i", [number for number in range(3) if is_open[number]])
    mask = os.umask(0)
    os.umask(mask)
    body = marshal.dumps((arguments, dict(os.environ), os.getcwd(), mask, is_open))
    rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, given.tobytes())] if given else []
    server.sendmsg([len(body).to_bytes(8, "big")], rights)
    server.sendall(body)
    process = int.from_bytes(server.recv(8), "big")
    for passed_on in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(passed_on, lambda number, _: os.kill(process, number))
    ended = server.recv(24, _socket.MSG_WAITALL)
    status, processor, peak = (int.from_bytes(ended[at : at + 8], "big") for at in (0, 8, 16))
    if "WARM_USAGE" in os.environ:
        with open(os.environ["WARM_USAGE"], "w") as file:
            file.write(f"{processor / 1e6} {peak}")
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
