"""An error that nobody expected: one line for the user, and the details in a file.

It is a fault of this suite and says nothing of a target, so its exit code is no verdict.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from conformance import __version__

EX_SOFTWARE: Final = 70
"""The exit code: "an internal software error" in sysexits.h."""
SECRET_NAME: Final = re.compile("(token|secret|password|passphrase|credentials?|_key)$", re.I)
"""Names of environment variables whose values are shown to nobody."""
_LOGIN: Final = re.compile(r"//[^/\s@]+@")


class Crash(Exception):
    """Carries an error that nobody expected through click, which reads a code into some."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(type(error).__name__)
        self.error = error


def told(crash: Crash) -> str:
    """What the user is told, in a line. Writes the details to a file, whose path is in it."""
    try:
        where = f"details for a report of it are in {_written(_details(crash.error))}"
    except Exception as error:  # the disk may be full, and whatever failed may fail here as well
        where = f"its details could not be written ({type(error).__name__})"
    return (
        f"csbs-conformance: this is a fault of csbs-conformance, and says nothing of the target: "
        f"{crash}; {where}"
    )


def _written(details: str) -> str:
    """The path of a new file with the details, which is its owner's alone. Raises OSError."""
    import tempfile

    file, path = tempfile.mkstemp(prefix="csbs-conformance-", suffix=".txt")
    with os.fdopen(file, "w", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(details)
    return path


def _details(error: BaseException) -> str:
    """Versions, the options without their values, and the traceback, all without secrets."""
    import platform
    import traceback

    options = [word.partition("=")[0] for word in sys.argv[1:] if word.startswith("-")]
    versions = f"Python {platform.python_version()} on {platform.system()}"
    trace = "".join(traceback.format_exception(error))
    text = f"csbs-conformance {__version__}, {versions}\noptions: {' '.join(options)}\n\n{trace}"
    return without_secrets(text)


def without_secrets(text: str) -> str:
    """The text without a secret that this process holds, or that its environment has."""
    from conformance.credentials.held import held
    from conformance.credentials.placeholders import Secrets
    from conformance.login.environment import DEFAULT_FORBIDDEN_VARIABLE, DEFAULT_TOKEN_VARIABLE
    from conformance.model import Token

    variables = {
        Token.GOOD: DEFAULT_TOKEN_VARIABLE,
        Token.FORBIDDEN: DEFAULT_FORBIDDEN_VARIABLE,
    }
    tokens = {token: os.environ.get(name, "") for token, name in variables.items()}
    found = dict.fromkeys([*held(), *(os.environ[name] for name in _secret_variables())])
    others = {f"secret-{place}": value for place, value in enumerate(found, 1)}
    return _LOGIN.sub("//", Secrets(tokens, others).redact(text))


def _secret_variables() -> Iterator[str]:
    """The variables that an option names as holding a secret, or that by their name do."""
    named = {os.environ[name] for name in os.environ if re.fullmatch("CSBS_.+_ENV", name)}
    for word, next_word in pairwise([*sys.argv[1:], ""]):
        option, _, value = word.partition("=")
        if option.endswith("-env"):
            named.add(value or next_word)
    return (name for name in os.environ if name in named or SECRET_NAME.search(name))
