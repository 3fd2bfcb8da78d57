"""Results copied to object storage, or wherever else fsspec can write.

A campaign holds a lock there from before anything is sent: an object that only one can create. How
exclusive that is depends on the store; one that lets an object be created twice has no lock, and
without a lock there is no run.

Journals are on the disk of the report directory while runs are under way: what may execute is noted
there, and synced, before it is sent, and no object can be appended to. The journal of a target is
copied with its results, once the target has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from conformance.campaign.job import TARGETS
from conformance.errors import MissingExtra, UsageError
from conformance.text import shorten, visible_line, without_login

LOCK: Final = "campaign.lock"
Publish = Callable[[str], None]
"""Told the name of each target that has ended."""


@dataclass(frozen=True, slots=True)
class Store:
    """A directory of a file system of fsspec's; `url` is how it was given, without a login.

    `copied` has the size and the time of each file as it was copied.
    """

    files: Any
    root: str
    url: str
    copied: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def lock(self, campaign: str) -> None:
        """Create the lock. Raises UsageError where it is there, or the store has none."""
        path, bucket = f"{self.root}/{LOCK}", self.root.partition("/")[0]
        if bucket and not self.files.exists(bucket):  # or it would be made
            raise UsageError(f"--publish {self.url}: no bucket {bucket} is there; make it first")
        self.files.makedirs(self.root, exist_ok=True)
        try:
            self._create(path, campaign)
        except FileExistsError:
            raise UsageError(
                f"--publish {self.url}: another campaign publishes there; wait for it, or remove "
                f"{LOCK} there if none does"
            ) from None
        try:
            self._create(path, campaign)
        except FileExistsError:
            return
        self.unlock()
        raise UsageError(
            f"--publish {self.url}: the store lets an object be created twice, so that it has no "
            "locks; give another one"
        )

    def _create(self, path: str, campaign: str) -> None:
        self.files.pipe_file(path, campaign.encode(), mode="create")

    def unlock(self) -> None:
        """Remove the lock."""
        self.files.rm_file(f"{self.root}/{LOCK}")

    def put(self, directory: Path, *below: str) -> None:
        """Copy the files of a campaign, or those below a directory of it, that are not there yet.

        Those whose names begin with a dot are left out.
        """
        for path in sorted(directory.joinpath(*below).rglob("*")):
            parts = path.relative_to(directory).parts
            if not path.is_file() or any(part.startswith(".") for part in parts):
                continue
            now = (path.stat().st_size, path.stat().st_mtime_ns)
            if self.copied.get(path) != now:
                there = "/".join((self.root, *parts))
                self.files.makedirs(there.rpartition("/")[0], exist_ok=True)
                self.files.put_file(str(path), there)
                self.copied[path] = now


@contextmanager
def published(url: str | None, directory: Path, campaign: str) -> Iterator[Publish]:
    """Hold the lock of a store, and copy a directory there; nothing without a URL.

    What a target left is copied once it has ended, the rest, and what failed before, at the end.
    Raises UsageError where the store cannot be used.
    """
    if url is None:
        yield lambda _: None
        return
    store = _store(url)
    with _told(store.url, "see the address, and what fsspec needs for it"):
        store.lock(campaign)

    def ended(name: str) -> None:
        with suppress(UsageError), _told(store.url, ""):
            store.put(directory, TARGETS, name)

    try:
        yield ended
        with _told(store.url, f"the results are in {directory}"):
            store.put(directory)
    finally:
        with _told(store.url, f"remove {LOCK} there"):
            store.unlock()


def _store(url: str) -> Store:
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("--publish", "campaign") from None
    shown = without_login(url)
    with _told(shown, "give one such as s3://bucket/path, and install what fsspec needs for it"):
        files, root = url_to_fs(url)
    return Store(files, root.rstrip("/"), shown)


@contextmanager
def _told(shown: str, remedy: str) -> Iterator[None]:
    """Any error of a store, of which each kind has its own, as one line without its secrets."""
    try:
        yield
    except UsageError:
        raise
    except Exception as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        what = visible_line(shorten(str(why), 200))
        raise UsageError(f"--publish {shown}: {what}; {remedy}") from None
