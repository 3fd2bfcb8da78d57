"""Groups the differences of a comparison by their cause: what one change to the document mends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conformance.compare.model import Cause, Difference, Direction, Place


def causes_of(differences: Iterable[Difference]) -> tuple[Cause, ...]:
    """The causes of differences, in the order of their first ones.

    One place of the document, in one direction, is one cause; so is what is said alike in several.
    """
    at_places: dict[tuple[Direction, Place], list[Difference]] = {}
    for each in differences:
        at_places.setdefault((each.direction, each.place), []).append(each)
    alike: dict[tuple[Any, ...], list[list[Difference]]] = {}
    for group in at_places.values():
        said = tuple((each.direction, each.clause.id, each.message) for each in group)
        alike.setdefault(said, []).append(group)
    return tuple(
        Cause(
            tuple(each for group in groups for each in group),
            tuple(group[0].place for group in groups),
        )
        for groups in alike.values()
    )
