"""Faults that respond 500 to a bad request."""
# ruff: noqa: D102

import json
from collections.abc import Mapping

from conformance.emulator.faults.parts import crash
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import CheckpointReq, Refusal, Request, Response
from conformance.emulator.service import Service
from conformance.emulator.world import Policy, Server


@fault("missing-plan-id-crashes", breaks="S500.bad-request")
class MissingPlanIdCrashes(Service):
    """``checkpoint["plan_id"]`` without a check: 500."""

    def missing_field(self, name: str) -> Refusal:
        return crash() if name == "plan_id" else super().missing_field(name)


@fault("missing-checkpoint-crashes", breaks="S500.bad-request")
class MissingCheckpointCrashes(Service):
    """``body["checkpoint"]`` without a check: 500."""

    def missing_field(self, name: str) -> Refusal:
        return crash() if name == "checkpoint" else super().missing_field(name)


@fault("shape-taken-for-granted", breaks="S500.bad-request")
class ShapeTakenForGranted(Service):
    """Objects are taken for objects and fields for given, none of it checked: 500."""

    def missing_field(self, name: str) -> Refusal:
        return crash()

    def wrong_type(self, name: str, wanted: str) -> Refusal:
        return crash() if wanted == "an object" else super().wrong_type(name, wanted)


@fault("null-parameters-crash", breaks="S500.bad-request")
class NullParametersCrash(Service):
    """``parameters`` null has no methods: 500."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        if parameters is None:
            raise crash()
        return super().read_parameters(parameters)


@fault("list-as-body-crashes", breaks="S500.bad-request")
class ListAsBodyCrashes(Service):
    """A body that is a list has no names: 500."""

    def read_body(self, body: object) -> CheckpointReq:
        if self.is_list(body):
            raise crash()
        return super().read_body(body)


@fault("plan-id-of-wrong-type-crashes", breaks="S500.bad-request")
class PlanIdOfWrongTypeCrashes(Service):
    """A ``plan_id`` that is a list or an object cannot be looked up: 500."""

    def read_plan_id(self, plan_id: object) -> str:
        if isinstance(plan_id, list | dict):
            raise crash()
        return super().read_plan_id(plan_id)


@fault("number-as-item-crashes", breaks="S500.bad-request")
class NumberAsItemCrashes(Service):
    """An item of ``resources`` that is a number has no length: 500."""

    def read_resource(self, resource: object) -> str:
        if isinstance(resource, int | float):
            raise crash()
        return super().read_resource(resource)


@fault("deep-nesting-crashes", breaks="S500.bad-request")
class DeepNestingCrashes(Service):
    """A body that is nested deeply overflows the stack: 500."""

    def malformed_body(self, reason: str) -> Refusal:
        return crash() if "deep" in reason else super().malformed_body(reason)


@fault("bad-json-crashes", breaks="S500.bad-request")
class BadJsonCrashes(Service):
    """The error of the JSON reader is caught by nobody: 500."""

    def malformed_body(self, reason: str) -> Refusal:
        return crash() if reason == "syntax" else super().malformed_body(reason)


@fault("extended-json-crashes", breaks="S500.bad-request")
class ExtendedJsonCrashes(Service):
    """A strict reader throws at whatever RFC 8259 does not have, and nobody catches it: 500."""

    def parse_body(self, request: Request) -> object:
        try:
            json.loads(request.body or b"{}", parse_constant=float.fromhex)
        except (ValueError, RecursionError):
            raise crash() from None
        return super().parse_body(request)


@fault("bad-utf-8-crashes", breaks="S500.bad-request")
class BadUtf8Crashes(Service):
    """Bytes that are no UTF-8 are caught by nobody: 500."""

    def malformed_body(self, reason: str) -> Refusal:
        return crash() if reason == "not UTF-8" else super().malformed_body(reason)


@fault("empty-body-crashes", breaks="S500.bad-request")
class EmptyBodyCrashes(Service):
    """A request without a body has no stream to read: 500."""

    def check_body_size(self, body: bytes) -> None:
        if not body:
            raise crash()
        super().check_body_size(body)


@fault(
    "unknown-policy-crashes",
    breaks="S500.bad-request",
    follows=("T3.plan_id.spelling",),
    on={"lax": ()},
)
class UnknownPolicyCrashes(Service):
    """A policy that does not exist is dereferenced: 500."""

    def unknown_policy(self, plan_id: str) -> Refusal:
        return crash()


@fault("unknown-server-crashes", breaks="S500.bad-request")
class UnknownServerCrashes(Service):
    """A server that does not exist is dereferenced: 500."""

    def unknown_server(self, server_id: str) -> Refusal:
        return crash()


@fault("quote-in-plan-id-crashes", breaks="S500.bad-request")
class QuoteInPlanIdCrashes(Service):
    """A quote in ``plan_id`` breaks the statement it is pasted into: 500."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        if "'" in plan_id:
            raise crash()
        return super().look_up_policy(plan_id)


