"""Every command of the documentation is run, and prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs_pages import DOCS, PAGES, as_pattern, blocks, commands, is_run, name_of, run, server_of
from docs_servers import address_for

from tools.manual import commands as known_commands

GENERATED = DOCS / "api" / "reference.md"
RUN = [page for page in PAGES if page != GENERATED and any(map(is_run, blocks(page)))]
MENTIONED = re.compile(r"(?:`|^|\$ |- |run: )csbs-conformance (\w+)([^\n`]*)", re.MULTILINE)
LANGUAGES = {"sh", "console", "python", "toml", "yaml", "text", "json", "http"}


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_the_commands_of_a_page_do_what_it_says(page: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with address_for(server_of(page), work) as address:
        done = run(page, address, tmp_path)
    following = [command.text.strip() for command, _, _ in done[1:]] + [""]
    for (command, code, printed), after in zip(done, following, strict=True):
        told = f"{command.text}\n{printed}"
        assert code == 0 or after == "echo $?", told
        if command.output is not None:
            assert as_pattern(command.output).fullmatch(printed), told


def test_most_pages_have_commands() -> None:
    assert len(RUN) >= 10


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_says_what_it_is(page: Path) -> None:
    for block in blocks(page):
        assert block.language in LANGUAGES, block.text
        assert block.language != "console" or block.text.startswith("$ ")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_a_command_or_an_option_that_is_not_there(page: Path) -> None:
    known = {command.name: command for command in known_commands()}
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for name, rest in MENTIONED.findall(text):
        assert name in known
        names = {part for option in known[name].options for part in option.names.split(", ")}
        used = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest.split(">")[0]))
        assert used <= names, (name, used - names)


@pytest.mark.parametrize(
    ("output", "printed", "fits"),
    [
        ("a\n", "a\n", True),
        ("a\n", "ab\n", False),
        ("a ... c\n", "a b c\n", True),
        ("...\nend\n", "one\ntwo\nend\n", True),
        ("...\nend\n", "end\n", True),
        ("start\n...\n", "start\none\ntwo\n", True),
        ("start\n...\n", "end\n", False),
        ("a.c\n", "abc\n", False),
        ("", "something\n", False),
    ],
)
def test_what_three_dots_stand_for(output: str, printed: str, fits: bool) -> None:
    assert bool(as_pattern(output).fullmatch(printed)) is fits


def test_a_command_that_fails_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ false\n$ echo $?\n1\n$ echo one; \\\n> false\ntwo\n```\n")
    (tmp_path / "work").mkdir()
    done = run(page, {}, tmp_path)
    assert [(code, printed) for _, code, printed in done] == [(1, ""), (0, "1\n"), (1, "one\n")]
    (block,) = blocks(page)
    assert [command.output for command in commands(block)] == ["", "1\n", "two\n"]
