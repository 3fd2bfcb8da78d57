"""What is made of a file of this package, kept where and when Python keeps compiled modules."""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import tempfile
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any


def kept(source: Path, text: bytes) -> bytes | None:
    """What was made of the text of a file; None where that is not kept."""
    digest = _digest(text)
    try:
        data = _place(source).read_bytes()
    except OSError:
        return None
    return data[len(digest) :] if data.startswith(digest) else None


def keep(source: Path, text: bytes, made: bytes) -> None:
    """Keep what was made of the text of a file, for whoever may read that; or not, if it fails."""
    if sys.dont_write_bytecode:
        return
    place = _place(source)
    try:
        if not place.parent.exists():
            place.parent.mkdir(parents=True)
            place.parent.chmod(source.parent.stat().st_mode)
        descriptor, temporary = tempfile.mkstemp(dir=place.parent, prefix=f"{place.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(_digest(text) + made)
            os.fchmod(descriptor, source.stat().st_mode)
        os.replace(temporary, place)
    except OSError:
        return


def yaml_in(path: Path) -> tuple[bytes, Any]:
    """The text of a YAML file of this package, and what it says."""
    text = path.read_bytes()
    made = kept(path, text)
    if made is not None:
        return text, marshal.loads(made)
    import yaml

    said = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    keep(path, text, marshal.dumps(said))
    return text, said


def _place(source: Path) -> Path:
    return Path(cache_from_source(f"{source}.py"))


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