@fault("zero-in-plan-id-crashes", breaks="S500.bad-request")
class ZeroInPlanIdCrashes(Service):
    """The database takes no zero character: 500."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        if "\0" in plan_id:
            raise crash()
        return super().look_up_policy(plan_id)


@fault("long-plan-id-crashes", breaks="S500.bad-request")
class LongPlanIdCrashes(Service):
    """A ``plan_id`` longer than its column: 500."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        if len(plan_id) > 255:
            raise crash()
        return super().look_up_policy(plan_id)


@fault("astral-character-crashes", breaks="S500.bad-request")
class AstralCharacterCrashes(Service):
    """The database takes characters of at most three bytes: 500."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        if any(character > "\uffff" for character in plan_id):
            raise crash()
        return super().look_up_policy(plan_id)


@fault("many-servers-crash", breaks="S500.bad-request")
class ManyServersCrash(Service):
    """A statement takes at most thirty parameters: 500."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        named = super().read_resources(resources)
        if len(named or ()) > 30:
            raise crash()
        return named


@fault(
    "wrong-provider-crashes",
    breaks="S500.bad-request",
    follows=("T1.provider_id.spelling",),
    on={"lax": ()},
)
class WrongProviderCrashes(Service):
    """The provider's module cannot be loaded: 500."""

    def wrong_provider(self, provider_id: str) -> Refusal:
        return crash()


@fault("unknown-project-crashes", breaks="S500.bad-request")
class UnknownProjectCrashes(Service):
    """A project that does not exist has no quota to look up: 500."""

    def unknown_project(self, project_id: str) -> Refusal:
        return crash()


@fault("empty-token-crashes", breaks="S500.bad-request")
class EmptyTokenCrashes(Service):
    """An empty token cannot be decoded: 500."""

    def no_token(self) -> Refusal:
        return crash()


@fault("cut-within-a-character-crashes", breaks="S500.bad-request")
class CutWithinACharacterCrashes(Service):
    """The first bytes of a server's id are logged, which may end within a character: 500."""

    def find_server(self, server_id: str, policy: Policy) -> Server:
        try:
            server_id.encode()[:8].decode()
        except UnicodeDecodeError:
            raise crash() from None
        return super().find_server(server_id, policy)


@fault("astral-server-crashes", breaks="S500.bad-request")
class AstralServerCrashes(Service):
    """The column of servers takes characters of at most three bytes: 500."""

    def find_server(self, server_id: str, policy: Policy) -> Server:
        if any(character > "\uffff" for character in server_id):
            raise crash()
        return super().find_server(server_id, policy)


@fault("nobody-is-asked-for-a-body", breaks="S500.bad-request")
class NobodyIsAskedForABody(Service):
    """Who has no token is noted with the policy of the request, which may have no JSON: 500."""

    def no_token(self) -> Refusal:
        try:
            json.loads(self._body)["checkpoint"]
        except (ValueError, TypeError, LookupError, RecursionError):
            return crash()
        return super().no_token()

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        self._body = request.body
        return super().execute_policy(request, project_id, provider_id)
