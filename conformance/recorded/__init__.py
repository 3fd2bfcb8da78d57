"""Recorded traffic judged offline: this suite's journals, and HAR files of browsers and proxies."""
