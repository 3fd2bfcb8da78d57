"""The documentation as a site: every page is in it, and every link leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.site import ROOT, build, collect


def pages(nav: Any) -> Iterator[str]:
    """The pages that a navigation leads to."""
    for entry in nav if isinstance(nav, list) else nav.values():
        if isinstance(entry, str):
            yield entry
        else:
            yield from pages(entry)


def test_the_navigation_has_every_page_once() -> None:
    nav = list(pages(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]))
    there = [str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")]
    assert sorted(page for page in nav if page.startswith("docs/")) == sorted(there)
    assert {page for page in nav if "/" not in page} >= {"README.md", "CHANGELOG.md", "SECURITY.md"}


@pytest.mark.process
def test_it_is_built_strictly_so_that_every_link_leads_somewhere(tmp_path: Path) -> None:
    collect(tmp_path / "pages")
    assert not (tmp_path / "pages" / "reports" / "latest").exists()
    assert build(tmp_path) == 0
    operation = tmp_path / "site" / "docs" / "api" / "reference" / "index.html"
    assert 'id="T6.status.values"' in operation.read_text(encoding="utf-8")
    assert yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["strict"] is True
