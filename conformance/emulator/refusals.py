"""Every refusal of the emulator, one method each: its status, error code and message."""

from conformance.emulator.error_codes import BY_CODE, ErrorCode
from conformance.emulator.messages import Headers, Refusal
from conformance.emulator.world import Policy, Server, Token

_SHOWN_CHARACTERS = 80


class Refusals:
    """The refusals; override one to change how a request is turned down."""

    def refusal(self, code: ErrorCode, name: str = "", headers: Headers = ()) -> Refusal:
        """Return the refusal of a row of the error table, about the object called ``name``."""
        shown = name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}..."
        return Refusal(code.status, code.code, code.text(shown), headers)

    def unknown_path(self) -> Refusal:
        """Nothing is served at the path: 404."""
        return self.refusal(ErrorCode.NOT_FOUND, "path")

    def method_not_allowed(self, allowed: str) -> Refusal:
        """The path knows other methods only: 405 with ``Allow`` (RFC 9110 section 15.5.6)."""
        return self.refusal(ErrorCode.METHOD_NOT_ALLOWED, allowed, (("Allow", allowed),))

    def no_token(self) -> Refusal:
        """The request carries no token: 401 with a challenge (RFC 9110 section 15.5.2)."""
        return self.refusal(ErrorCode.NOT_AUTHENTICATED, "no token", self.challenge())

    def bad_token(self) -> Refusal:
        """Nobody has the token: 401 with a challenge (RFC 9110 section 15.5.2)."""
        return self.refusal(ErrorCode.NOT_AUTHENTICATED, "bad token", self.challenge())

    def challenge(self) -> Headers:
        """Return the field that says how to log in."""
        return (("WWW-Authenticate", 'Keystone realm="csbs"'),)

    def no_permission(self, token: Token) -> Refusal:
        """The token is valid, but may not do this: 403."""
        return self.refusal(ErrorCode.NOT_PERMITTED)

    def body_too_large(self, limit: int) -> Refusal:
        """The body has more than ``limit`` bytes: 413."""
        return self.refusal(ErrorCode.BODY_TOO_LARGE, str(limit))

    def other_media_type(self) -> Refusal:
        """The body does not say that it is JSON: 400."""
        return self.refusal(ErrorCode.MALFORMED_REQUEST, "Content-Type is not application/json")

    def content_coding(self) -> Refusal:
        """The body has a content coding: 415 (RFC 9110 section 15.5.16)."""
        return self.refusal(ErrorCode.MALFORMED_REQUEST, "no content coding").with_status(415)

    def malformed_body(self, reason: str) -> Refusal:
        """The body is not JSON in UTF-8: 400."""
        return self.refusal(ErrorCode.MALFORMED_REQUEST, f"the body is not JSON ({reason})")

    def missing_field(self, name: str) -> Refusal:
        """A mandatory field is left out: 400."""
        return self.refusal(ErrorCode.MALFORMED_REQUEST, f"{name} is missing")

    def wrong_type(self, name: str, wanted: str) -> Refusal:
        """A field is of another type than the table says: 400."""
        return self.refusal(ErrorCode.MALFORMED_REQUEST, f"{name} is not {wanted}")

    def bad_query(self, name: str, wanted: str) -> Refusal:
        """A query parameter cannot be understood: 400."""
        return self.refusal(ErrorCode.MALFORMED_REQUEST, f"{name} is not {wanted}")

    def wrong_provider(self, provider_id: str) -> Refusal:
        """The provider is not that of CSBS: 400 CSBS.9001."""
        return self.refusal(ErrorCode.PROVIDER_INVALID)

    def unknown_project(self, project_id: str) -> Refusal:
        """The project does not exist or is not the token's; which, is not told: 404."""
        return self.refusal(ErrorCode.NOT_FOUND, f"project {project_id}")

    def unknown_policy(self, plan_id: str) -> Refusal:
        """The project has no such policy: 404 CSBS.3000."""
        return self.refusal(ErrorCode.PLAN_NOT_FOUND)

    def unknown_server(self, server_id: str) -> Refusal:
        """The policy has no such server: 400 CSBS.6000."""
        return self.refusal(ErrorCode.SERVER_MISSING)

    def unknown_backup(self, backup_id: str) -> Refusal:
        """The project has no such backup, or no longer: 404 CSBS.3001."""
        return self.refusal(ErrorCode.BACKUP_NOT_FOUND, backup_id)

    def backup_busy(self) -> Refusal:
        """A backup is being made or deleted, and cannot be deleted now: 400 CSBS.2003."""
        return self.refusal(ErrorCode.ITEM_EXECUTING)

    def policy_without_servers(self, policy: Policy) -> Refusal:
        """The policy protects nothing: 500 CSBS.6032, as published."""
        return self.refusal(ErrorCode.PLAN_WITHOUT_RESOURCE)

    def policy_busy(self, policy: Policy) -> Refusal:
        """The policy was executed a moment ago: 400 CSBS.2003."""
        return self.refusal(ErrorCode.ITEM_EXECUTING)

    def quota_exceeded(self) -> Refusal:
        """No execution is left: 400 CSBS.9006."""
        return self.refusal(ErrorCode.QUOTA_EXCEEDED, "checkpoints")

    def server_unfit(self, server: Server, state: str) -> Refusal:
        """The server is in a state that no backup can be made in: the published code."""
        return self.refusal(BY_CODE[state], server.id)
