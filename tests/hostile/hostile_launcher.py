"""Runs one command and measures it: a small process, so that nothing else is measured with it.

    python hostile_launcher.py SECONDS STDOUT STDERR COMMAND...

It ends the command after that many seconds, and prints as JSON how it ended. The peak of memory
that Linux tells of a child is never below that of the process that started it, hence this one. What
a command that was started warm used is told by the process that it is a child of.
"""

import json
import os
import signal
import sys
import time


def main() -> None:
    """Run the command named on the command line."""
    limit, out, err, *command = sys.argv[1:]
    began = time.monotonic()
    usage = f"{out}.usage"
    pid = os.fork()
    if not pid:
        os.environ["WARM_USAGE"] = usage
        for stream, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.execv(command[0], command)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGTERM))
    signal.setitimer(signal.ITIMER_REAL, float(limit))
    _, status, used = os.wait4(pid, 0)
    cpu = used.ru_utime + used.ru_stime
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if os.path.exists(usage):
        with open(usage) as file:
            told = file.read().split()
        cpu, peak = float(told[0]), int(told[1])
    ended = {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - began,
        "cpu": cpu,
        "peak": peak,
    }
    print(json.dumps(ended))


if __name__ == "__main__":
    main()
