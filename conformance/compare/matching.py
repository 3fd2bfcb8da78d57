"""Finds the contract's operation in a vendor's document, whatever its base path and names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from conformance.compare.addresses import VARIABLE, Base, bases_of
from conformance.compare.operation import Operation, operations
from conformance.compare.vendor import Node, Vendor
from conformance.contract import PATH, load_contract
from conformance.errors import UsageError

METHOD: Final = "post"
VERSION, PROJECT, _, PROVIDER, _ = SEGMENTS = tuple(PATH.strip("/").split("/"))
"""The parts of the contract's path that may be variables."""


MOST_OPERATIONS: Final = 10


@dataclass(frozen=True)
class Found:
    """The operation, and how it was recognised.

    `variables` say which part of the contract's path a variable of the vendor's stands for.
    `unlike` says why the path is another than the contract's; it is empty where it is not. `rank`
    is lower the nearer the path is to that of the contract, word by word.
    """

    operation: Operation
    variables: Mapping[str, str]
    bases: tuple[Base, ...]
    unlike: str = ""
    rank: int = 0


def find_operations(vendor: Vendor, chosen: tuple[str, str] | None = None) -> list[Found]:
    """The contract's operation, several where it is behind several paths that are as near.

    Empty where its path is there and its method is not. `chosen` is the method and the path of the
    vendor's operation, where the user names it. Raises UsageError where there is no such operation.
    """
    _ = vendor.version  # the first thing to complain about
    if chosen is not None:
        return [_chosen(vendor, *chosen)]
    matches = list(_matches(vendor))
    fitting = [match for match in matches if match.operation.method == METHOD]
    if not matches:
        raise _nothing(vendor)
    nearest = min(map(_distance, fitting), default=None)
    best = [match for match in fitting if _distance(match) == nearest]
    if len(best) > MOST_OPERATIONS:
        raise UsageError(f"{len(best)} operations fit; name one with --operation METHOD PATH")
    return best


def methods_of(vendor: Vendor) -> list[tuple[str, Node]]:
    """The methods under the contract's path, and the node of each."""
    return [(match.operation.method, match.operation.node) for match in _matches(vendor)]


def _distance(match: Found) -> tuple[bool, int, int]:
    return bool(match.unlike), match.rank, match.operation.path.count("{")


def _chosen(vendor: Vendor, method: str, path: str) -> Found:
    for operation in operations(vendor):
        if (operation.method, operation.path) == (method.lower(), path):
            found = _recognised(operation)
            if found is not None and operation.method == METHOD:
                return found
            told = f"{method.upper()} {path} is another URI than {METHOD.upper()} {PATH}"
            return Found(operation, {}, tuple(bases_of(operation)), told)
    raise _nothing(vendor, f"{method.upper()} {path}")


def _matches(vendor: Vendor) -> Iterator[Found]:
    for operation in operations(vendor):
        if (found := _recognised(operation)) is not None:
            yield found


def _recognised(operation: Operation) -> Found | None:
    """An operation whose path, behind the base path of some server, ends like the contract's."""
    bases = tuple(bases_of(operation))
    matches = []
    for base in bases:
        path = base.path + operation.path
        if (match := _match(path)) is not None:
            rank, variables = match
            matches.append(Found(operation, variables, bases, _unlike(path, operation), rank))
    return min(matches, key=lambda match: match.rank, default=None)


def _unlike(path: str, operation: Operation) -> str:
    """Why a path that matches is another one: slashes make it so. Those of a base path are free."""
    if path.endswith("/"):
        return f"{operation.path} ends with a slash"
    is_doubled = "" in path.split("/")[-len(SEGMENTS) :]
    return f"{operation.path} has two slashes in a row" if is_doubled else ""


def _match(path: str) -> tuple[int, dict[str, str]] | None:
    """How far a path is from the contract's, and what its variables stand for; else None.

    In front there may be a base path, as a region may have one. The provider may stand in the path
    itself; so may a project, where a document was made for one, and the version be a variable.
    """
    segments = [unquote(part) for part in path.split("/") if part]
    if len(segments) < len(SEGMENTS):
        return None
    rank, variables = 0, dict[str, str]()
    for own, theirs in zip(SEGMENTS, segments[-len(SEGMENTS) :], strict=True):
        variable = VARIABLE.fullmatch(theirs)
        if variable and own in (VERSION, PROJECT, PROVIDER):
            variables[variable[1]] = own
            rank += own == VERSION
        elif own == PROJECT and "{" not in theirs:
            rank += 2
        elif own == VERSION and _may_be(theirs, own):
            rank += own != theirs
        elif theirs != (load_contract().provider_id if own == PROVIDER else own):
            return None
    return rank, variables


def _may_be(template: str, text: str) -> bool:
    """Whether a segment such as `v{major}` may be a text."""
    pieces = map(re.escape, VARIABLE.split(template)[::2])
    return re.fullmatch(".+".join(pieces), text) is not None


def _nothing(vendor: Vendor, wanted: str = "") -> UsageError:
    """Which operation was looked for, and what is there instead, or why a part is not there."""
    if vendor.unread:
        place = vendor.source.place(vendor.unread[0].pointer)
        return UsageError(f"{place.file}, line {place.line}: {vendor.unread[0]}")
    sought = wanted or f"{METHOD.upper()} {PATH}"
    known = [f"{each.method.upper()} {each.path}" for each in operations(vendor)]
    near = difflib.get_close_matches(sought, known[:2000], n=3, cutoff=0.3) or known[:3]
    told = ", ".join(text[:120] for text in near) or "no operation at all"
    more = f" and {len(known) - len(near)} more" if len(known) > len(near) else ""
    remedy = "Name one with --operation METHOD PATH"
    if any("/:" in text for text in near):
        remedy = "OpenAPI has the parameters of a path in braces: write {name} for :name"
    found = f"it has {told}{more}. {remedy}"
    return UsageError(f"{vendor.source.name} has no operation {sought[:200]}; {found}")
