"""Compiled templates, kept as Python keeps compiled modules."""

from __future__ import annotations

from pathlib import Path

from jinja2.bccache import Bucket, BytecodeCache

from conformance import __version__
from conformance.kept import keep, kept


class Compiled(BytecodeCache):
    """The compiled templates of a directory.

    What a template is compiled to also rests on the options that this version gives Jinja.
    """

    def __init__(self, templates: Path) -> None:
        self._templates = templates

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The name of a template."""
        return name

    def get_source_checksum(self, source: str) -> str:
        """What a compiled template has to be of."""
        return f"{__version__}\0{source}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a compiled template, if it is kept."""
        made = kept(self._templates / bucket.key, bucket.checksum.encode())
        if made is not None:
            bucket.bytecode_from_string(made)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        made = bucket.bytecode_to_string()
        keep(self._templates / bucket.key, bucket.checksum.encode(), made)
