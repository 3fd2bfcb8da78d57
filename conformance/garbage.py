"""When Python looks for objects that only refer to each other, which is all that it collects."""

from __future__ import annotations

import gc
from typing import Final

FEW_LOOKS: Final = 200_000
"""Objects more than before at which Python looks: a run makes few such circles, and keeps most of
what it makes until it ends."""


def look_seldom() -> None:
    """Have Python look seldom, from now on."""
    gc.set_threshold(FEW_LOOKS)
