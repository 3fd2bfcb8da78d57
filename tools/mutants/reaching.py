"""Which tests concern a mutant: those that reach its line."""

from __future__ import annotations

import ast

from tools.mutants.drawing import Mutant, Sources
from tools.mutants.tests import Reach


def tests_of(mutant: Mutant, modules: Sources, reach: Reach) -> frozenset[int]:
    """The tests that may notice a mutant.

    A statement inside of a function is reached by tests. What stands outside is run on import, and
    anything may rest on it.
    """
    tree = ast.parse(modules[mutant.module])
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    if not any(mutant.line in _lines(each) for function in functions for each in function.body):
        return frozenset(range(len(reach.names)))
    statements = (node for node in ast.walk(tree) if isinstance(node, ast.stmt))
    around = [_lines(each) for each in statements if mutant.line in _lines(each)]
    return reach.of(mutant.module, min(around, key=len))


def _lines(statement: ast.stmt) -> range:
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
