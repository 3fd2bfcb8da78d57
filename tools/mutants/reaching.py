"""Which tests concern a mutant: those that reach its line, or what uses a name that it defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from tools.mutants.drawing import Mutant, Sources
from tools.mutants.tests import Reach


def tests_of(mutant: Mutant, modules: Sources, reach: Reach) -> frozenset[int]:
    """The tests that may notice a mutant.

    A line inside of a function is reached by tests. What stands outside is run on import: then it
    is the lines that use what is defined there, in whichever module they are. Where nothing is
    known to use it, all tests may notice.
    """
    tree = ast.parse(modules[mutant.module])
    statement = _statement(tree, mutant.line)
    if isinstance(statement, ast.FunctionDef) and _is_inside(statement, mutant.line):
        return reach.of(mutant.module, [mutant.line])
    names = _defined(statement)
    found = reach.of(mutant.module, range(statement.lineno, (statement.end_lineno or 0) + 1))
    for module, lines in _uses(modules, names).items():
        found |= reach.of(module, lines)
    return found or frozenset(range(len(reach.names)))


def _statement(tree: ast.Module, line: int) -> ast.stmt:
    """The statement of a module, or the method of a class in it, that has a line."""

    def around(body: Sequence[ast.stmt]) -> ast.stmt | None:
        return next((each for each in body if line in _lines(each)), None)

    found = around(tree.body)
    assert found is not None
    if isinstance(found, ast.ClassDef):
        method = around(found.body)
        return method if isinstance(method, ast.FunctionDef) else found
    return found


def _lines(node: ast.stmt) -> range:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(each.lineno for each in decorators)])
    return range(first, (node.end_lineno or node.lineno) + 1)


def _is_inside(function: ast.FunctionDef, line: int) -> bool:
    return line >= function.body[0].lineno


def _defined(statement: ast.stmt) -> frozenset[str]:
    """The names that a statement of a module defines."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return frozenset({statement.name})
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
    nodes = (node for target in targets for node in ast.walk(target))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


def _uses(modules: Sources, names: frozenset[str]) -> Mapping[str, Sequence[int]]:
    """The lines, by module, that use a name, or another constant that is made of it."""
    trees = {module: ast.parse(source) for module, source in modules.items()}
    known = set(names)
    while True:
        more = set(known)
        for tree in trees.values():
            for statement in tree.body:
                is_constant = isinstance(statement, ast.Assign | ast.AnnAssign)
                if is_constant and any(True for _ in _mentions(statement, known)):
                    more |= _defined(statement)
        if more == known:
            return {module: [*_mentions(tree, known)] for module, tree in trees.items()}
        known = more


def _mentions(tree: ast.AST, names: set[str]) -> Iterator[int]:
    for node in ast.walk(tree):
        name = getattr(node, "id", getattr(node, "attr", None))
        if isinstance(node, ast.Name | ast.Attribute) and name in names:
            yield node.lineno
