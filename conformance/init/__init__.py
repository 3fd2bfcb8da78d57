"""Writes a configuration for a target, from what its list of policies shows."""
