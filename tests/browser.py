"""Opens pages in Chromium, where there is one; nothing can be reached from it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update"
)
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
            "--host-resolver-rules=MAP * ~NOTFOUND",
            *options,
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        check=True,
        timeout=120,
    )
    return done.stdout.decode("utf-8"), log.read_text(encoding="utf-8", errors="replace")
