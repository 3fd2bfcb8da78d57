"""A request as a curl command for a POSIX shell: copied and pasted, it repeats the exchange.

Secrets are taken from the environment, `CSBS_TOKEN` and `CSBS_FORBIDDEN_TOKEN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from conformance.credentials.braces import OPEN, plain, plain_body
from conformance.credentials.placeholders import (
    DERIVATIONS,
    PLACEHOLDER,
    RECORDED_SECRET,
    RECORDED_TOKEN,
    Derivation,
)
from conformance.model import Request, Token, has_small_names, header
from conformance.text import without_login

UNKNOWN_BODY = (
    "",
    "--data-binary @body",
    ["# its body was not recorded: save one to the file `body` first"],
)
LONGEST_BODY = 2048
"""Longer bodies are not in the command."""
VARIABLES = {
    Token.GOOD.value: "CSBS_TOKEN",
    Token.FORBIDDEN.value: "CSBS_FORBIDDEN_TOKEN",
    RECORDED_TOKEN.strip("{}"): "CSBS_TOKEN",
}
_PIPED = '$(printf %s "$CSBS_TOKEN" | '
_CASE = (
    '{n=length($0);s="";for(i=1;i<n;i++){c=substr($0,i,1);u=toupper(c);'
    "s=s (c==u?tolower(c):u)};s=s substr($0,n);if(s==$0){m=int(n/2);"
    's=substr($0,1,m) (substr($0,m+1,1)=="A"?"B":"A") substr($0,m+2)};printf "%s",s}'
)
_TRANSPOSED = (
    "{n=length($0);for(i=n-2;i>=1&&substr($0,i,1)==substr($0,i+1,1);i--);"
    "if(i>=1)s=substr($0,1,i-1) substr($0,i+1,1) substr($0,i,1) substr($0,i+2);"
    'else{m=int(n/2);s=substr($0,1,m) (substr($0,m+1,1)=="A"?"B":"A") substr($0,m+2)}'
    'printf "%s",s}'
)


def _changed(quarters: int) -> str:
    place = f"m = int(length($0) * {quarters} / 4)"
    other = 'c = substr($0, m + 1, 1) == "A" ? "B" : "A"'
    return f"awk '{{{place}; {other}; print substr($0, 1, m) c substr($0, m + 2)}}'"


def _in_the_middle(symbol: str) -> str:
    program = '{m = int(length($0) / 2); printf "%s", substr($0, 1, m) "'
    return f"awk '{program}{symbol}\" substr($0, m + 1)}}')"


NEAR_MISSES = {
    Derivation.EXTENDED: ("with AAAA behind it", "${CSBS_TOKEN}AAAA"),
    Derivation.PRECEDED: ("behind the word Bearer", "Bearer ${CSBS_TOKEN}"),
    Derivation.TRUNCATED: (
        "without its last quarter",
        _PIPED + "cut -c 1-$((${#CSBS_TOKEN} - ${#CSBS_TOKEN} / 4)))",
    ),
    Derivation.HALVED: ("without its second half", _PIPED + "cut -c 1-$((${#CSBS_TOKEN} / 2)))"),
    Derivation.BEHEADED: (
        "without its first quarter",
        _PIPED + "cut -c $((${#CSBS_TOKEN} / 4 + 1))-)",
    ),
    Derivation.LISTED: ("with a comma and AAAA behind it", "${CSBS_TOKEN}, AAAA"),
    Derivation.DOUBLED: ("twice in a row", "${CSBS_TOKEN}${CSBS_TOKEN}"),
    Derivation.QUOTED: ("in quotation marks", '\\"${CSBS_TOKEN}\\"'),
    Derivation.SYMBOL_INSERTED: ("with * in the middle", _PIPED + _in_the_middle("*")),
    Derivation.SPACED: ("with a space in the middle", _PIPED + _in_the_middle(" ")),
    Derivation.BYTE_INSERTED: (
        "with a byte above 127 (351 octal) in the middle",
        _PIPED + _in_the_middle("\\351"),
    ),
    Derivation.EARLY_CHANGED: (
        "with another character after its first quarter",
        f"{_PIPED}{_changed(1)})",
    ),
    Derivation.MIDDLE_CHANGED: (
        "with another character in the middle",
        f"{_PIPED}{_changed(2)})",
    ),
    Derivation.LATE_CHANGED: (
        "with another character after its third quarter",
        f"{_PIPED}{_changed(3)})",
    ),
    Derivation.TRANSPOSED: (
        "with two neighbouring characters exchanged",
        f"{_PIPED}awk '{_TRANSPOSED}')",
    ),
    Derivation.OTHER_CASE: (
        "with upper and lower case exchanged, but for the last character",
        _PIPED + f"awk '{_CASE}')",
    ),
}
"""How each near-miss of a token differs from it, and what makes it from the good one's variable."""
WHOSE = {Token.GOOD.value: "the token", Token.FORBIDDEN.value: "the token without permission,"}
"""What each token is called whose near-misses are sent."""

_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NO_TOKEN = re.compile(r"[^!-~]")
_PLAIN_WORD = re.compile(r"[A-Za-z]+")
_LEFT_TO_CURL = frozenset({"content-length", "transfer-encoding"})
_ADDED_BY_CURL = ("User-Agent", "Accept")
_WITHOUT_A_BODY = frozenset({"GET", "DELETE"})
_NEEDLESS_BRACES = re.compile(r"\$\{(CSBS_[A-Z_]+)\}(?![A-Za-z0-9_])")
_GAP, _LONG_GAP = re.compile(" {32,}"), re.compile(b" {32,}")
_SPECIAL = re.compile(r'[\\"$`!]')


