"""Files of other hands: only regular ones are opened, and no link is written through."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.files import MIB, opened, opened_to_append, read_file, read_text


def test_only_regular_files_are_opened_and_no_link_is_followed(tmp_path: Path) -> None:
    file, link, pipe = tmp_path / "file", tmp_path / "link", tmp_path / "pipe"
    file.write_text("content")
    link.symlink_to(file)
    os.mkfifo(pipe)
    with opened(file) as stream:
        assert stream.read() == b"content"
    for path in (link, pipe, tmp_path, tmp_path / "nowhere"):
        with pytest.raises(OSError, match=r"\S"):
            opened(path)


def test_a_link_to_a_regular_file_is_followed_where_the_user_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "token").write_bytes(b"\xef\xbb\xbfcontent")
    (tmp_path / "token").symlink_to(Path("..data") / "token")
    assert read_text(tmp_path / "token", MIB) == "content"
    (tmp_path / "zero").symlink_to("/dev/zero")
    with pytest.raises(OSError, match="no regular file"):
        read_file(tmp_path / "zero", MIB)


def test_no_more_is_read_than_such_a_file_may_have(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"a" * MIB)
    assert len(read_file(file, MIB)) == MIB
    with file.open("ab") as stream:
        stream.write(b"a")
    with pytest.raises(OSError, match="it is larger than 1 MiB"):
        read_file(file, MIB)


def test_what_is_appended_to_is_a_regular_file_with_one_name(tmp_path: Path) -> None:
    kept, link, other, pipe = (tmp_path / name for name in ("kept", "link", "other", "pipe"))
    kept.write_text("kept")
    kept.chmod(0o644)
    link.symlink_to(kept)
    os.link(kept, other)
    os.mkfifo(pipe)
    (tmp_path / "dangling").symlink_to(tmp_path / "made")
    for path in (link, other, pipe, tmp_path, tmp_path / "dangling"):
        with pytest.raises(OSError, match=r"\S"):
            opened_to_append(path)
    assert not (tmp_path / "made").exists()
    assert kept.read_text() == "kept"
    new = opened_to_append(tmp_path / "new")
    os.write(new, b"new")
    os.close(new)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
