"""The command line: thin fronts that turn options into settings and stages into exit codes."""

from conformance.cli.main import entry, main

__all__ = ["entry", "main"]
