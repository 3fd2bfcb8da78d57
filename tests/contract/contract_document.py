"""The page's facts, transcribed in `document.toml`, and a reader of the page's own text."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENT: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("document.toml").read_text(encoding="utf-8")
)
ROOT = Path(__file__).parents[2]
PAGE = ROOT.parent / "shared" / "document" / "executing-a-backup-policy.txt"


@dataclass(frozen=True, order=True)
class Row:
    """One row of one table, without its description."""

    table: int
    parameter: str
    mandatory: str
    type: str

    def __str__(self) -> str:
        mandatory = f", mandatory: {self.mandatory}" if self.mandatory else ""
        return f"Table {self.table} {self.parameter}: {self.type}{mandatory}"


def transcribed_rows() -> list[Row]:
    return [
        Row(int(number), row["parameter"], row.get("mandatory", ""), row["type"])
        for number, table in DOCUMENT["tables"].items()
        for row in table["rows"]
    ]


def details(row: Row) -> dict[str, Any]:
    """What the transcription says of a row besides its columns."""
    (found,) = (
        entry
        for entry in DOCUMENT["tables"][str(row.table)]["rows"]
        if entry["parameter"] == row.parameter
    )
    return dict(found)


TYPE = re.compile(r"String|Boolean|List<\w+>|[a-z]+_(req|resp|param)")
NAME = re.compile(r"[a-z_]+")
TABLE = re.compile(r"Table (\d) (.+)")


@dataclass(frozen=True)
class PrintedTable:
    """A table as the page prints it: its lines, from below its title."""

    number: int
    title: str
    lines: tuple[str, ...]

    @property
    def rows(self) -> list[Row]:
        found = []
        width = 4 if "Mandatory" in self.lines[:4] else 3
        assert self.lines[:width] == tuple(
            name
            for name in ("Parameter", "Mandatory", "Type", "Description")
            if width == 4 or name != "Mandatory"
        )
        cells = self.lines[width:]
        for name, second, third in zip(cells, cells[1:], (*cells[2:], ""), strict=False):
            if not NAME.fullmatch(name):
                continue
            if width == 4 and second in ("Yes", "No"):
                found.append(Row(self.number, name, second, third))
            elif width == 3 and TYPE.fullmatch(second):
                found.append(Row(self.number, name, "", second))
        return found

    def description(self, parameter: str) -> str:
        """The text below the type of a parameter, up to the next row."""
        starts = [row.parameter for row in self.rows]
        begin = self.lines.index(parameter)
        later = starts[starts.index(parameter) + 1 :]
        end = self.lines.index(later[0], begin + 1) if later else len(self.lines)
        return " ".join(self.lines[begin + 1 : end])


def page_lines() -> list[str]:
    return [line.strip() for line in PAGE.read_text(encoding="utf-8").splitlines() if line.strip()]


def printed_tables() -> list[PrintedTable]:
    lines = page_lines()
    found = []
    for place, line in enumerate(lines):
        if match := TABLE.fullmatch(line):
            end = next(
                later
                for later in range(place + 1, len(lines))
                if lines[later].startswith("•") or lines[later] in DOCUMENT["sections"]
            )
            cells = tuple(lines[place + 1 : end])
            found.append(PrintedTable(int(match[1]), match[2], cells))
    return found


def printed_status_codes() -> dict[str, dict[str, str]]:
    lines = page_lines()
    section = lines[lines.index("Status Codes") + 1 : lines.index("Error Codes")]
    normal, abnormal = section.index("• Normal"), section.index("• Abnormal")
    parts = {"normal": section[normal + 1 : abnormal], "abnormal": section[abnormal + 1 :]}
    codes = {}
    for name, cells in parts.items():
        assert cells[:2] == ["Status Code", "Description"]
        codes[name] = dict(zip(cells[2::2], cells[3::2], strict=True))
    return codes
