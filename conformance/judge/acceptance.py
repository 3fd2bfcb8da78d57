"""Why valid requests were refused: the fewest shapes of request that explain all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.page.oracle import Expectation
from conformance.page.tables_2_to_4 import Feature


def explain(
    refused: Sequence[Expectation], executed: frozenset[Feature]
) -> Mapping[int, Feature | None]:
    """For each refused request, by its place, the feature that explains it, or None.

    A feature explains a refusal where no request that has it was executed though others were; of
    several, the one that explains most, then one whose clause explains others already. Nothing
    explains anything where nothing was executed. Where a refusal stays unexplained, a combination
    of features is to blame, and a feature that explains one other refusal alone only seems to.
    """
    explained: dict[int, Feature | None] = {}
    left = dict(enumerate(refused))
    while left and executed:
        counts: dict[Feature, int] = {}
        for expectation in left.values():
            for feature in expectation.features - executed:
                counts[feature] = counts.get(feature, 0) + 1
        if not counts:
            break
        known = {feature[0] for feature in explained.values() if feature}
        best = max(counts, key=lambda each: (counts[each], each[0] in known, each[0].name, each[1]))
        for place in [p for p, expectation in left.items() if best in expectation.features]:
            explained[place] = best
            del left[place]
    if left:
        alone = {f for f in explained.values() if list(explained.values()).count(f) == 1}
        explained = {place: None if f in alone else f for place, f in explained.items()}
    return {**explained, **dict.fromkeys(left)}
