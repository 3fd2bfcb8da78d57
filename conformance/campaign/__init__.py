"""Campaigns: many targets, each tested by a run of its own, and the matrix of what came of them.

Dask does the scheduling: it hands targets to workers, and hands them on when a worker is lost.
"""
