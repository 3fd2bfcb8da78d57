"""What judges on a machine: the suite, its contract, and the packages that have a part in verdicts.

A campaign is judged by one and the same: what differs on a worker is told before it does anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from conformance.attestation.digests import Suite, this_suite
from conformance.contract import load_contract

JUDGING: Final = ("jsonschema-rs", "msgspec")
"""The packages of others with which a response is read and judged."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The suite with the digest of its files, the contract, and versions of `JUDGING`, by name."""

    suite: Suite
    contract: str
    packages: tuple[tuple[str, str], ...]

    def others_in(self, there: Versions) -> tuple[str, ...]:
        """What is another one there, each as it is called there; the contract apart."""
        ours = dict(self.packages)
        found = [f"{name} {is_}" for name, is_ in there.packages if ours.get(name) != is_]
        if there.suite.version != self.suite.version:
            found.insert(0, f"csbs-conformance {there.suite.version}")
        elif there.suite != self.suite:
            files = there.suite.sha256[:12]
            found.insert(0, f"csbs-conformance {there.suite.version} of other files ({files})")
        return tuple(found)


@lru_cache(maxsize=1)
def versions_here() -> Versions:
    """What judges on this machine. Raises UsageError where its own files cannot be read."""
    packages = tuple((name, _version(name)) for name in JUDGING)
    return Versions(this_suite(), load_contract().sha256, packages)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "of no known version"
