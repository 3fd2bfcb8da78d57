"""Writes the matrix of a campaign into its directory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import IO, Final

from conformance.campaign.matrix import Matrix
from conformance.campaign.matrix_csv import csv_matrix
from conformance.campaign.matrix_html import html_matrix
from conformance.campaign.matrix_json import json_matrix
from conformance.campaign.matrix_markdown import markdown_matrix
from conformance.errors import UsageError
from conformance.files import replace_file

FORMATS: Final[dict[str, Callable[[Matrix], Iterable[str]]]] = {
    "campaign.json": lambda matrix: [json_matrix(matrix)],
    "campaign.csv": lambda matrix: [csv_matrix(matrix)],
    "campaign.md": lambda matrix: [markdown_matrix(matrix)],
    "campaign.html": html_matrix,
}
"""What makes each file, in pieces."""


def write_matrix(matrix: Matrix, directory: Path) -> None:
    """Write the matrix in every format; only the user may read it. Raises UsageError."""

    def write(render: Callable[[Matrix], Iterable[str]], file: IO[str]) -> None:
        file.writelines(render(matrix))

    try:
        for name, render in FORMATS.items():
            replace_file(directory / name, partial(write, render))
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot write the matrix into {directory}: {why}") from error
