"""Readers that take nothing on trust: they raise where a report is not strictly what it claims."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

from hostile_texts import MARKER
from markdown_it import MarkdownIt
from markdown_it.token import Token

HAR_ENTRY = {
    "startedDateTime": str,
    "time": float,
    "request": dict,
    "response": dict,
    "cache": dict,
    "timings": dict,
}
HAR_REQUEST = {
    "method": str,
    "url": str,
    "httpVersion": str,
    "cookies": list,
    "headers": list,
    "queryString": list,
    "headersSize": int,
    "bodySize": int,
}
HAR_RESPONSE = {
    "status": int,
    "statusText": str,
    "httpVersion": str,
    "cookies": list,
    "headers": list,
    "content": dict,
    "redirectURL": str,
    "headersSize": int,
    "bodySize": int,
}
OUR_MARKUP = {"<code>", "</code>"}
PRINTING = bytes(range(0x20, 0x7F)) + b"\n"
LOADING = {"src", "srcset", "srcdoc", "action", "formaction", "style", "background", "data"}
FOREIGN = {"img", "iframe", "object", "embed", "link", "base", "audio", "video", "foreignobject"}


def read_text(path: Path) -> str:
    """A file as text. Raises for what is not UTF-8, and for characters that do not print.

    Line breaks may stand in all files, tabs where a browser or a CI system reads them as spaces.
    """
    data = path.read_bytes()
    text = data.decode("utf-8")
    if not data.translate(None, PRINTING):
        return text
    spaces = "\n\t" if path.suffix in {".html", ".xml"} else "\n"
    bad = {f"U+{ord(c):04X}" for c in set(text) - set(spaces) if not c.isprintable()}
    assert not bad, f"{path.name} has {sorted(bad)[:10]}"
    return text


def read_json(text: str) -> Any:
    """A JSON text. Raises for NaN and Infinity, repeated names and lone surrogates."""

    def refuse(name: str) -> NoReturn:
        raise AssertionError(name)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        assert len(found) == len(items), "a name stands twice"
        return found

    return json.loads(text, parse_constant=refuse, object_pairs_hook=pairs)


def read_har(text: str) -> list[dict[str, Any]]:
    """The entries of a HAR 1.2. Raises where a field that it must have is missing or of no use."""
    log = read_json(text)["log"]
    assert log["version"] == "1.2"
    assert set(log["creator"]) >= {"name", "version"}
    for entry in log["entries"]:
        _has(entry, HAR_ENTRY)
        _has(entry["request"], HAR_REQUEST)
        _has(entry["response"], HAR_RESPONSE)
        content = entry["response"]["content"]
        _has(content, {"size": int, "mimeType": str})
        for record in (*entry["request"]["headers"], *entry["response"]["headers"]):
            _has(record, {"name": str, "value": str})
    entries: list[dict[str, Any]] = log["entries"]
    return entries


def _has(record: dict[str, Any], fields: dict[str, type]) -> None:
    for name, kind in fields.items():
        kinds = (int, float) if kind is float else kind
        assert isinstance(record[name], kinds), f"{name} is {record[name]!r}"


def read_junit(text: str) -> list[ElementTree.Element]:
    """The test cases of a JUnit file. Raises where it is no XML, or its sums are wrong."""
    root = ElementTree.fromstring(text)
    assert root.tag == "testsuites"
    cases = list(root.iter("testcase"))
    known = {"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"}
    assert {element.tag for element in root.iter()} <= known
    assert int(root.get("tests", "-1")) == len(cases)
    for name, tag in (("failures", "failure"), ("errors", "error")):
        assert int(root.get(name, "-1")) == len(list(root.iter(tag)))
    for suite in root:
        assert int(suite.get("skipped", "-1")) == len(list(suite.iter("skipped")))
    return cases


class _Page(HTMLParser):
    """What is alive in a page: elements, attributes, scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.code: list[str] = []
        self.text: list[str] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        (self.code if self.cdata_elem else self.text).append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def read_html(text: str) -> str:
    """The text of a page, what stands between its tags. Raises for anything alive and foreign."""
    page = _Page()
    page.feed(text)
    page.close()
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert not page.comments
    assert MARKER not in "".join(page.code)
    assert not FOREIGN & set(page.tags)
    assert not [tag for tag in page.tags if MARKER in tag]
    for name, value in page.attributes:
        assert MARKER not in name + value, (name, value[:80])
        assert not name.startswith("on"), name
        assert name not in LOADING, name
        assert name not in ("href", "xlink:href") or value.startswith("#"), value[:80]
    return "".join(page.text)


def read_markdown(text: str) -> None:
    """Raises where anything in a summary is alive but its own headings, tables, lists and code."""
    for token in _tokens(MarkdownIt("commonmark").enable("table").parse(text)):
        assert token.type not in {"html_block", "image", "link_open"}, token.content[:80]
        assert token.type != "html_inline" or token.content in OUR_MARKUP, token.content[:80]
    assert not [line for line in text.splitlines() if line.startswith("#") and MARKER in line]
    outside = re.sub(r"`[^`\n]+`", "", "".join(text.split("\n```")[::2]))
    for alive in ("://", r"www\.", "@", "<"):
        assert not re.search(rf"(?<!\\){alive}{MARKER}", outside), alive


def _tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or [])
