"""The pages of the documentation: their blocks, links and anchors, and a shell that runs them.

A comment before a block of code says what it is, unless it is plainly to be run:

    <!-- file: NAME -->   what the reader saves under this name
    <!-- terminal -->     what runs in a terminal of its own until the next such block, or the end
    <!-- beside: TEXT --> what runs in one more until the end; what follows waits for this TEXT
    <!-- prints -->       what that prints, once it has
    <!-- address -->      it says where the target is; in a test, the address of the test follows
    <!-- server: tls -->  anywhere on the page: the address is that of a server of docs_servers.py

In `console` blocks a line that begins with `$ ` is a command, lines that begin with `> ` go on with
it, and what follows is what it prints; three dots stand for anything. A command ends with 0 unless
the next one is `echo $?`.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

from markdown_it import MarkdownIt
from warm import WARM

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TOP = sorted(ROOT.glob("*.md"))
MARKER = re.compile(r"<!-- ([a-z]+)(?:: (.*?))? -->")
NEVER_HANGS = 120.0
WAIT = (
    "until python -c 'import os, socket; socket.create_connection("
    '("127.0.0.1", int(os.environ["PORT"]))).close()\' 2> /dev/null; do sleep 0.05; done'
)
END_TERMINAL = 'if [ -n "$terminal" ]; then kill "$terminal"; wait "$terminal"; fi'
PRINTS = """import re, sys, time
pattern = re.compile(open(sys.argv[1]).read())
give_up = time.monotonic() + 60
while not pattern.fullmatch(text := open(sys.argv[2]).read()) and time.monotonic() < give_up:
    time.sleep(0.05)
