"""Every link leads somewhere, to an anchor that is there; no anchor is there twice."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from docs_pages import DOCS, PAGES, ROOT, TOP, all_pages, anchors_and_links, name_of, slug

ALL = list(all_pages())


def destination(page: Path, path: str) -> Path:
    """Where a relative link of a page leads."""
    return Path(os.path.normpath(page.parent / unquote(path))) if path else page


@pytest.mark.parametrize("page", ALL, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    _, links = anchors_and_links(page)
    for link in links:
        parts = urlsplit(link)
        if parts.scheme in {"http", "https", "data"}:
            continue
        target = destination(page, parts.path)
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if parts.fragment and target.suffix in {".md", ".html"}:
            anchors, _ = anchors_and_links(target)
            assert unquote(parts.fragment) in anchors, link


@pytest.mark.parametrize("page", [page for page in ALL if page not in TOP], ids=name_of)
def test_no_anchor_is_there_twice(page: Path) -> None:
    anchors, _ = anchors_and_links(page)
    assert len(anchors) == len(set(anchors))


def test_every_page_can_be_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        _, links = anchors_and_links(page)
        found = (destination(page, path) for link in links if (path := urlsplit(link).path))
        waiting += [target for target in found if target in PAGES]
    assert seen == set(PAGES)


def test_the_check_would_find_a_wrong_link(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text('# A `b`, c!\n\n<a id="T6.x"></a>[one](#a-b-c) [two](other.md#x) ![](p.png)\n')
    assert anchors_and_links(page) == (["a-b-c", "T6.x"], ["#a-b-c", "other.md#x", "p.png"])
    assert slug("Exit codes: 0, 1_x") == "exit-codes-0-1_x"
