"""Policies and servers that do not exist, however they are spelled (status code 404)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from string import ascii_letters
from typing import Any
from uuid import UUID

from conformance.model import Request
from conformance.plan.domains.kind import Kind, Place, in_turn, kinds
from conformance.plan.domains.words import (
    ANY_TEXT,
    KEYWORDS,
    LDAP,
    NUMBERS,
    ODD,
    OF_OBJECTS,
    PATHS,
    PATTERNS,
    TEMPLATES,
    sql,
)
from conformance.plan.drafting import Drafts

LONGER, LONG = 300, 4_700
"""Characters of an id that is longer than a column of a table, and of one that fills a buffer."""
MANY, OFTEN = 101, 33
"""Servers that are more than a page of a list, and how often one is named in a row."""
WITH_ACCENTS = str.maketrans("aceACE", "\u00e1\u00e7\u00e9\u00c1\u00c7\u00c9")
"""Letters that a collation takes for those without an accent."""
FOREIGN = "\u5907" * 11 + "\U0001f4be"
"""Characters of three bytes each in UTF-8, as most places at which a program cuts bytes lie in one,
and one of four, which some databases do not take."""
WIDE = str.maketrans({letter: chr(ord(letter) + 0xFEE0) for letter in ascii_letters})
"""Letters that look like ours, and that compatibility composition makes ours (NFKC). Digits are not
among them: some readers of UUIDs and numbers take those of any script."""


def policies(drafts: Drafts) -> Iterator[Kind]:
    """Policies that do not exist."""
    plan, parameters = drafts.plan_id, in_turn(drafts)
    accented = plan.translate(WITH_ACCENTS)

    def request(text: str) -> Request:
        return drafts.request(drafts.body({"plan_id": text}, **parameters()))

    planned = {
        "near-miss": drafts.changed(plan, len(plan) // 2),
        "shorter": plan[:-1],
        "cut by zero": plan + "\0x",
        "empty": "",
        "long": ODD.ljust(LONGER, "a"),
        "padded": f"{plan} ",  # behind it, where a column of fixed width has blanks as well
        "in wide letters": in_wide_letters(plan),
        "SQL": sql(plan)[0],
        "a pattern": "*",
        "a pattern of SQL": "%",
        "a number": "1",
        "nil": str(UUID(int=0)),
        "null": "null",
        "a prototype": "__proto__",
        "astral": FOREIGN,
        "with accents": accented if accented != plan else f"{plan}\u0301",
        "a path": PATHS[0],
        "percent-encoded": f"%{ord(plan[0]):02X}{plan[1:]}",
        "a server": drafts.servers[0],
    }
    drawn = {
        **_drawn(drafts, plan),
        "a project": [drafts.project_id],
        "long": ["a" * LONG, "é" * (LONG // 2)],
    }
    yield from kinds(Place.PLAN_ID, "S404.unknown-policy", request, planned, drawn)


def in_wide_letters(known: str) -> str:
    """An id in such letters; one without a letter has a space of no width behind it."""
    wide = known.translate(WIDE)
    return wide if wide != known else f"{known}\u200b"


def servers(drafts: Drafts) -> Iterator[Kind]:
    """Servers that do not exist, alone and beside some that do: first what is executed first."""
    first = drafts.first_named
    good = [*first, *drafts.others]
    turns: list[dict[str, Any]] = [{}, {"auto_trigger": True}, {"auto_trigger": False}]
    triggers = cycle(turns)

    def request(named: list[str]) -> Request:
        return drafts.request(drafts.body(**next(triggers), resources=named))

    planned: dict[str, list[str]] = {
        "random": [drafts.strange_id()],
        "behind": [*good, drafts.strange_id()],
        "before": [ANY_TEXT, *good[1:]],  # as many as there are, where all are known
        "behind one that is named often": [*good[:1] * OFTEN, drafts.strange_id()],
        "empty behind": [good[0], ""],
        "a pattern": [f"{good[0][:4]}*"],
        "a pattern of SQL": ["%"],
        "near-miss": [drafts.changed(good[0], -1)],
        "near-miss at its beginning": [drafts.changed(good[0], 0)],
        "cut by zero": [f"{good[0]}\0x"],
        "shorter": [good[0][:8]],
        "longer": [good[0] + " "],
        "in wide letters": [in_wide_letters(good[0])],
        "two in one": [",".join((first if first[1:] else good * 2)[:2])],
        "with a line break": [good[0] + "\n"],  # behind it, where a pattern may have its end
        "an inherited name": [OF_OBJECTS[-1]],
        "many": [FOREIGN, *(drafts.strange_id() for _ in range(MANY - 1))],
    }
    behind: dict[str, list[list[str]]] = {
        name: [[good[0], each] for each in texts[:2]]
        for name, texts in _drawn(drafts, good[0]).items()
    }
    drawn: dict[str, list[list[str]]] = {
        **behind,
        "behind": [[*good, drafts.strange_id()]],
        "before": [[drafts.strange_id(), *good]],
        "between": [[good[0], drafts.strange_id(), *(good[1:] or good)]],
        "long": [[ODD.ljust(LONGER, "a")]],
        "padded": [[f" {good[0]}"], *behind["padded"]],
        "a keyword": [["all"], *behind["a keyword"]],
        "a policy": [[drafts.plan_id]],
        "a project": [[drafts.project_id]],
        "empty": [[""]],
    }
    yield from kinds(Place.SERVER, "S404.unknown-server", request, planned, drawn)


def _drawn(drafts: Drafts, known: str) -> dict[str, list[str]]:
    """Texts by their kinds that are no id, whatever ids are."""
    return {
        "near-miss": [drafts.changed(known, 0), drafts.changed(known, -1)],
        "longer": [f"0{known}", known + "0", known + known],
        "cut by zero": [f"\0{known}x"],
        "padded": [f" {known}", f"\t{known}", f"{known}\n", f"\u00a0{known}"],
        "in wide letters": [in_wide_letters(known) + "\u200b"],
        "a keyword": list(KEYWORDS),
        "a number": list(NUMBERS),
        "a name of objects": list(OF_OBJECTS),
        "a pattern": list(PATTERNS),
        "SQL": list(sql(known)),
        "LDAP": list(LDAP),
        "an operator": ['{"$ne": ""}', "[$ne]", "' || '1'=='1"],
        "a path": list(PATHS),
        "a template": list(TEMPLATES),
        "not ASCII": ["备份策略-é", "Ａ", "e\u0301", "\u202e", "\ufeff"],
        "control": ["\x00\x01\x1f", "\n", "\x7f", "\u2028"],
    }
