"""Facts of the pages that the document leads to: the list of backups, and their deletion.

They are data, in `linked_pages.yaml`, each with the page that says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from conformance.kept import yaml_in


class Operation(Struct, frozen=True):
    """An operation of another page; `path` has the names of its parameters in braces."""

    page: str
    method: str
    path: str


class LinkedPages(Struct, frozen=True):
    """What is used of them. `settled` are statuses of a backup that is made or has failed, and
    `ending` those of one that is being deleted, or is; `never` are those that may not follow one.
    """

    list: Operation
    parameters: tuple[str, ...]
    longest_page: int
    delete: Operation
    at_once: int
    longest_wait: float
    statuses: tuple[str, ...]
    never: Mapping[str, frozenset[str]]
    settled: frozenset[str]
    ending: frozenset[str]
    gone: frozenset[str]
    busy: frozenset[str]
    kept: frozenset[str]


@lru_cache(maxsize=1)
def linked_pages() -> LinkedPages:
    """The facts."""
    _, facts = yaml_in(Path(__file__).with_name("linked_pages.yaml"))
    of = {
        name: Operation(each["page"], each["method"], each["path"])
        for name, each in facts["operations"].items()
    }
    listing, deletion = facts["operations"]["list"], facts["operations"]["delete"]
    statuses, codes = facts["statuses"], facts["codes"]
    return LinkedPages(
        list=of["list"],
        parameters=tuple(listing["parameters"]),
        longest_page=listing["longest_page"],
        delete=of["delete"],
        at_once=deletion["at_once"],
        longest_wait=deletion["longest_wait"],
        statuses=tuple(statuses["all"]),
        never={name: frozenset(others) for name, others in statuses["never"].items()},
        settled=frozenset(statuses["settled"]),
        ending=frozenset(statuses["ending"]),
        gone=frozenset(codes["gone"]),
        busy=frozenset(codes["busy"]),
        kept=frozenset(codes["kept"]),
    )
