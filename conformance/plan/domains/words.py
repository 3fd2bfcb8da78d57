"""Texts that programs take for something else than an id: words, patterns, code."""

from __future__ import annotations

KEYWORDS = ("all", "default", "self", "null", "undefined")
"""Words that stand for an object, or for none."""
NUMBERS = ("1", "0")
"""Numbers as a database gives them to its rows."""
OF_OBJECTS = ("__proto__", "constructor")
"""Names that every object has where objects are dictionaries."""
ANY_TEXT = ".*"
"""The regular expression that matches all there is."""
PATTERNS = ("*", "%", ANY_TEXT)
"""What matches anything: for files, SQL, and regular expressions."""
TEMPLATES = ("${7*7}", "{{7*7}}", "%s%n")
"""What template languages and formatters replace."""
LDAP = ("*)(objectClass=*",)
"""What ends a filter of a directory, and begins another."""
PATHS = ("../../policies", "..\\x")
"""What leads elsewhere where an id is part of a path."""

ODD = "'\"\\{0}%s$x`;<&>"
"""What ends a text, or means something in one, in one language or another."""


def sql(text: str) -> tuple[str, ...]:
    """A text with what makes a condition of SQL true, or ends the statement."""
    return f"{text}' OR '1'='1", f'{text}" OR ""="', f"{text} OR 1=1"
