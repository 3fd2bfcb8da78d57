"""Secrets: the placeholders that stand for them, how they are found in a text, and signatures."""
