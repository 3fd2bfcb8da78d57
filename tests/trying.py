"""How many examples the property tests try: all of them, or in `make check` a tenth."""

from __future__ import annotations

import os

from hypothesis import settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "repeatable")
QUICK, LEAST = 10, 5
"""How many times fewer are tried by `quick`, and the fewest."""


def examples(wanted: int = 100) -> int:
    """How many examples a test tries that should try so many."""
    return max(LEAST, wanted // QUICK) if PROFILE == "quick" else wanted


def register() -> None:
    """Load the profile. No property depends on how fast the machine is.

    Two runs try the same examples, but `HYPOTHESIS_PROFILE=searching` others each time.
    """
    settings.register_profile("repeatable", deadline=None, derandomize=True)
    settings.register_profile("quick", settings.get_profile("repeatable"), max_examples=examples())
    settings.register_profile("searching", deadline=None)
    settings.load_profile(PROFILE)
