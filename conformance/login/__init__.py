"""How a user logs in: a token from the environment, an OpenStack cloud, or keys that sign."""
