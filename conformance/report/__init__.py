"""Reports: pure functions of what the judge said."""
