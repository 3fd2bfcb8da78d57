"""No property depends on how fast the machine is, and two runs try the same examples.

`HYPOTHESIS_PROFILE=searching` tries others each time.
"""

import os

from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("searching", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
