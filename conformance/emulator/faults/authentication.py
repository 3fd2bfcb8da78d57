"""Faults in telling who is asking (401, 403)."""
# ruff: noqa: D102

import json
from collections.abc import Callable
from datetime import datetime

from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Refusal, Request, Response
from conformance.emulator.service import Service, utc_now
from conformance.emulator.world import Token, World


def plainly(request: Request) -> str:
    """The JSON in a body as Python writes it; the text of the body where it is no JSON."""
    try:
        return json.dumps(json.loads(request.body))
    except (ValueError, RecursionError):
        return request.body.decode("utf-8", "replace")


def names_servers(request: Request) -> bool:
    """Whether a body names servers, however it is written."""
    return '"resources"' in plainly(request)


class LetsIn(Service):
    """Has a user whom it takes requests to come from, where it should refuse them."""

    @property
    def somebody(self) -> Token:
        """A token that may do everything."""
        return next(token for token in self.world.tokens if token.permitted)


@fault("no-token-needed", breaks="S401.no-token")
class NoTokenNeeded(LetsIn):
    """Without a token the request passes as an internal one."""

    def authenticate(self, request: Request) -> Token:
        return super().authenticate(request) if self.token_value(request) else self.somebody


@fault("empty-token-passes", breaks="S401.no-token")
class EmptyTokenPasses(LetsIn):
    """The header is looked for, not into: an empty token passes."""

    def authenticate(self, request: Request) -> Token:
        return self.somebody if self.token_value(request) == "" else super().authenticate(request)


@fault("absent-token-passes", breaks="S401.no-token")
class AbsentTokenPasses(LetsIn):
    """A token is checked only where the header is there."""

    def authenticate(self, request: Request) -> Token:
        return self.somebody if self.token_value(request) is None else super().authenticate(request)


@fault("no-token-forbidden", breaks="S401.no-token")
class NoTokenForbidden(Service):
    """A request without a token is refused with 403."""

    def no_token(self) -> Refusal:
        return super().no_token().with_status(403)


@fault("no-token-is-a-bad-request", breaks="S401.no-token")
class NoTokenIsABadRequest(Service):
    """A missing token is a missing parameter: 400."""

    def no_token(self) -> Refusal:
        return super().no_token().with_status(400)


@fault("no-token-needed-after-a-good-one", breaks="S401.no-token")
class NoTokenNeededAfterAGoodOne(Service):
    """Once a token was seen, later requests without one are taken to come from the same user."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._last: Token | None = None

    def authenticate(self, request: Request) -> Token:
        if not self.token_value(request) and self._last:
            return self._last
        token = super().authenticate(request)
        if token.permitted:
            self._last = token
        return token


@fault("no-token-needed-to-trigger", breaks="S401.no-token")
class NoTokenNeededToTrigger(LetsIn):
    """The scheduler has no token, so where ``auto_trigger`` is true none is needed."""

    def authenticate(self, request: Request) -> Token:
        if '"auto_trigger": true' in plainly(request) and not self.token_value(request):
            return self.somebody
        return super().authenticate(request)


@fault("any-token-passes", breaks="S401.bad-token", follows=("S401.near-miss",))
class AnyTokenPasses(LetsIn):
    """A token is looked for and never checked."""

    def is_checked(self, request: Request) -> bool:
        """Whether the token of a request is checked."""
        return False

    def authenticate(self, request: Request) -> Token:
        known = {token.value for token in self.world.tokens}
        value = self.token_value(request)
        if value and value not in known and not self.is_checked(request):
            return self.somebody
        return super().authenticate(request)


@fault("token-only-well-formed", breaks="S401.bad-token")
class TokenOnlyWellFormed(LetsIn):
    """A token only has to look like one: 64 hexadecimal digits."""

    def authenticate(self, request: Request) -> Token:
        value = self.token_value(request) or ""
        if len(value) == 64 and not value.strip("0123456789abcdef"):
            return self.somebody
        return super().authenticate(request)


@fault("token-of-one-character", breaks="S401.bad-token")
class TokenOfOneCharacter(LetsIn):
    """A debugging token of one character was left in."""

    def authenticate(self, request: Request) -> Token:
        return (
            self.somebody
            if len(self.token_value(request) or "") == 1
            else super().authenticate(request)
        )


@fault("bad-token-forbidden", breaks="S401.bad-token", follows=("S401.near-miss",))
class BadTokenForbidden(Service):
    """A token that nobody has is refused with 403."""

    def bad_token(self) -> Refusal:
        return super().bad_token().with_status(403)


@fault("bad-token-not-found", breaks="S401.bad-token", follows=("S401.near-miss",))
class BadTokenNotFound(Service):
    """A token that nobody has is not found: 404."""

    def bad_token(self) -> Refusal:
        return super().bad_token().with_status(404)


@fault("token-checked-after-the-body", breaks="S401.bad-token", follows=("S401.near-miss",))
class TokenCheckedAfterTheBody(AnyTokenPasses):
    """The token is checked where the policy is read, and servers are backed up without a check."""

    def is_checked(self, request: Request) -> bool:
        return not names_servers(request)


@fault("token-shortened", breaks="S401.near-miss")
class TokenShortened(Service):
    """The beginning of a token is enough."""

    def same_token(self, known: str, sent: str) -> bool:
        return known.startswith(sent) and len(sent) > 1


@fault("token-extended", breaks="S401.near-miss")
class TokenExtended(Service):
    """What follows the token is ignored: a prefix is compared."""

    def same_token(self, known: str, sent: str) -> bool:
        return sent.startswith(known)


@fault("token-behind-bearer", breaks="S401.near-miss")
class TokenBehindBearer(Service):
    """A header is read as that of other services: the word before the token is taken off."""

    def same_token(self, known: str, sent: str) -> bool:
        return super().same_token(known, sent.removeprefix("Bearer "))


@fault("token-cut-to-its-column", breaks="S401.near-miss")
class TokenCutToItsColumn(Service):
    """A column holds 26 characters of a token, and only those are compared."""

    def same_token(self, known: str, sent: str) -> bool:
        return sent[:26] == known[:26]


@fault("token-end-compared", breaks="S401.near-miss")
class TokenEndCompared(Service):
    """The last twelve characters are compared."""

    def same_token(self, known: str, sent: str) -> bool:
        return sent[-12:] == known[-12:]


@fault("token-found-within", breaks="S401.near-miss")
class TokenFoundWithin(Service):
    """``known in sent``: the token may have something before and behind it."""

    def same_token(self, known: str, sent: str) -> bool:
        return known in sent


@fault("token-case-ignored", breaks="S401.near-miss")
class TokenCaseIgnored(Service):
    """The collation of the database ignores case."""

    def same_token(self, known: str, sent: str) -> bool:
        return known.lower() == sent.lower()


@fault("token-unfolded", breaks="S401.near-miss")
class TokenUnfolded(Service):
    """White space is taken out of a token, which mails wrap."""

    def same_token(self, known: str, sent: str) -> bool:
        return known == "".join(sent.split())


@fault("permission-asked-for-in-one-spelling", breaks="S403.forbidden-token")
class PermissionAskedForInOneSpelling(Service):
    """The role is looked up by the token of a header in one spelling, and is one without it."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        self._is_seen = any(name == "X-Auth-Token" for name, _ in request.headers)
        return super().execute_policy(request, project_id, provider_id)

    def authorise(self, token: Token) -> None:
        if self._is_seen:
            super().authorise(token)


