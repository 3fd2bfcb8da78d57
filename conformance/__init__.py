"""Conformance suite for the CSBS operation "Executing a Backup Policy"."""

__version__ = "0.2.0"
