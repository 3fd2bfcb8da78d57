"""Which tests concern a mutant: those that reach its line."""

from __future__ import annotations

import ast

from tools.mutants.drawing import Mutant, Sources
from tools.mutants.tests import Reach


def tests_of(mutant: Mutant, modules: Sources, reach: Reach) -> frozenset[int]:
    """The tests that may notice a mutant.

    A line inside of a function is reached by tests. What stands outside is run on import, and
    anything may rest on it.
    """
    tree = ast.parse(modules[mutant.module])
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    if any(_is_inside(function, mutant.line) for function in functions):
        return reach.of(mutant.module, mutant.line)
    return frozenset(range(len(reach.names)))


def _is_inside(function: ast.FunctionDef, line: int) -> bool:
    return function.body[0].lineno <= line <= (function.end_lineno or 0)
