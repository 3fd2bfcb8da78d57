"""The backups that a run created: asked for on the pages that show them, and deleted."""
