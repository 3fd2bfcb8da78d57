"""Finds the contract's operation in a vendor's document, whatever its base path and names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from urllib.parse import unquote, urlsplit

from conformance.compare.vendor import Node, Operation, Vendor
from conformance.contract import PATH
from conformance.errors import UsageError

METHOD = "post"
_VARIABLE = re.compile(r"\{([^{}/]+)\}")
_SEGMENTS = tuple(PATH.strip("/").split("/"))
_MOST_URLS = 64
"""URLs that the variables of the servers are spelled out to."""


@dataclass(frozen=True, slots=True)
class Base:
    """The address of a server: scheme, empty where not told, and base path."""

    scheme: str
    path: str
    node: Node


@dataclass(frozen=True)
class Found:
    """The operation, and how it was recognised.

    `names` are the vendor's names for the project and the provider; a value instead of a name
    stands in the path itself. `fits` says whether the path is that of the contract.
    """

    operation: Operation
    project: str | None
    provider: str | None
    fits: bool
    bases: tuple[Base, ...]


def find_operation(vendor: Vendor, chosen: tuple[str, str] | None = None) -> Found | None:
    """The contract's operation; None where its path is there and its method is not.

    `chosen` is the method and the path of the vendor's operation, where the user names it. Raises
    UsageError where there is no such operation, or more than one.
    """
    _ = vendor.version  # the first thing to complain about
    if chosen is not None:
        return _chosen(vendor, *chosen)
    matches = list(_matches(vendor))
    fitting = [match for match in matches if match.operation.method == METHOD]
    if not matches:
        raise _nothing(vendor)
    if not fitting:
        return None
    plainest = min(match.operation.path.count("{") for match in fitting)
    best = [match for match in fitting if match.operation.path.count("{") == plainest]
    if len({match.operation.path for match in best}) > 1:
        paths = ", ".join(match.operation.path for match in best)
        raise UsageError(f"several operations fit: {paths}; name one with --operation METHOD PATH")
    return best[0]


def methods_of(vendor: Vendor) -> list[tuple[str, Node]]:
    """The methods under the contract's path, and the node of each."""
    return [(match.operation.method, match.operation.node) for match in _matches(vendor)]


def _chosen(vendor: Vendor, method: str, path: str) -> Found:
    for name, template, item in vendor.operations():
        if (name, template) == (method.lower(), path):
            operation = _operation(vendor, name, template, item)
            bases = tuple(bases_of(vendor, operation))
            matched = [_recognised(base.path + template) for base in bases]
            fits = next((names for names in matched if names), None)
            if fits and name == METHOD:
                return Found(operation, *fits, True, bases)
            variables = [*_VARIABLE.findall(template), None, None]
            return Found(operation, variables[0], variables[1], False, bases)
    raise _nothing(vendor, f"{method.upper()} {path}")


def _operation(vendor: Vendor, method: str, path: str, item: Node) -> Operation:
    node = item.child(method)
    assert node is not None  # `operations` lists those that are there
    return Operation(vendor, method, path, item, node)


def _matches(vendor: Vendor) -> Iterator[Found]:
    for method, path, item in vendor.operations():
        operation = _operation(vendor, method, path, item)
        bases = tuple(bases_of(vendor, operation))
        for base in bases:
            if names := _recognised(base.path + path):
                yield Found(operation, *names, True, bases)
                break


def _recognised(path: str) -> tuple[str | None, str | None] | None:
    """The names for project and provider in a path that ends like the contract's; else None.

    In front there may be a base path, as a region may have one. A name is None where the path
    gives a fixed value instead, which for the provider is then the only one.
    """
    from conformance.contract import load_contract

    segments = [unquote(part) for part in path.split("/") if part]
    if len(segments) < len(_SEGMENTS) or path.endswith("/"):
        return None
    names: list[str | None] = []
    for own, theirs in zip(_SEGMENTS, segments[-len(_SEGMENTS) :], strict=True):
        variable = _VARIABLE.fullmatch(theirs)
        if not own.startswith("{"):
            if own != theirs:
                return None
        elif variable:
            names.append(variable[1])
        elif own == "{provider_id}" and theirs == load_contract().provider_id:
            names.append(None)
        else:
            return None
    return names[0], names[1]


def bases_of(vendor: Vendor, operation: Operation) -> Iterator[Base]:
    """The servers of an operation, their variables spelled out."""
    if operation.is_v2:
        root = vendor.root
        schemes = operation.node.list("schemes") or root.list("schemes")
        base = root.text("basePath").rstrip("/")
        for node in schemes:
            if isinstance(node.value, str):
                yield Base(node.value.lower(), base, node)
        if not schemes:
            yield Base("", base, root)
        return
    levels = (operation.node, operation.item, vendor.root)
    servers = next((listed for level in levels if (listed := level.list("servers"))), [])
    if not servers:
        yield Base("", "", vendor.root)
    for server in servers:
        for url in islice(_spelled(server), _MOST_URLS):
            try:
                parts = urlsplit(url)
            except ValueError:
                continue
            yield Base(parts.scheme.lower(), parts.path.rstrip("/"), server)


def _spelled(server: Node) -> Iterator[str]:
    """The URL of a server with each value that its variables may take."""
    url = server.text("url")
    variables = server.object("variables")
    names = [name for name in dict.fromkeys(_VARIABLE.findall(url)) if name in variables]
    choices = [_values(variables[name]) for name in names]
    for values in product(*choices):
        told = dict(zip(names, values, strict=True))
        yield _VARIABLE.sub(lambda match, told=told: told.get(match[1], match[0]), url)  # type: ignore[misc]


def _values(variable: Node) -> Sequence[str]:
    listed = [node.value for node in variable.list("enum") if isinstance(node.value, str)]
    return list(dict.fromkeys([variable.text("default"), *listed]))


def _nothing(vendor: Vendor, wanted: str = "") -> UsageError:
    """Which operation was looked for, and what is there instead, or why a part is not there."""
    if vendor.unread:
        return vendor.unread[0]
    sought = wanted or f"{METHOD.upper()} {PATH}"
    known = [f"{method.upper()} {path}" for method, path, _ in vendor.operations()]
    near = difflib.get_close_matches(sought, known[:2000], n=3, cutoff=0.3) or known[:3]
    told = ", ".join(text[:120] for text in near) or "no operation at all"
    more = f" and {len(known) - len(near)} more" if len(known) > len(near) else ""
    return UsageError(
        f"{vendor.source.name} has no operation {sought[:200]}; it has {told}{more}. "
        "Name one with --operation METHOD PATH"
    )
