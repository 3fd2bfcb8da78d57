"""The addresses of a vendor's operation: its servers or base path, their variables spelled out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final
from urllib.parse import urlsplit

from conformance.compare.operation import Operation
from conformance.compare.vendor import Node

VARIABLE: Final = re.compile(r"\{([^{}/]+)\}")
_MOST_URLS: Final = 64
"""URLs that the variables of one server are spelled out to."""


@dataclass(frozen=True, slots=True)
class Base:
    """The address of a server: scheme, empty where not told, and base path.

    In the path `{name}` stands for a variable that takes any value.
    """

    scheme: str
    path: str
    node: Node


def bases_of(operation: Operation) -> Iterator[Base]:
    """The servers of an operation, with each value that their variables name, and with any."""
    root = operation.vendor.root
    if operation.is_v2:
        schemes = operation.node.list("schemes") or root.list("schemes")
        base = root.text("basePath").rstrip("/")
        for node in schemes:
            if isinstance(node.value, str):
                yield Base(node.value.lower(), base, node)
        if not schemes:
            yield Base("", base, root)
        return
    levels = (operation.node, *operation.items, root)
    servers = next((listed for level in levels if (listed := level.list("servers"))), [])
    if not servers:
        yield Base("", "", root)
    for server in servers:
        for url in islice(_spelled(server), _MOST_URLS):
            try:
                parts = urlsplit(url)
            except ValueError:
                continue
            yield Base(parts.scheme.lower(), parts.path.rstrip("/"), server)


def _spelled(server: Node) -> Iterator[str]:
    """The URL of a server with each value of its variables; those that take any value stay."""
    url = server.text("url")
    variables = server.object("variables")
    names = [name for name in dict.fromkeys(VARIABLE.findall(url)) if name in variables]
    choices = [_values(name, variables[name]) for name in names]
    for values in product(*choices):
        told = dict(zip(names, values, strict=True))
        yield VARIABLE.sub(lambda match, told=told: told.get(match[1], match[0]), url)  # type: ignore[misc]


def _values(name: str, variable: Node) -> Sequence[str]:
    """The default and the enumeration; without an enumeration any other value as well."""
    listed = [node.value for node in variable.list("enum") if isinstance(node.value, str)]
    default = [variable.text("default")] if variable.child("default") else []
    return list(dict.fromkeys([*default, *(listed or [f"{{{name}}}"])]))
