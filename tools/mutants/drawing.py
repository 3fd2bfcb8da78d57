"""Which mutants are tried: spots that lots fall on, in all modules, and one change at each."""

from __future__ import annotations

import ast
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256
from pathlib import Path

from cosmic_ray.mutating import mutate_code

from tools.mutants.operators import Position, operators, positions

PACKAGES = ("page", "judge")
NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one change; `before` and `after` are the lines that differ."""

    module: str
    operator: str
    line: int
    within: str
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.operator}"

    @property
    def digest(self) -> str:
        """What it is known by while the function around it, or the statement, is as it is."""
        around = _around(ast.parse(self.source), self.line)
        code = ast.get_source_segment(self.source, around) if around else self.source
        told = (self.module, self.within, self.before, self.after, code)
        return sha256(repr(told).encode()).hexdigest()


Sources = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a module can be changed, how, and the lot that says when it is drawn."""

    module: str
    place: Position
    ways: Sequence[tuple[str, int]]
    lot: str


def sources(root: Path) -> Sources:
    """The modules that are changed: their paths below `conformance`, with their code."""
    package = root / "conformance"
    paths = sorted(path for name in PACKAGES for path in (package / name).glob("*.py"))
    return {str(path.relative_to(package)): path.read_text(encoding="utf-8") for path in paths}


def draw(modules: Sources, count: int, seed: int) -> list[Mutant]:
    """So many mutants of modules, or all that there are; the same for the same seed.

    Each spot has a lot of its own, which depends on the seed, the function and the line alone: code
    that changes elsewhere changes nothing about what is drawn here. No spot is drawn twice, however
    many changes are possible there. Where no change makes a difference, the next spot is drawn.
    """
    spots = [spot for name, source in modules.items() for spot in _spots(name, source, seed)]
    drawn: list[Mutant] = []
    for spot in sorted(spots, key=lambda each: each.lot):
        ways = random.Random(spot.lot).sample(spot.ways, len(spot.ways))
        mutant = _mutant(spot.module, modules[spot.module], spot.place, ways)
        if mutant is not None:
            drawn.append(mutant)
        if len(drawn) == count:
            break
    return sorted(drawn, key=lambda each: (each.module, each.line, each.operator))


def _spots(module: str, source: str, seed: int) -> Iterator[_Spot]:
    tree, lines = ast.parse(source), source.splitlines()
    alike: Counter[tuple[str, ...]] = Counter()
    for place, ways in positions(source).items():
        line, column = place[0]
        behind = lines[line - 1][column:].rstrip()
        what = (module, _within(tree, line), lines[line - 1].strip(), behind)
        alike[what] += 1
        lot = sha256(repr((seed, *what, alike[what])).encode()).hexdigest()
        yield _Spot(module, place, ways, lot)


def _mutant(
    module: str, source: str, place: Position, ways: Sequence[tuple[str, int]]
) -> Mutant | None:
    """The first of several changes at a spot that makes a difference to what the code means."""
    tree = ast.parse(source)
    meaning = _meaning(ast.parse(source))
    for name, number in ways:
        changed = mutate_code(source, operators()[name], number)
        try:
            if changed is None or _meaning(ast.parse(changed)) == meaning:
                continue
            compile(changed, module, "exec")
        except (SyntaxError, ValueError):
            continue
        before, after = difference(source, changed)
        line = place[0][0]
        return Mutant(module, name, line, _within(tree, line), before, after, changed)
    return None


def difference(before: str, after: str) -> tuple[str, str]:
    """The lines that differ, each side on one line."""
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    changes = [each[1:] for each in matcher.get_opcodes() if each[0] != "equal"]
    first, last, start, end = changes[0][0], changes[-1][1], changes[0][2], changes[-1][3]
    return " ".join(" ".join(old[first:last]).split()), " ".join(" ".join(new[start:end]).split())


def _within(tree: ast.Module, line: int) -> str:
    """The qualified name of the innermost function or class around a line; empty for none."""
    return ".".join(each.name for each in _nest(tree, line) if isinstance(each, NAMED))


def _around(tree: ast.Module, line: int) -> ast.stmt | None:
    """The innermost function around a line; the outermost statement where there is no function."""
    nest = _nest(tree, line)
    functions = [each for each in nest if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    return next(reversed(functions), None) or next(iter(nest), None)


def _nest(tree: ast.Module, line: int) -> list[ast.stmt]:
    """The statements around a line, each inside of the one before."""
    nest: list[ast.stmt] = []
    body: Sequence[ast.AST] = tree.body
    while around := next((each for each in body if _is_around(each, line)), None):
        nest += [around] if isinstance(around, ast.stmt) else []
        body = list(ast.iter_child_nodes(around))
    return nest


def _is_around(node: ast.AST, line: int) -> bool:
    if not isinstance(node, ast.stmt):
        return False
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(each.lineno for each in decorators)])
    return bool(first <= line <= (node.end_lineno or node.lineno))


class _Bare(ast.NodeTransformer):
    """Takes away what changes nothing that a program does: annotations, and what only tells the
    reader or the type checker how parameters are to be passed.
    """

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_arguments(self, node: ast.arguments) -> ast.arguments:
        self.generic_visit(node)
        node.args, node.posonlyargs = [*node.posonlyargs, *node.args], []
        if node.vararg is None:
            node.args, node.kwonlyargs = [*node.args, *node.kwonlyargs], []
        node.defaults = [each for each in (*node.defaults, *node.kw_defaults) if each]
        node.kw_defaults = []
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        self.generic_visit(node)
        return node

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        node.annotation = ast.Constant(None)
        self.generic_visit(node)
        return node


def _meaning(tree: ast.Module) -> str:
    return ast.dump(_Bare().visit(tree))
