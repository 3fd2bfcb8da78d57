"""Why valid requests were refused: the fewest shapes of request that explain all of them."""

from __future__ import annotations

from collections import Counter
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
    explained: dict[frozenset[Feature], Feature | None] = {}
    left = dict.fromkeys(each.features for each in refused)  # alike in all of it, they count once
    while left and executed:
        counts = Counter(feature for features in left for feature in features - executed)
        if not counts:
            break
        known = {feature[0] for feature in explained.values() if feature}
        best = max(counts, key=lambda each: (counts[each], each[0] in known, each[0].name, each[1]))
        for features in [each for each in left if best in each]:
            explained[features] = best
            del left[features]
    if left:
        times = Counter(explained.values())
        explained = {each: f if times[f] > 1 else None for each, f in explained.items()}
    return {place: explained.get(each.features) for place, each in enumerate(refused)}
