"""Results are copied where fsspec can write, under a lock of the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]
import pytest
from fsspec.implementations.memory import MemoryFileSystem  # type: ignore[import-untyped]

from conformance.campaign.publishing import LOCK, published
from conformance.errors import UsageError

URL = "memory://bucket/run"


@pytest.fixture(autouse=True)
def store() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()


def results(directory: Path) -> Path:
    (directory / "targets" / "one").mkdir(parents=True)
    (directory / "campaign.json").write_text("{}")
    (directory / "targets" / "one" / "report.html").write_text("<p>")
    (directory / ".campaign.lock").touch()
    (directory / "targets" / "one" / ".lock").touch()
    return directory


def test_results_are_copied_at_the_end_and_the_lock_goes(store: Any, tmp_path: Path) -> None:
    with published(URL, results(tmp_path), "me"):
        assert store.find("/bucket") == [f"/bucket/run/{LOCK}"]
        assert store.cat_file(f"/bucket/run/{LOCK}") == b"me"
    assert store.find("/bucket") == [
        "/bucket/run/campaign.json",
        "/bucket/run/targets/one/report.html",
    ]


def test_what_a_target_left_is_copied_once_it_has_ended_its_journal_with_it(
    store: Any, tmp_path: Path
) -> None:
    journal = tmp_path / "targets" / "one" / "journal.ndjson"
    with published(URL, results(tmp_path), "me") as ended:
        journal.write_text("begun")
        assert store.find("/bucket") == [f"/bucket/run/{LOCK}"]
        journal.write_text("ended")
        ended("one")
        there = "/bucket/run/targets/one"
        assert store.find(there) == [f"{there}/journal.ndjson", f"{there}/report.html"]
        assert store.cat_file(f"{there}/journal.ndjson") == b"ended"


def test_what_is_there_already_is_not_copied_again_unless_it_changed(
    store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, copied = MemoryFileSystem.put_file, list[str]()

    def noted(files: Any, source: str, there: str) -> None:
        copied.append(Path(source).name)
        put(files, source, there)

    monkeypatch.setattr(MemoryFileSystem, "put_file", noted)
    journal = results(tmp_path) / "targets" / "one" / "journal.ndjson"
    journal.write_text("first")
    with published(URL, tmp_path, "me") as ended:
        ended("one")
        journal.write_text("the second run of it")
        ended("one")
    assert copied == ["journal.ndjson", "report.html", "journal.ndjson", "campaign.json"]


def test_what_fails_while_others_are_tested_is_tried_again_at_the_end(
    store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise OSError("no route")

    with published(URL, results(tmp_path), "me") as ended:
        with monkeypatch.context() as patch:
            patch.setattr(MemoryFileSystem, "put_file", fails)
            ended("one")
        assert store.find("/bucket/run/targets") == []
    assert store.find("/bucket/run/targets") == ["/bucket/run/targets/one/report.html"]


def test_where_another_campaign_publishes_nothing_begins(store: Any, tmp_path: Path) -> None:
    with published(URL, tmp_path, "me"):
        with (
            pytest.raises(UsageError, match=f"another campaign publishes there; .*{LOCK}"),
            published(URL, tmp_path, "other"),
        ):
            pytest.fail("it began")
        assert store.cat_file(f"/bucket/run/{LOCK}") == b"me", "the lock of the first stays"


def test_what_goes_wrong_before_the_end_leaves_no_lock_and_no_results(
    store: Any, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="no workers"), published(URL, results(tmp_path), "me"):
        raise UsageError("no workers")
    assert store.find("/bucket") == []


def test_a_store_without_locks_is_refused_and_left_as_it_was(
    store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = MemoryFileSystem.pipe_file

    def overwrite(files: Any, path: str, value: bytes, mode: str = "") -> None:
        create(files, path, value)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", overwrite)
    with (
        pytest.raises(UsageError, match="it has no locks; give another one"),
        published(URL, tmp_path, "me"),
    ):
        pytest.fail("it began")
    assert store.find("/bucket") == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense://x", "--publish nonsense://x: "),
        ("ftp://me:secret@127.0.0.1:9/x", "--publish ftp://127.0.0.1:9/x: Connection refused"),
    ],
)
@pytest.mark.socket
def test_an_address_of_no_use_is_a_line_without_its_login(
    url: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as caught, published(url, tmp_path, "me"):
        pytest.fail("it began")
    assert str(caught.value).startswith(told)
    assert "secret" not in str(caught.value)
    assert str(caught.value).isprintable()
