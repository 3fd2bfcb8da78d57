"""The plan: which requests a run sends, in which order. The same inputs give the same plan."""
