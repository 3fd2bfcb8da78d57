"""The proof: the suite on implementations whose faults, or whose innocence, are known."""
