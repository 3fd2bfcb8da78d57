"""Mutants of the oracle: which are drawn, how they come to life, and what becomes of them.

Cosmic Ray is there where `make mutants` has set it up.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray", reason="make .venv/ready-mutants sets it up")

from cosmic_ray.mutating import mutate_code

from tools.mutants.drawing import Mutant, difference, draw, sources
from tools.mutants.equivalents import FILE, Equivalent, read_equivalents, why_equivalent
from tools.mutants.operators import OURS, positions
from tools.mutants.page import as_markdown, score
from tools.mutants.progress import Progress
from tools.mutants.trying import ENDED, Fate, Outcome

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")  # a mutant compares by `is`
MODULE = '''
"""A docstring."""
from dataclasses import dataclass

LIMIT: int | None = 3


@dataclass(frozen=True)
class Kept:
    def over(self, values: list[int] | None, *, most: int = 4) -> int | None:
        """Another one."""
        if values is None:
            return None
        return next((each for each in values if each > most), LIMIT)
'''
MUTANT = Mutant("page/uri.py", "AddNot", 1, "https", "if a:", "if not a:", "if not a:\n    b()\n")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("SwapMembership", "a in b", "a not in b"),
        ("SwapMembership", "a not in b", "a in b"),
        ("NegateFilter", "[a for a in b if a > 1]", "[a for a in b if not (a > 1)]"),
        ("ReturnNone", "def f():\n    return 1, 2\n", "def f():\n    return None\n"),
        ("RemoveStatement", "if a:\n    b.c(d)\n", "if a:\n    pass\n"),
        ("RemoveStatement", "a += 1\n", "pass\n"),
    ],
)
def test_what_cosmic_ray_leaves_alone_is_changed(name: str, before: str, after: str) -> None:
    assert mutate_code(before, OURS[name], 0) == after


@pytest.mark.parametrize(
    "code", ["for a in b: c = d(e)\n", "def f():\n    return None\n", "a is b\n", '"""text"""\n']
)
def test_other_code_is_left_alone_by_ours(code: str) -> None:
    assert all(mutate_code(code, operator, 0) is None for operator in OURS.values())


def test_one_seed_draws_the_same_and_another_one_others() -> None:
    modules = sources(ROOT)
    some = {name: modules[name] for name in ("page/uri.py", "judge/lost.py")}
    drawn = draw(some, 20, seed=1)
    assert drawn == draw(some, 20, seed=1)
    assert drawn != draw(some, 20, seed=2)
    assert {each.module for each in drawn} == set(some)


def test_code_that_changes_elsewhere_changes_nothing_about_what_is_drawn_and_known() -> None:
    first = "def first(a, b):\n    return a + b\n\n\n"
    second = "def second(a, b):\n    if a in b:\n        return 1\n    return a + b\n"
    one = draw({"m.py": first + second}, 3, seed=1)
    longer = draw({"m.py": '"""Text."""\n\n' + first + second}, 3, seed=1)
    assert [(each.before, each.after) for each in one] == [
        (each.before, each.after) for each in longer
    ]
    assert [each.digest for each in one] == [each.digest for each in longer]
    assert [each.source for each in one] != [each.source for each in longer]


def test_a_mutant_of_a_function_that_has_changed_is_another_one() -> None:
    def drawn(more: str) -> set[str]:
        return {
            each.digest for each in draw({"m.py": MODULE.replace("most), LIMIT", more)}, 99, seed=1)
        }

    same, other = drawn("most), LIMIT"), drawn("most), None")
    assert len(same & other) < len(same - other)
    assert same & other  # what stands outside of the function


def test_no_place_is_drawn_twice_and_every_mutant_means_something_else() -> None:
    drawn = draw({"m.py": MODULE}, 1000, seed=1)
    assert len({each.source for each in drawn}) == len(drawn) <= len(positions(MODULE))
    assert {each.within for each in drawn} == {"", "Kept", "Kept.over"}
    for each in drawn:
        assert ast.dump(ast.parse(each.source)) != ast.dump(ast.parse(MODULE))
        assert "-> int | None" in each.source
        assert ", *, most" in each.source
        assert "LIMIT: int | None" in each.source


def test_an_equivalent_is_known_wherever_it_stands_in_its_function() -> None:
    known = [Equivalent("page/uri.py", "https", "if a:", "if not a:", "a reason")]
    assert why_equivalent(replace(MUTANT, line=99), known) == "a reason"
    assert not why_equivalent(replace(MUTANT, within="get"), known)
    assert not why_equivalent(replace(MUTANT, after="if b:"), known)


def test_every_equivalent_is_a_line_that_is_there_and_has_a_reason() -> None:
    modules = sources(ROOT)
    for each in read_equivalents(FILE.read_text(encoding="utf-8")):
        assert each.before in " ".join(modules[each.module].split()), each
        assert each.after != each.before
        assert each.why


def test_what_differs_is_told_on_one_line() -> None:
    assert difference("a\nb(\n  c,\n)\n", "a\nb(\n  d,\n)\n") == ("c,", "d,")
    assert difference("a\n@b\nc\n", "a\nc\n") == ("@b", "")


def test_the_page_counts_each_fate_and_names_who_survived() -> None:
    fates = [Fate.TESTS] * 17 + [Fate.PROOF] * 2 + [Fate.SURVIVED] + [Fate.EQUIVALENT] * 5
    outcomes = [Outcome(MUTANT, fate, "why not") for fate in fates]
    assert score(outcomes) == 95
    page = as_markdown(outcomes, 7, "abc")
    assert "| page/uri.py | 25 | 17 | 2 | 5 | 1 | |" in " ".join(page.split())
    assert "## Survivors" in page
    assert "**95.0 of 100 are killed**" in page
    assert "## Survivors" not in as_markdown(outcomes[:17], 7, "abc")


def test_what_became_of_a_mutant_is_known_at_other_commits_too(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    Progress(path, "abc", resume=False).note(MUTANT, Fate.TESTS, "a test")
    later = Progress(path, "def", resume=True)
    assert (later.fate(MUTANT), later.by(MUTANT), later.commit(MUTANT)) == (
        Fate.TESTS,
        "a test",
        "abc",
    )
    assert later.fate(replace(MUTANT, after="if b:")) == Fate.UNTRIED
    assert Progress(path, "abc", resume=False).fate(MUTANT) == Fate.UNTRIED


def test_the_page_says_how_many_were_tried_earlier() -> None:
    outcomes = [Outcome(MUTANT, Fate.TESTS, "a test", commit) for commit in ("abc", "abc", "def")]
    assert "1 of them were tried at earlier commits" in as_markdown(outcomes, 7, "abc")
    assert "at earlier commits" not in as_markdown(outcomes[:2], 7, "abc")


SCRIPT = """
import sys
from pathlib import Path
from tools.mutants.drawing import Mutant, sources
from tools.mutants.living import ROOT
from tools.mutants.progress import Progress
from tools.mutants.trying import try_all

