"""One run: its settings, the session that joins the stages, and how it goes on after a kill."""
