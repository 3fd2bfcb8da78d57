"""The page of the benchmarks: a section for each part, of which some may be measured anew."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

HEAD = """# Benchmarks

Made by `make bench`; `python -m benchmarks --only NAME` measures one section anew. Ratios are
within one run. Targets are emulated, on loopback, in a process of their own.
"""


def provenance() -> str:
    """When and where a section is measured; to be asked for before it is."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{platform.machine()}, {os.cpu_count()} processors, load average "
        f"{os.getloadavg()[0]:.1f} at the start."
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table of Markdown; all columns but the first are figures."""
    rule = "|".join(["---", *["--:"] * (len(heads) - 1)])
    return [_line(heads), f"|{rule}|", *map(_line, rows), ""]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def sections(text: str) -> dict[str, str]:
    """The sections of a page by their headings."""
    parts = re.split(r"(?m)^## (.+)\n", text)[1:]
    return {heading: body.strip() for heading, body in zip(parts[::2], parts[1::2], strict=True)}


def update(path: Path, order: Sequence[str], measured: Mapping[str, str]) -> None:
    """Put sections into the page, in `order`; those of it that were not measured stay."""
    old = sections(path.read_text(encoding="utf-8")) if path.exists() else {}
    whole = {**old, **measured}
    parts = [f"## {heading}\n\n{whole[heading].strip()}\n" for heading in order if heading in whole]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEAD, *parts]), encoding="utf-8")
