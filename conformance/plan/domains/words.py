"""Texts that programs take for something else than an id: words, patterns, code."""

from __future__ import annotations

KEYWORDS = ("all", "default", "self", "null", "none", "undefined", "any", "latest", "admin")
"""Words that stand for an object, or for none."""
NUMBERS = ("1", "0", "-1")
"""Numbers as a database gives them to its rows."""
OF_OBJECTS = ("__proto__", "constructor")
"""Names that every object has where objects are dictionaries."""
PATTERNS = ("*", "%", "_", ".*", "?")
"""What matches anything: for files, SQL, and regular expressions."""
TEMPLATES = ("${7*7}", "{{7*7}}", "<%= 7*7 %>", "%s%n")
"""What template languages and formatters replace."""
LDAP = ("*)(objectClass=*", "*)(|(cn=*")
"""What ends a filter of a directory, and begins another."""
PATHS = ("../../policies", "/etc/passwd", "a/b", "..\\x")
"""What leads elsewhere where an id is part of a path."""


def sql(text: str) -> tuple[str, ...]:
    """A text with what makes a condition of SQL true, or ends the statement."""
    return f"{text}' OR '1'='1", f'{text}" OR ""="', f"{text}'; --", f"{text} OR 1=1"
