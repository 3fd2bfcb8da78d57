"""What axe-core finds wrong with a page: WCAG 2.2 AA as far as a program can tell, and landmarks.

npm fetches it once, in the version and with the digest of `axe/package-lock.json`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from browser import Browser

HERE = Path(__file__).with_name("axe")
SCRIPT = HERE / "node_modules" / "axe-core" / "axe.min.js"
NPM = shutil.which("npm")
MINUTE = 60.0
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
LOOKED_FOR = {
    "light": {"type": "tag", "values": TAGS},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
"""What is looked for in each scheme: the second differs in its colours alone."""
LOOK = """
(async () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  const { violations } = await axe.run(document, {
    runOnly: %s,
    resultTypes: ["violations"],
    preload: false,
  });
  return violations.map(({ id, nodes }) => [
    id,
    nodes.slice(0, 3).map((node) => `${node.target}: ${node.failureSummary}`),
  ]);
})()
"""


@cache
def axe() -> str:
    """The script of axe-core. Skips the test where it cannot be had."""
    if not SCRIPT.exists():
        if NPM is None:
            pytest.skip("no npm to fetch axe-core with")
        fetch = [NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]
        done = subprocess.run(fetch, cwd=HERE, capture_output=True, timeout=MINUTE, check=False)
        if done.returncode or not SCRIPT.exists():
            pytest.skip(f"npm cannot fetch axe-core: {done.stderr.decode()[-200:]}")
    return SCRIPT.read_text(encoding="utf-8")


def violations(browser: Browser, page: Path) -> Iterator[str]:
    """What is wrong with a page in either scheme, with all of it opened, and on a phone."""
    for scheme, wanted in LOOKED_FOR.items():
        browser.open(page, scheme=scheme)
        browser.run(f"{axe()}; null")
        for rule, nodes in browser.run(LOOK % json.dumps(wanted)):
            yield f"{page.name}, {scheme}, {rule}: " + "\n  ".join(nodes)
    browser.open(page, width=390)
    if over := browser.run(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    ):
        yield f"{page.name} is {over} pixels wider than a phone"
