"""Opens pages in Chromium, where there is one; nothing can be reached from it."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
)
NOTHING_REACHED = "--host-resolver-rules=MAP * ~NOTFOUND"
PATIENCE = 60.0
"""Seconds after which a browser that does not react never will."""
BEHIND_DESCRIPTORS = (
    "import os, sys; _, commands, events, *program = sys.argv; os.dup2(int(commands), 3); "
    "os.dup2(int(events), 4); os.execv(program[0], program)"
)
"""Chromium reads commands from descriptor 3 and writes what happens to descriptor 4."""
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to open the page with")


def opened(page: Path, *options: str) -> tuple[str, str]:
    """A page as it stands after its scripts ran, and the log of the browser's network."""
    log = page.parent / "network.json"
    done = subprocess.run(
        [
            str(CHROMIUM),
            *QUIET.split(),
            f"--user-data-dir={page.parent / 'profile'}",
            f"--log-net-log={log}",
            NOTHING_REACHED,
            *options,
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        check=True,
        timeout=120,
    )
    return done.stdout.decode("utf-8"), log.read_text(encoding="utf-8", errors="replace")


class Browser:
    """A browser that shows one page after the other, in any width and scheme."""

    def __init__(self, commands: int, events: int) -> None:
        self._commands, self._events = commands, events
        self._unread, self._number = b"", 0
        self._session: dict[str, str] = {}
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._session = {"sessionId": session}
        self.call("Page.enable")
        self.call("Page.setBypassCSP", enabled=True)

    def open(
        self, page: Path, *, width: int = 1280, scheme: str = "light", media: str = "screen"
    ) -> None:
        """Show a page, and wait until its scripts ran. What a test runs in it may be foreign."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", media=media, features=[feature])
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=page.as_uri())
        while not self.run(
            f"location.href.startsWith({json.dumps(page.as_uri())}) "
            "&& document.readyState === 'complete'"
        ):
            pass

    def run(self, script: str) -> Any:
        """What an expression comes to in the page; a promise is waited for."""
        done = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command of the DevTools protocol; what came of it."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters, **self._session}
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while (told := self._next()).get("id") != self._number:
            pass
        assert "error" not in told, told["error"]
        result: dict[str, Any] = told["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._events], [], [], PATIENCE)
            assert ready, "the browser does not react"
            piece = os.read(self._events, 1 << 20)
            assert piece, "the browser has ended"
            self._unread += piece
        told, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(told)
        return message


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """A browser for the length of a `with`; nothing can be reached from it."""
    (their_commands, commands), (events, their_events) = os.pipe(), os.pipe()
    theirs = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (their_commands, their_events)]
    os.close(their_commands)
    os.close(their_events)
    program = [str(CHROMIUM), *QUIET.split(), NOTHING_REACHED, f"--user-data-dir={profile}"]
    wrapper = [sys.executable, "-S", "-c", BEHIND_DESCRIPTORS, *map(str, theirs)]
    process = subprocess.Popen(
        [*wrapper, *program, "--remote-debugging-pipe"],
        pass_fds=theirs, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for each in theirs:
        os.close(each)
    try:
        yield Browser(commands, events)
    finally:
        os.close(commands)  # it ends when nobody can command it any more
        os.close(events)
        process.terminate()
        process.wait(PATIENCE)
