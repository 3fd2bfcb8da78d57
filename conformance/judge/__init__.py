"""The judge: what the page says about the exchanges of a run, clause by clause."""