print(text, end="")
"""
"""Waits until the text in a file fits a pattern, and prints it."""


@dataclass(frozen=True)
class Block:
    """A block of code: its language, its text, and the comment before it, if any."""

    language: str
    text: str
    marker: str
    argument: str


@dataclass(frozen=True)
class Command:
    """A command, and what it prints where the page says it."""

    text: str
    output: str | None = None


def name_of(page: Path) -> str:
    """The page as the tests call it."""
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[Block]:
    """The blocks of code of a page."""
    found, marker = [], None
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type == "html_block":
            marker = MARKER.fullmatch(token.content.strip())
        elif token.type == "fence":
            kind, argument = (marker[1], marker[2] or "") if marker else ("", "")
            found.append(Block(token.info.strip(), token.content, kind, argument))
            marker = None
        elif token.type != "paragraph_close":
            marker = None
    return found


def server_of(page: Path) -> str:
    """The server that a page asks for; empty where it asks for none."""
    found = re.search(r"<!-- server: (\w+) -->", page.read_text(encoding="utf-8"))
    return found[1] if found else ""


def commands(block: Block) -> list[Command]:
    """The commands of a `console` or `sh` block."""
    if block.language == "sh":
        return [Command(block.text)]
    found: list[Command] = []
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        typed, output = re.fullmatch(r"(.*\n(?:> .*\n)*)([\s\S]*)", part).groups()  # type: ignore[union-attr]
        found.append(Command(typed.replace("\n> ", "\n"), output))
    return found


def is_run(block: Block) -> bool:
    """Whether a block is for the shell."""
    return block.language in {"sh", "console"}


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def script(page: Path, address: Mapping[str, str], directory: Path) -> tuple[str, list[Command]]:
    """One script that runs all of a page, and its commands; the third writes `2.out`, `2.code`."""
    lines = ["terminal=; last=0"]
    numbered: list[Command] = []
    for block in blocks(page):
        if block.marker == "file":
            saved = directory / f"{len(lines)}.file"
            saved.write_text(block.text, encoding="utf-8")
            lines.append(f"cp {saved} {directory / 'work' / block.argument}")
        if block.marker == "prints":
            numbered.append(Command("what runs beside", block.text))
            place = directory / str(len(numbered) - 1)
            lines.append(f"{_until(block.text, directory, len(lines))} > {place}.out")
            lines.append(f"echo $? > {place}.code")
        if not is_run(block):
            continue
        if block.marker == "beside":
            lines.append(f"( exec {block.text.strip()} ) > {directory}/beside.out 2>&1 &")
            shown = f"...\n...{block.argument}...\n"
            lines.append(f"{_until(shown, directory, len(lines))} > {directory}/began.out")
            continue
        if block.marker == "terminal":
            assert block.text.count("\n") == 1, "a terminal runs one command"
            lines.append(f"{{ {END_TERMINAL}; }} 2> /dev/null")
            lines.append(f"( exec {block.text.strip()} ) > {directory}/terminal.out 2>&1 &")
            lines += ["terminal=$!", WAIT]
            continue
        for command in commands(block):
            place = directory / str(len(numbered))
            numbered.append(command)
            lines.append(f'{{ (exit "$last")\n{command.text.rstrip()}\n}} > {place}.out 2>&1')
            lines.append(f"last=$?; echo $last > {place}.code")
        if block.marker == "address":
            lines += [f"export {name}='{value}'" for name, value in address.items()]
    return "\n".join([*lines, f"{{ {END_TERMINAL}; }} 2> /dev/null", ""]), numbered


def _until(output: str, directory: Path, number: int) -> str:
    """A command that ends once what runs beside has printed this."""
    program, pattern = directory / "prints.py", directory / f"{number}.pattern"
    program.write_text(PRINTS, encoding="utf-8")
    pattern.write_text(as_pattern(output).pattern, encoding="utf-8")
    return f"python {program} {pattern} {directory}/beside.out"


def run(page: Path, address: Mapping[str, str], directory: Path) -> list[tuple[Command, int, str]]:
    """Run every command of a page in one shell; each with its exit code and what it printed."""
    (directory / "work").mkdir(exist_ok=True)
    text, numbered = script(page, address, directory)
    ours = ("CSBS_", "GITHUB_", "PYTHONPATH")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    commands = [str(Path(program).parent) for program in (WARM, sys.executable)]
    path = os.pathsep.join([*commands, os.environ["PATH"]])
    process = subprocess.Popen(
        ["sh", "-c", text],
        cwd=directory / "work",
        env={**kept, "PATH": path, "COLUMNS": "80", "NO_COLOR": "1"} | python_path(),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=NEVER_HANGS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return [
        (
            command,
            int((directory / f"{place}.code").read_text()),
            (directory / f"{place}.out").read_text(encoding="utf-8"),
        )
        for place, command in enumerate(numbered)
    ]


def python_path() -> dict[str, str]:
    """The same sources in the shell as in the test."""
    import conformance

    return {"PYTHONPATH": str(Path(conformance.__file__).parents[1])}


def as_pattern(output: str) -> re.Pattern[str]:
    """What the output of a command has to look like; three dots stand for anything."""
    text = re.escape(output.rstrip("\n"))
    text = re.sub(r"(?:^|(?<=\n))\\\.\\\.\\\.(?:\\\n|\n|$)", "(?:.*\n)*?.*", text)
    return re.compile(text.replace(r"\.\.\.", ".*") + r"\s*")


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.strip().replace(" ", "-")


class Anchors(HTMLParser):
    """The ids and links of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if given.get("href"):
            self.links.append(str(given["href"]))


@lru_cache
def anchors_and_links(page: Path) -> tuple[list[str], list[str]]:
    """The anchors of a page, Markdown or HTML, and where its links lead."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".html":
        found = Anchors(text)
        return found.ids, found.links
    anchors, links = [], []
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            words = (child.content for child in tokens[place + 1].children or [])
            anchors.append(slug("".join(words)))
        if token.type == "html_block":
            anchors += Anchors(token.content).ids
        for child in token.children or []:
            if child.type == "html_inline":
                anchors += Anchors(child.content).ids
            target = child.attrGet("href") or child.attrGet("src")
            if isinstance(target, str):
                links.append(target)
    return anchors, links


def all_pages() -> Iterator[Path]:
    """Every page whose links are checked."""
    yield from PAGES
    yield from TOP
    yield from sorted(DOCS.rglob("*.html"))
