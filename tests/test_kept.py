"""What is made of files of the package is kept as Python keeps compiled modules."""

from __future__ import annotations

import os
import sys
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.kept import yaml_in
from conformance.report import html

TEXT, SAID = "a: {200: [1, null, 0.5, é]}\n", {"a": {200: [1, None, 0.5, "é"]}}


@pytest.fixture(autouse=True)
def bytecode_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "facts.yaml"
    path.write_text(TEXT)
    return path


def refuse(*_: Any, **__: Any) -> None:
    raise AssertionError("it is made anew")


def test_what_is_kept_is_not_read_again(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert yaml_in(source) == (TEXT.encode(), SAID)
    monkeypatch.setattr(yaml, "load", refuse)
    assert yaml_in(source) == (TEXT.encode(), SAID)


def test_what_has_changed_is_read_anew(source: Path) -> None:
    yaml_in(source)
    source.write_text("a: 2\n")
    assert yaml_in(source) == (b"a: 2\n", {"a": 2})


def test_whoever_may_read_the_file_may_read_what_is_kept(source: Path) -> None:
    source.chmod(0o644)
    source.parent.chmod(0o755)
    before = os.umask(0o077)
    try:
        yaml_in(source)
    finally:
        os.umask(before)
    kept = Path(cache_from_source(f"{source}.py"))
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o644, 0o755)


def test_nothing_is_kept_where_python_keeps_nothing(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert yaml_in(source)[1] == SAID
    assert list(source.parent.iterdir()) == [source]


def test_where_nothing_can_be_kept_it_is_made_each_time(source: Path) -> None:
    (source.parent / "__pycache__").touch()
    assert [yaml_in(source)[1], yaml_in(source)[1]] == [SAID, SAID]


def test_a_template_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.html.j2").write_text("<{{ name }}>")

    def page() -> str:
        return html.environment(tmp_path).get_template("page.html.j2").render(name="a\x07&")

    first = page()
    assert first == "<a\u2407&amp;>"
    with monkeypatch.context() as patch:
        patch.setattr("jinja2.Environment.compile", refuse)
        assert page() == first
    (tmp_path / "page.html.j2").write_text("other")
    assert page() == "other"
