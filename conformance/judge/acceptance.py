"""Why valid requests were refused: the fewest shapes of request that explain all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.judge.oracle import Expectation
from conformance.judge.request import Shape

Feature = tuple[Shape, str]


def explain(
    refused: Sequence[Expectation], executed: frozenset[Feature]
) -> Mapping[int, Feature | None]:
    """For each refused request, by its place, the feature that explains it, or None.

    A feature explains a refusal where no request that has it was executed though others were; of
    several, the one that explains most. Nothing explains anything where nothing was executed.
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
        best = max(counts, key=lambda feature: (counts[feature], feature[0].name, feature[1]))
        for place in [p for p, expectation in left.items() if best in expectation.features]:
            explained[place] = best
            del left[place]
    return {**explained, **dict.fromkeys(left)}
