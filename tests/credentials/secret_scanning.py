"""Looks for secrets in everything that a command left: its files and what it printed."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from secret_encodings import ENCODINGS, Encoding

ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
PACKED = re.compile(rb"\x1f\x8b\x08")
PART = 12
"""Parts of a secret of so many characters give it away."""
MANY = 500


def leaks(secret: str, artefacts: dict[str, bytes]) -> list[str]:
    """Where a secret can be read: the name of an artefact, and how it stands there."""
    parts = {secret[at : at + PART].lower() for at in range(max(len(secret) - PART, 0) + 1)}
    spelled = [(how.__name__, spelling) for how, spelling in _spelled(secret)]
    found = []
    for name, data in artefacts.items():
        for view in _views(data):
            lower = view.lower()
            found += [f"{name}: {part!r}" for part in _held(parts, lower)]
            found += [f"{name}: {how} {text!r}" for how, text in spelled if text in lower]
    return found


def _held(parts: set[str], text: str) -> list[str]:
    """The parts that are in a text; many of them are looked for in one pass."""
    if len(parts) < MANY:
        return [part for part in parts if part in text]
    return sorted(parts & {text[at : at + PART] for at in range(len(text) - PART + 1)})


def _spelled(secret: str) -> Iterator[tuple[Encoding, str]]:
    """Either half of a secret in each encoding."""
    middle = len(secret) // 2 if len(secret) >= 2 * PART else 0
    for half in {secret[:middle] or secret, secret[middle:]}:
        for encoding in ENCODINGS:
            if "within" not in encoding.__name__:  # there the secret's own digits vary at the ends
                yield encoding, encoding(half).rstrip("=\n").lower()


def _views(data: bytes) -> Iterator[str]:
    """An artefact as it is, and with one layer of what its format escapes undone."""
    text = data.decode("utf-8", "surrogateescape")
    yield text
    yield html.unescape(text)
    yield unquote(text, errors="surrogateescape")
    once = ESCAPE.sub(lambda match: chr(int(match[1], 16)), text).replace("\\/", "/")
    yield once.replace('\\"', '"').replace("\\\\", "\\")
    for packed in _bodies_in_base64(text):
        yield packed.decode("latin-1")
        if PACKED.match(packed):
            yield _unpacked(packed).decode("latin-1")


def _bodies_in_base64(text: str) -> Iterator[bytes]:
    """The bodies that a journal or an archive holds in base64."""
    patterns = (r'"base64": ?"([^"]+)"', r'"text": ?"([A-Za-z0-9+/]+=*)", ?"encoding": ?"base64"')
    for pattern in patterns:
        for match in re.finditer(pattern, text):
            yield base64.b64decode(match[1])


def _unpacked(data: bytes) -> bytes:
    try:
        return gzip.decompress(data)
    except (EOFError, OSError):
        return data


def artefacts_of(directory: Path, out: bytes, err: bytes) -> dict[str, bytes]:
    """All files below a directory, and what was printed."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    found = {str(path.relative_to(directory)): path.read_bytes() for path in files}
    return {**found, "standard output": out, "standard error": err}


def placeholders(directory: Path) -> int:
    """How many placeholders the answers in a journal hold."""
    lines = [json.loads(each) for each in (directory / "journal.ndjson").read_bytes().splitlines()]
    answers = [each.get("response") or each.get("failure") for each in lines]
    return sum(json.dumps(answer).count("token") for answer in answers if answer)
