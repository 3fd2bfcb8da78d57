"""The mutations: those of Cosmic Ray, and four of what it leaves alone and this code is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.operators.provider import OperatorProvider

Position = tuple[tuple[int, int], tuple[int, int]]
AT_RANDOM = frozenset({"VariableReplacer", "VariableInserter"})
"""Operators of Cosmic Ray that draw what they write by chance, each time anew."""


class _Instead(Operator):  # type: ignore[misc]  # Cosmic Ray has no types
    """Other code in the place of each node that `concerns` selects."""

    def __init__(self, concerns: Callable[[Any], bool], instead: Callable[[str], str]) -> None:
        self._concerns = concerns
        self._instead = instead

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        """Where the node is, if it can be changed."""
        if node.parent is not None and self._concerns(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """The other code, with what stands before the node."""
        return parso.parse(node.get_first_leaf().prefix + self._instead(_code(node)))

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """None: the tests have them."""
        return ()


def _code(node: Any) -> str:
    return " ".join(node.get_code(include_prefix=False).split())


def _is_membership(node: Any) -> bool:
    return node.parent.type == "comparison" and _code(node) in ("in", "not in")


def _is_filter(node: Any) -> bool:
    """Whether a node is the condition of a comprehension."""
    return node.parent.type == "comp_if" and node.parent.children[1] is node


def _is_returned(node: Any) -> bool:
    is_value = node.parent.type == "return_stmt" and node.parent.children[1] is node
    return is_value and _code(node) != "None"


def _is_statement(node: Any) -> bool:
    """Whether a node is a call whose result nobody takes, or adds to something."""
    if node.parent.type != "simple_stmt":
        return False
    last = node.children[-1] if node.type == "atom_expr" else None
    adds = node.type == "expr_stmt" and _code(node.children[1]) == "+="
    return adds or (last is not None and _code(last).startswith("("))


OURS: Mapping[str, Operator] = {
    "SwapMembership": _Instead(_is_membership, {"in": "not in", "not in": "in"}.__getitem__),
    "NegateFilter": _Instead(_is_filter, "not ({})".format),
    "ReturnNone": _Instead(_is_returned, lambda _: "None"),
    "RemoveStatement": _Instead(_is_statement, lambda _: "pass"),
}


def operators() -> Mapping[str, Operator]:
    """All operators by name, in an order that does not change."""
    provided = OperatorProvider()
    return {**{name: provided[name]() for name in provided if name not in AT_RANDOM}, **OURS}


def positions(source: str) -> Mapping[Position, list[tuple[str, int]]]:
    """Where code can be changed, in order, and how: the operator and which of its places it is."""
    nodes = list(ast_nodes(get_ast(source)))
    found: dict[Position, list[tuple[str, int]]] = {}
    for name, operator in operators().items():
        places = (place for node in nodes for place in operator.mutation_positions(node))
        for number, place in enumerate(places):
            found.setdefault(place, []).append((name, number))
    return dict(sorted(found.items()))