def curl_command(request: Request, exchange: str = "", longest: int = LONGEST_BODY) -> str:
    """The command that sends `request` again.

    `exchange` is named where its body is longer than `longest`, so that it is not in the command.
    """
    comments = [f"# {WHOSE[token]} {NEAR_MISSES[how][0]}" for token, how in _near_misses(request)]
    if any(value.startswith("{{signature") for _, value in request.headers):
        comments.append("# the request was signed: sign it anew, and put that for {{signature}}")
    if any(RECORDED_SECRET in value for _, value in request.headers):
        comments.append(f"# a secret was not kept: put one for {RECORDED_SECRET}")
    if not request.all_headers:
        comments.append("# not all of its headers were recorded")
    url = _printable_url(without_login(request.url))
    method = _NO_TOKEN.sub("?", request.method)
    curl = ["curl -i -sS"]
    if any(mark in plain(url) for mark in "[]{}"):
        curl.append("-g")  # or curl takes them for a range of URLs
    if "/." in url:
        curl.append("--path-as-is")
    if method != "GET":
        curl.append(f"-X {_word(method)}")
    lines = [" ".join([*curl, f"--url {_word(url)}"])]
    for name, value in request.headers:
        if name.lower() in _LEFT_TO_CURL:
            continue
        if _FIELD_NAME.fullmatch(name) and value.isprintable():
            lines.append(f"-H {_word(f'{name}: {value}' if value.strip() else f'{name};')}")
        else:
            comments.append(f"# a header is left out, since no command can spell it: {name!a}")
    if has_small_names(request.headers) and request.whole and request.body:
        # curl itself would write the name with capitals
        lines.append(f"-H 'content-length: {len(plain_body(request.body))}'")
    lines += [f"-H '{name}:'" for name in _suppressed(request)]
    if header(request.headers, "Accept-Encoding"):
        lines.append("--compressed")
    before = ""
    if request.method not in _WITHOUT_A_BODY or request.body:
        is_known = request.whole
        before, data, note = _body(request.body, exchange, longest) if is_known else UNKNOWN_BODY
        lines.append(data)
        comments += note
    return "\n".join([*comments, before + " \\\n  ".join(lines)])


def _suppressed(request: Request) -> Iterator[str]:
    """The headers that curl would add and the request does not have."""
    is_bare = request.method in _WITHOUT_A_BODY
    added = _ADDED_BY_CURL if is_bare else (*_ADDED_BY_CURL, "Content-Type")
    yield from (name for name in added if header(request.headers, name) is None)


def _body(body: bytes, exchange: str, longest: int) -> tuple[str, str, list[str]]:
    """What comes before curl, the option that gives the body, and comments."""
    if len(_LONG_GAP.sub(b"", body)) > longest:
        note = f"# body: {len(body)} bytes, see exchange {exchange!a} in journal.ndjson;"
        return "", "--data-binary @body", [note, "# save it to the file `body` first"]
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if not _LONG_GAP.search(body) and text.replace("\n", "").replace("\t", "").isprintable():
        return "", f"--data-raw {_word(text)}", []
    return f"{_printf(plain_body(body))} | ", "--data-binary @-", []


def _printf(data: bytes) -> str:
    """A command that writes any bytes: `printf` with what does not print in octal.

    Many spaces are written as the width of an empty text.
    """
    text = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b"'\\%" else f"\\{byte:03o}"
        for byte in data
    )
    text = _GAP.sub(lambda gap: f"%{len(gap[0])}s", text)
    if text.startswith("-"):  # or it is taken for an option
        text = "\\055" + text[1:]
    return f"printf '{text}'"


def _word(stored: str) -> str:
    """A stored text as one word of the shell, with variables where its placeholders were."""
    pieces = _pieces(stored)
    if not any(is_variable for is_variable, _ in pieces):
        text = "".join(piece for _, piece in pieces)
        return text if _PLAIN_WORD.fullmatch(text) else _single_quoted(text)
    if not any(_SPECIAL.search(piece) for is_variable, piece in pieces if not is_variable):
        text = "".join(piece for _, piece in pieces)
        return '"' + _NEEDLESS_BRACES.sub(r"$\1", text) + '"'
    return "".join(
        f'"{piece}"' if is_variable else _single_quoted(piece) for is_variable, piece in pieces
    )


def _printable_url(url: str) -> str:
    return "".join(c if c.isprintable() else quote(c, errors="replace") for c in url)


def _single_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _pieces(stored: str) -> list[tuple[bool, str]]:
    """A stored text as literal pieces and, marked, expressions for placeholders."""
    pieces: list[tuple[bool, str]] = []
    end = 0
    for match in PLACEHOLDER.finditer(stored):
        if (expression := _expression(match)) is not None:
            pieces += [(False, stored[end : match.start()]), expression]
            end = match.end()
    pieces.append((False, stored[end:]))
    return [piece for piece in pieces if piece[1]]


def _expression(match: re.Match[str]) -> tuple[bool, str] | None:
    name, how = match.groups()
    if match[0] == OPEN:
        return False, "{{"
    if name not in VARIABLES or (how and how not in DERIVATIONS):
        return None
    if how:
        return True, near_miss(DERIVATIONS[how], VARIABLES[name])
    return True, f"${{{VARIABLES[name]}}}"


def near_miss(how: Derivation, variable: str) -> str:
    """What makes a near-miss of the token in a variable, within a word in double quotes."""
    return NEAR_MISSES[how][1].replace(VARIABLES[Token.GOOD.value], variable)


def _near_misses(request: Request) -> Iterator[tuple[str, Derivation]]:
    for _, value in request.headers:
        for match in PLACEHOLDER.finditer(value):
            if match[1] in WHOSE and match[2] in DERIVATIONS:
                yield match[1], DERIVATIONS[match[2]]
