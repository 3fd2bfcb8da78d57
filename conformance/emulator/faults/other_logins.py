"""Faults in where a token is looked for, and in what of it is compared (401)."""
# ruff: noqa: D102

import base64
import binascii
import json

from conformance.emulator.faults.authentication import LetsIn
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Request
from conformance.emulator.service import Service
from conformance.emulator.world import Token


class LetsInElsewhere(LetsIn):
    """Takes a request without a token for somebody's, by what else it carries."""

    def is_let_in(self, request: Request) -> bool:
        """Whether the request passes without a token."""
        return False

    def authenticate(self, request: Request) -> Token:
        if not self.token_value(request) and self.is_let_in(request):
            return self.somebody
        return super().authenticate(request)


@fault("token-in-quotes-passes", breaks="S401.near-miss")
class TokenInQuotesPasses(Service):
    """Quotation marks around the token are taken off, for those who copied it out of JSON."""

    def same_token(self, known: str, sent: str) -> bool:
        return super().same_token(known, sent.strip('"'))


@fault("token-before-a-comma-passes", breaks="S401.near-miss")
class TokenBeforeACommaPasses(Service):
    """A header that came twice is a list, of which the first counts; the token is not that."""

    def same_token(self, known: str, sent: str) -> bool:
        return super().same_token(known, sent.partition(",")[0])


@fault("any-cookie-passes", breaks="S401.no-token")
class AnyCookiePasses(LetsInElsewhere):
    """A session cookie stands in for the token, and nobody asks whose it is."""

    def is_let_in(self, request: Request) -> bool:
        return "session" in (request.header("Cookie") or "")


@fault("any-bearer-passes", breaks="S401.no-token")
class AnyBearerPasses(LetsInElsewhere):
    """A bearer token is left to a gateway that does not look at it."""

    def is_let_in(self, request: Request) -> bool:
        return (request.header("Authorization") or "").startswith("Bearer ")


@fault("any-token-in-the-query-passes", breaks="S401.no-token")
class AnyTokenInTheQueryPasses(LetsInElsewhere):
    """For links in mails, a token may stand in the query; that one is not checked."""

    def is_let_in(self, request: Request) -> bool:
        return bool(request.query.get("token"))


@fault("identity-headers-trusted", breaks="S401.no-token")
class IdentityHeadersTrusted(LetsInElsewhere):
    """What the middleware sets is believed, also where the client set it."""

    def is_let_in(self, request: Request) -> bool:
        return request.header("X-Identity-Status") == "Confirmed"


@fault("unsigned-token-passes", breaks="S401.bad-token")
class UnsignedTokenPasses(LetsIn):
    """A signed token may say that it has no signature (``alg: none``)."""

    def authenticate(self, request: Request) -> Token:
        head = (self.token_value(request) or "").partition(".")[0]
        try:
            claims = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        except (ValueError, binascii.Error):
            claims = None
        if isinstance(claims, dict) and claims.get("alg") == "none":
            return self.somebody
        return super().authenticate(request)


@fault("bytes-in-a-token-skipped", breaks="S401.near-miss")
class BytesInATokenSkipped(Service):
    """What is not ASCII in a token is dropped before it is compared."""

    def same_token(self, known: str, sent: str) -> bool:
        return known == sent.encode("ascii", "ignore").decode()


@fault("odd-bytes-in-a-token-not-found", breaks="S401.near-miss")
class OddBytesInATokenNotFound(Service):
    """A token that is not ASCII belongs to nobody: 404."""

    def same_token(self, known: str, sent: str) -> bool:
        if not sent.isascii():
            raise self.bad_token().with_status(404)
        return super().same_token(known, sent)
