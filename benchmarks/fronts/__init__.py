"""Do the ways in contradict each other? Run `python -m benchmarks.fronts`."""
