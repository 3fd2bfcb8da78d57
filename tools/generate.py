"""Writes every generated file of this repository again: `python -m tools.generate`.

These are the pages made from the contract and the commands, the detection matrix and the reference
report. `--pages` writes the pages alone, in seconds; the proof behind the rest takes minutes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.manual import pages

ROOT = Path(__file__).parents[1]
MATRIX, REFERENCE = Path("reports/matrix"), Path("reports/reference")
PUBLISHED = ("report.html", "report.json", "junit.xml", "summary.md")
"""The reports of the reference run that are kept."""


def write_pages(directory: Path) -> None:
    """Write every published page below a directory."""
    for name, make in pages().items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")


def write_reports(directory: Path) -> None:
    """Prove the suite and test the reference, and keep the reports of both below a directory."""
    command = (Path(sys.executable).with_name("csbs-conformance"),)
    subprocess.run([*command, "prove", "--report-dir", directory / MATRIX], check=True)
    reference = directory / REFERENCE
    subprocess.run([*command, "run", "--quiet", "--report-dir", reference], check=True)
    for path in reference.iterdir():
        if path.name not in PUBLISHED:
            path.unlink()


if __name__ == "__main__":
    write_pages(ROOT / "docs")
    print("the pages are written", flush=True)
    if "--pages" not in sys.argv[1:]:
        print("proving the suite, which takes minutes ...", flush=True)
        write_reports(ROOT)
