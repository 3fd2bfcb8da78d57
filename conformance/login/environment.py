"""Tokens and keys in environment variables."""

from __future__ import annotations

import os
import re

from conformance.credentials.signing import Keys, keys_of
from conformance.errors import UsageError
from conformance.model import Token

DEFAULT_TOKEN_VARIABLE = "CSBS_TOKEN"
DEFAULT_FORBIDDEN_VARIABLE = "CSBS_FORBIDDEN_TOKEN"
_NAME_OF_A_VARIABLE = re.compile("[A-Z]{1,20}(_[A-Z]{1,20}){0,5}")
"""Names that are repeated in a message. Others might be a token, given in place of its name."""


def tokens_from_environment(
    token_variable: str | None, forbidden_variable: str | None
) -> dict[Token, str]:
    """The tokens in the environment; None as a name stands for the default variable.

    Raises UsageError where the good token, or one whose variable was named, is not there, or where
    a token cannot be sent in a header.
    """
    good = token_variable or DEFAULT_TOKEN_VARIABLE
    return {Token.GOOD: _variable(good, "--token-env"), **forbidden_token(forbidden_variable)}


def forbidden_token(variable: str | None) -> dict[Token, str]:
    """The token without permission in the environment, if there is one.

    Raises UsageError where its variable was named and is not set, or holds no token.
    """
    name = variable or DEFAULT_FORBIDDEN_VARIABLE
    if not variable and not os.environ.get(name):
        return {}
    return {Token.FORBIDDEN: _variable(name, "--forbidden-token-env")}


def keys_from_environment(access_variable: str, secret_variable: str) -> Keys:
    """The access key and the secret key in two environment variables.

    Raises UsageError where one is not there, or cannot be one.
    """
    access = _variable(access_variable, "--ak-env")
    return keys_of(access, _variable(secret_variable, "--sk-env"), "--ak-env")


def _variable(name: str, option: str) -> str:
    value = os.environ.get(name, "").strip()
    is_name = bool(_NAME_OF_A_VARIABLE.fullmatch(name))
    if not value:
        named = f"the environment variable {name} is not set; export it first"
        unnamed = "no environment variable has that name; give a name, not the token itself"
        raise UsageError(f"{option}: {named if is_name else unnamed}")
    if not value.isascii() or not value.isprintable():
        named = name if is_name else "the variable"
        raise UsageError(f"{option}: {named} holds characters that no header can carry")
    return value
