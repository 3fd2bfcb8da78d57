"""The page on what became of the mutants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from conformance.markup import aligned, code, heading, prose, row
from tools.mutants.drawing import Mutant
from tools.mutants.tests import MOST_SECONDS, PLACES, SLOWEST
from tools.mutants.trying import FAULTS, VARIANTS, Fate, Outcome


def score(outcomes: Sequence[Outcome]) -> float:
    """How many of 100 mutants were killed, those aside that are equivalent."""
    fates = Counter(outcome.fate for outcome in outcomes)
    killed = fates[Fate.TESTS] + fates[Fate.PROOF]
    return 100 * killed / max(killed + fates[Fate.SURVIVED], 1)


def as_markdown(outcomes: Sequence[Outcome], seed: int, commit: str) -> str:
    """The page: figures for each module, then each survivor and each equivalent."""
    names = sorted({outcome.mutant.module for outcome in outcomes})
    places = ", ".join(f"`{place}`" for place in PLACES)
    lines = [
        "# Mutants of the oracle",
        "",
        f"Made by `make mutants` at commit `{commit}`: {len(outcomes)} small changes to "
        f"`conformance/page` and `conformance/judge`, drawn by seed {seed} from "
        "all places where Cosmic Ray can change something, or where something else can "
        "be changed: a test for membership, the condition of a comprehension, what is returned, "
        f"a statement that can be left out. Each meets the tests in {places} that reach it, use "
        f"no socket and take at most {SLOWEST:g} s, the quickest {MOST_SECONDS:g} s of them, until "
        f"one fails, and what survives them {FAULTS} faults and {VARIANTS} conforming variants of "
        "the proof. "
        "What hangs or cannot be imported is killed by tests.",
        "",
        f"**{score(outcomes):.1f} of 100 are killed**, those aside that no test can notice"
        f"{_untried(outcomes)}.{_tried_before(outcomes, commit)}",
        "",
        aligned(
            ["module", "drawn", *Fate],
            [
                *(
                    _figures(name, [o for o in outcomes if o.mutant.module == name])
                    for name in names
                ),
                _figures("**all**", outcomes),
            ],
        ),
    ]
    for fate, title in ((Fate.SURVIVED, "Survivors"), (Fate.EQUIVALENT, "Equivalents")):
        found = [outcome for outcome in outcomes if outcome.fate is fate]
        if found:
            lines += ["", f"## {title}", "", heading(["where", "before", "after", "why"])]
            lines += [_told(outcome.mutant, outcome.by) for outcome in found]
    return "\n".join(lines) + "\n"


def _untried(outcomes: Sequence[Outcome]) -> str:
    count = sum(outcome.fate is Fate.UNTRIED for outcome in outcomes)
    return f", and {count} for which there was no time" if count else ""


def _tried_before(outcomes: Sequence[Outcome], commit: str) -> str:
    count = sum(outcome.commit not in ("", commit) for outcome in outcomes)
    return (
        f" {count} of them were tried at earlier commits; the code around them is as it was then."
        if count
        else ""
    )


def _figures(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    fates = Counter(outcome.fate for outcome in outcomes)
    return [name, str(len(outcomes)), *(str(fates[fate] or "") for fate in Fate)]


def _told(mutant: Mutant, why: str) -> str:
    where = f"{mutant.module} {mutant.within}".strip()
    return row([code(where), code(mutant.before), code(mutant.after), prose(why, None)])
