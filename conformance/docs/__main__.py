"""Write the published pages: `python -m conformance.docs [DIRECTORY]`, by default into `docs`."""

from __future__ import annotations

import sys
from pathlib import Path

from conformance.docs.manual import pages


def write_pages(directory: Path) -> None:
    """Write every published page below a directory."""
    for name, make in pages().items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
