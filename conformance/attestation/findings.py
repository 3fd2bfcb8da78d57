"""What can be wrong with a statement, told apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """Which part is not what was signed."""

    ENVELOPE = "envelope"
    PAYLOAD_TYPE = "payload type"
    KEY = "key"
    SIGNATURE = "signature"
    STATEMENT = "statement"
    PREDICATE = "predicate"
    MISSING = "missing file"
    EXTRA = "extra file"
    LINK = "link"
    FILE = "changed file"
    JOURNAL = "journal"
    REPORT = "report.json"
    RUN = "run"
    CONFIGURATION = "configuration"
    CONTRACT = "contract"
    VERDICTS = "verdicts"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A part that is not what was signed, and in which way; `text` may quote a file."""

    kind: Part
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


class Tampered(Exception):
    """A finding behind which nothing can be believed, so that nothing more is looked at."""

    def __init__(self, kind: Part, text: str) -> None:
        super().__init__(text)
        self.finding = Discrepancy(kind, text)
