"""Runs the command in its arguments and writes what it took, as JSON, to standard output.

A process inherits the peak of the memory of the one that started it (Linux takes it over at exec),
so whoever starts a command to measure it has to be small: this is run with `-I -S`, and imports
little.
"""

import json
import os
import sys
import time


def main() -> None:
    """Run the command to its end, without its output."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    quiet = [(os.POSIX_SPAWN_DUP2, nowhere, stream) for stream in (0, 1, 2)]
    began = time.perf_counter()
    process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    told = {
        "wall": time.perf_counter() - began,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss / 1024,
        "exit_code": os.waitstatus_to_exitcode(status),
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
