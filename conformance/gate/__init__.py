"""The gate: from what a run found, waivers, a baseline and the date to an exit code.

The verdict stays what it is: it says what the target keeps. The gate says what may pass.
"""
