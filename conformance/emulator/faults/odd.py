"""Faults under odd conditions, which no planned request meets."""
