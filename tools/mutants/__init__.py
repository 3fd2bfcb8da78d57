"""Mutants of the oracle: is there a test that notices a small change to `page` or `judge`?"""
