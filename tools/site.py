"""Builds the documentation as a site: `python -m tools.site`, which `make docs` runs.

The pages link to each other, and to files beside `docs`, as files of the repository do. The site is
made from copies in the same places, so that every link that works there works here. It is built
strictly: a link or an anchor that leads nowhere ends it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
SHOWN: Final = ("*.md", "docs", "reports", "ci", "openapi.yaml", "LICENSE")
"""What the site holds of the repository: its pages, and all that they lead to."""
PUBLISHED: Final = ("blind.md", "bench.md", "fronts.md", "mutants.md", "peers.md", "matrix")
"""What it holds of the reports; the others are of runs on this machine."""


def collect(destination: Path) -> None:
    """Copy what the site is made of to a directory, in its places."""
    for pattern in SHOWN:
        for path in ROOT.glob(pattern):
            copied = destination / path.name
            if path.is_file():
                copied.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copied)
            elif path.name != "reports":
                shutil.copytree(path, copied)
    for name in PUBLISHED:
        path, copied = ROOT / "reports" / name, destination / "reports" / name
        copied.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if path.is_dir() else shutil.copyfile)(path, copied)


def build(directory: Path) -> int:
    """Build the site of the pages in a directory, beside them; the exit code of MkDocs."""
    places = f"docs_dir: {directory / 'pages'}\nsite_dir: {directory / 'site'}\n"
    configuration = directory / "mkdocs.yml"
    configuration.write_text(f"INHERIT: {ROOT / 'mkdocs.yml'}\n{places}", encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "--quiet", "build", "--config-file"]
    command.append(str(configuration))
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    made = ROOT / "build"
    shutil.rmtree(made / "pages", ignore_errors=True)
    collect(made / "pages")
    code = build(made)
    print(made / "site" / "index.html" if code == 0 else "the site was not built")
    sys.exit(code)
