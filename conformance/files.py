"""Files that are written all or nothing, for their owner only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO


def replace_file(path: Path, write: Callable[[IO[str]], None]) -> Path:
    """Write a file all or nothing: a reader sees the old one or the new one, never a part."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            write(file)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def replace_text(path: Path, text: str) -> Path:
    """Write a text as a file, all or nothing."""

    def write(file: IO[str]) -> None:
        file.write(text)

    return replace_file(path, write)
