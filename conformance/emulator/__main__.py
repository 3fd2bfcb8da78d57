"""Run the emulator: ``python -m conformance.emulator``."""

import sys

from conformance.emulator.command import main

if __name__ == "__main__":
    sys.exit(main())
