"""Reference documentation, made from the contract and from the command line itself."""
