"""Requests that are signed with an access key and a secret key, in place of a token.

The algorithm is Huawei Cloud's SDK-HMAC-SHA256 ("AK/SK Signing and Authentication Algorithm"). The
host and the moment are signed, and the body; other headers may be changed on the way.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from conformance.credentials.held import hold
from conformance.errors import UsageError
from conformance.urls import NoAddress, address_of

ALGORITHM = "SDK-HMAC-SHA256"
MOMENT = "X-Sdk-Date"
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """An access key, which names who signs, and the secret key that goes with it."""

    access: str = field(repr=False)
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        hold((self.access, self.secret))

    @property
    def wrong(self) -> Keys:
        """The same access key with a secret that is not its own."""
        other = hashlib.sha256(self.secret.encode()).hexdigest()
        return Keys(self.access, (other * (len(self.secret) // 64 + 1))[: len(self.secret)])


def keys_of(access: str, secret: str, option: str) -> Keys:
    """The keys. Raises UsageError where the access key, which `option` gives, can be none."""
    if "," in access or " " in access:
        raise UsageError(f"{option}: an access key has no spaces and no commas; correct it")
    return Keys(access, secret)


def signature_headers(keys: Keys, method: str, url: str, body: bytes, now: datetime) -> Headers:
    """The headers that sign a request, to be sent with it within minutes of `now`."""
    try:
        address = address_of(url)
    except NoAddress:  # nothing will be sent
        return ()
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    signed = {"host": address.authority, MOMENT.lower(): moment}
    canonical = canonical_request(method, address.target, signed, body)
    signature = signed_text(keys.secret, canonical, moment)
    names = ";".join(signed)
    credentials = f"{ALGORITHM} Access={keys.access}, SignedHeaders={names}, Signature={signature}"
    return (MOMENT, moment), ("Authorization", credentials)


def canonical_request(method: str, target: str, signed: Mapping[str, str], body: bytes) -> str:
    """The one form in which both sides write a request down.

    `target` is the path with the query, as it is sent; `signed` are the headers that are signed,
    by their names in lower case and in alphabetical order.
    """
    path, _, query = target.partition("?")
    segments = [_encoded(unquote_to_bytes(segment)) for segment in path.split("/")]
    written = "/".join(segments)
    pairs = parse_qsl(query, keep_blank_values=True, encoding="latin-1")
    parameters = sorted((_encoded(name), _encoded(value)) for name, value in pairs)
    return "\n".join(
        [
            method.upper(),
            written if written.endswith("/") else f"{written}/",
            "&".join(f"{name}={value}" for name, value in parameters),
            *(f"{name}:{value.strip()}" for name, value in signed.items()),
            "",
            ";".join(signed),
            hashlib.sha256(body).hexdigest(),
        ]
    )


def signed_text(secret: str, canonical: str, moment: str) -> str:
    """The signature of a request in its canonical form."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join([ALGORITHM, moment, digest])
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _encoded(text: str | bytes) -> str:
    """Percent-encoded but for the unreserved characters (RFC 3986, section 2.3)."""
    data = text.encode("latin-1") if isinstance(text, str) else text
    return quote(data, safe="-_.~")