@fault("token-checksum-compared", breaks="S401.near-miss")
class TokenChecksumCompared(Service):
    """Beginning, end and length are compared, which a changed middle survives."""

    def same_token(self, known: str, sent: str) -> bool:
        return (known[:8], known[-8:], len(known)) == (sent[:8], sent[-8:], len(sent))


@fault("shortened-token-forbidden", breaks="S401.near-miss")
class ShortenedTokenForbidden(Service):
    """The beginning of a token is found, and then found to have no role: 403."""

    def authenticate(self, request: Request) -> Token:
        value = self.token_value(request) or ""
        for token in self.world.tokens:
            if (
                token.permitted
                and len(value) > 1
                and token.value.startswith(value) != (token.value == value)
            ):
                raise self.no_permission(token)
        return super().authenticate(request)


@fault("denied-by-the-beginning-of-a-token", breaks="S401.near-miss")
class DeniedByTheBeginningOfAToken(Service):
    """A list of who is denied is asked before the login, by the beginning of the token: 403."""

    def authenticate(self, request: Request) -> Token:
        value = self.token_value(request) or ""
        for token in self.world.tokens:
            if not token.permitted and value.startswith(token.value[:48]):
                raise self.no_permission(token)
        return super().authenticate(request)


@fault("permission-never-checked", breaks="S403.forbidden-token")
class PermissionNeverChecked(Service):
    """Who is logged in may do everything."""

    def authorise(self, token: Token) -> None:
        pass


@fault("permission-not-checked-for-servers", breaks="S403.forbidden-token")
class PermissionNotCheckedForServers(Service):
    """The permission is checked for whole policies, not for servers."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        self._unchecked = names_servers(request)
        return super().execute_policy(request, project_id, provider_id)

    def authorise(self, token: Token) -> None:
        if not self._unchecked:
            super().authorise(token)


@fault("no-permission-unauthenticated", breaks="S403.forbidden-token")
class NoPermissionUnauthenticated(Service):
    """A token without the permission is refused with 401."""

    def no_permission(self, token: Token) -> Refusal:
        return super().no_permission(token).with_status(401)


@fault("no-permission-hidden", breaks="S403.forbidden-token")
class NoPermissionHidden(Service):
    """A token without the permission is answered with 404, to tell nothing."""

    def no_permission(self, token: Token) -> Refusal:
        return super().no_permission(token).with_status(404)


@fault("no-permission-is-a-bad-request", breaks="S403.forbidden-token")
class NoPermissionIsABadRequest(Service):
    """A token without the permission is refused with 400."""

    def no_permission(self, token: Token) -> Refusal:
        return super().no_permission(token).with_status(400)