modules = sources(ROOT)

def mutant(module, before, after):
    source = modules[module]
    assert source.count(before) == 1
    line = source[: source.index(before)].count("\\n") + 1
    return Mutant(module, "by hand", line, "", before, after, source.replace(before, after))

changes = [
    ("page/permitted.py", 'not in ("GET", "POST")', 'in ("GET", "POST")'),
    ("page/permitted.py", '_SEGMENT = r"', '_OTHER = r"'),
    ("page/permitted.py", 'r"((?:[A-Za-z0-9._~-]', 'r"((?:[A-Z0-9._~-]'),
    ("page/permitted.py", "path = url[len", "path = any(iter(int, 1)) or url[len"),
    ("page/permitted.py", 'f"{method} {path}", 80', 'f"{method} {path}", 81'),
    ("page/tables_5_to_8.py", "if is_json_media_type(", "if not is_json_media_type("),
]
mutants = [mutant(*change) for change in changes]
places = ["tests/page/test_page_permitted.py"]
progress = Progress(Path(sys.argv[1]), "a commit", resume=False)
for outcome in try_all(mutants, modules, progress, lambda _: None, places, jobs=2):
    print(f"{outcome.fate}: {outcome.by}", file=sys.stderr)
"""


@pytest.mark.process
def test_a_mutant_is_killed_by_a_test_or_by_the_proof_or_survives(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "progress")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    inside, gone, constant, endless, longer, innocent = done.stderr.splitlines()
    assert inside.startswith("killed by tests: tests/page/test_page_permitted.py::")
    assert gone == "killed by tests: it cannot be imported: NameError"
    assert constant.startswith("killed by tests: tests/page/test_page_permitted.py::")
    assert endless == f"killed by tests: {ENDED}"
    assert longer == "survived: "
    assert innocent.startswith("killed by the proof: variant ")
