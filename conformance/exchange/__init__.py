"""The exchange: the only stage with I/O towards a target."""
