"""What is different between two runs, and the reports on it."""
