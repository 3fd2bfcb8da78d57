"""`make bench`: measures all parts, or some of them, and writes them into `reports/bench.md`.

python -m benchmarks [--only PART]... [--output FILE]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import beside, campaigns, exchange, judging, losses, rendering, starting
from benchmarks.page import update

OUTPUT = Path("reports/bench.md")
Part = tuple[str, Callable[[], str]]
PARTS: Mapping[str, Part] = {
    "start": ("What a command costs", lambda: starting.section(starting.Sizes())),
    "schemathesis": ("The suite beside Schemathesis", lambda: beside.section(beside.Sizes())),
    "exchange": (
        "The exchange stage beside the raw client",
        lambda: exchange.section(exchange.Sizes()),
    ),
    "judge": ("Judging recordings", lambda: judging.section(judging.Sizes())),
    "campaign": ("Campaigns", lambda: campaigns.section(campaigns.Sizes())),
    "losses": ("A campaign whose cluster is killed", lambda: losses.section(losses.Sizes())),
    "report": ("Reports on many exchanges", lambda: rendering.section(rendering.Sizes())),
}
"""The heading of each part, and what measures it, in the order of the page."""


def main(arguments: Sequence[str] | None = None, parts: Mapping[str, Part] = PARTS) -> None:
    """Measure, and put each section into the page as soon as it is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", action="append", choices=parts, help="a part; default: all")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    order = [heading for heading, _ in parts.values()]
    for name in options.only or parts:
        heading, measure = parts[name]
        began = time.monotonic()
        update(options.output, order, {heading: measure()})
        sys.stderr.write(f"{name}: measured in {time.monotonic() - began:.0f} s\n")
    sys.stdout.write(options.output.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
