"""Faults of what is remembered of an execution or a refusal: too little tells it again."""
# ruff: noqa: D102

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from conformance.emulator.faults.parts import crash
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Refusal, Request, Response
from conformance.emulator.service import Service, utc_now
from conformance.emulator.world import PROVIDER_ID, Policy, Project, Token, World


class Remembers(Service):
    """Remembers the requests that were executed, and the one that is being answered."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self.successes: list[Request] = []
        self.current = Request("GET", "/")

    def answer(self, request: Request) -> Response:
        self.current = request
        return super().answer(request)

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        response = super().execute_policy(request, project_id, provider_id)
        self.successes.append(request)
        return response

    @property
    def has_same_body(self) -> bool:
        """Whether a request with the same bytes was executed."""
        return any(each.body == self.current.body for each in self.successes)


@fault("left-out-only-where-not-automatic", breaks="S200.executed")
class LeftOutOnlyWhereNotAutomatic(Service):
    """Behind a backup with ``auto_trigger`` true, a request has to say whether it is another."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        if self.executed and self.executed[-1].request.auto_trigger:
            self.mandatory(fields, "auto_trigger")
        return fields


@fault("forbidden-and-incomplete-crashes", breaks="S500.bad-request")
class ForbiddenAndIncompleteCrashes(Remembers):
    """Permission is looked up for the policy of the body, which may not be there: 500."""

    def authorise(self, token: Token) -> None:
        if not token.permitted and b'"plan_id"' not in self.current.body:
            raise crash()
        super().authorise(token)


@fault("token-kept-by-its-beginning", breaks="S401.near-miss")
class TokenKeptByItsBeginning(Remembers):
    """Tokens that executed are kept, and others are compared with them as far as those go."""

    def same_token(self, known: str, sent: str) -> bool:
        kept = any(each.header("X-Auth-Token") == known for each in self.successes)
        return super().same_token(known, sent) or (kept and sent.startswith(known))


@fault("token-kept-by-its-ends", breaks="S401.near-miss")
class TokenKeptByItsEnds(Remembers):
    """Tokens that executed are kept by their length and the four characters at each end."""

    def same_token(self, known: str, sent: str) -> bool:
        kept = any(each.header("X-Auth-Token") == known for each in self.successes)
        is_alike = (len(known), known[:4], known[-4:]) == (len(sent), sent[:4], sent[-4:])
        return super().same_token(known, sent) or (kept and is_alike)


@fault("project-forgotten-once-executed", breaks="T1.project_id.own")
class ProjectForgottenOnceExecuted(Remembers):
    """Policies that were executed are kept without their project, and found from any other."""

    def find_project(self, project_id: str, token: Token) -> Project:
        try:
            return super().find_project(project_id, token)
        except Refusal:
            if not self.has_same_body:
                raise
            return super().find_project(self.executed[-1].policy.project, token)


@fault("provider-forgotten-once-executed", breaks="T1.provider_id.value")
class ProviderForgottenOnceExecuted(Remembers):
    """A body that was executed was checked, its provider too, and is not checked again."""

    def check_provider(self, provider_id: str) -> None:
        if not self.has_same_body:
            super().check_provider(provider_id)


@fault(
    "empty-segments-are-those-before",
    breaks="T1.project_id.mandatory",
    follows=("T1.provider_id.mandatory",),
)
class EmptySegmentsAreThoseBefore(Remembers):
    """A segment that is empty is filled in from the last request that was executed."""

    def answer(self, request: Request) -> Response:
        match request.segments:
            case ("v1", project, "providers", provider, "checkpoints") if self.successes:
                last = self.successes[-1].segments
                self.check_method(request, "POST")
                return self.execute_policy(request, project or last[1], provider or last[3])
        return super().answer(request)


@fault("permission-kept-with-the-body", breaks="S403.forbidden-token")
class PermissionKeptWithTheBody(Remembers):
    """What was decided about a body holds for whoever sends the same bytes."""

    def authorise(self, token: Token) -> None:
        if not self.has_same_body:
            super().authorise(token)


@fault(
    "refusal-of-a-guest-kept-with-the-body",
    breaks="S200.executed",
    follows=("T1.provider_id.value",),
)
class RefusalOfAGuestKeptWithTheBody(Remembers):
    """That a guest may not execute a body is remembered for whoever sends the same bytes."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._denied: set[bytes] = set()

    def authorise(self, token: Token) -> None:
        if not token.permitted:
            self._denied.add(self.current.body)
        if self.current.body in self._denied:
            raise self.no_permission(token)


@fault("empty-body-is-the-one-before", breaks="S400.not-json")
class EmptyBodyIsTheOneBefore(Remembers):
    """An empty body repeats the last one that was executed."""

    def parse_body(self, request: Request) -> object:
        is_repetition = self.successes and not request.body
        return super().parse_body(self.successes[-1] if is_repetition else request)


@fault("reader-lenient-once-executed", breaks="S400.extended-json")
class ReaderLenientOnceExecuted(Remembers):
    """After the first execution a faster reader takes over, which forgives a trailing comma."""

    def decode_text(self, body: bytes) -> str:
        text = super().decode_text(body)
        return re.sub(r",\s*([}\]])", r"\1", text) if self.successes else text


@fault("types-unchecked-once-executed", breaks="T4.auto_trigger.type")
class TypesUncheckedOnceExecuted(Remembers):
    """After the first execution of a policy its requests are trusted, whatever the flag says."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        return bool(self.successes) or super().read_auto_trigger(auto_trigger)


@fault("get-shows-the-one-before", breaks="URI.get")
class GetShowsTheOneBefore(Remembers):
    """Reading the collection executes the last request once more."""

    def check_method(self, request: Request, allowed: str) -> None:
        if not (self.successes and request.method == "GET" and allowed == "POST"):
            super().check_method(request, allowed)

    def parse_body(self, request: Request) -> object:
        is_read = self.successes and request.method == "GET"
        return super().parse_body(self.successes[-1] if is_read else request)


@fault("refused-provider-kept-with-the-policy", breaks="S200.executed")
class RefusedProviderKeptWithThePolicy(Service):
    """That a policy was not found is remembered, and a wrong provider is why it was not."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._missing: set[str] = set()
        self._is_wrong = False

    def check_provider(self, provider_id: str) -> None:
        self._is_wrong = not self.same_id(provider_id, PROVIDER_ID)

    def find_policy(self, plan_id: str, project: Project) -> Policy:
        if self._is_wrong:
            self._missing.add(plan_id.lower())
        if plan_id.lower() in self._missing:
            raise self.unknown_policy(plan_id)
        return super().find_policy(plan_id, project)


@fault("token-remembered-by-its-sum", breaks="S401.near-miss")
class TokenRememberedByItsSum(Service):
    """Tokens that were found are remembered by their length and the sum of their characters."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._found: dict[tuple[int, int], Token] = {}

    def authenticate(self, request: Request) -> Token:
        value = self.token_value(request) or ""
        key = len(value), sum(map(ord, value))
        if key not in self._found:
            self._found[key] = super().authenticate(request)
        return self._found[key]


@fault(
    "refused-token-remembered",
    breaks="S401.bad-token",
    follows=("S403.forbidden-token", "S401.near-miss"),
)
class RefusedTokenRemembered(Service):
    """That a token was looked up is remembered, and not what came of it."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._looked_up: set[str] = set()

    def authenticate(self, request: Request) -> Token:
        value = self.token_value(request) or ""
        is_known = bool(value) and value in self._looked_up
        self._looked_up.add(value)
        return self.world.tokens[0] if is_known else super().authenticate(request)
