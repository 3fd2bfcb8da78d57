"""Faults that show after other requests, or every so often."""
# ruff: noqa: D102

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from conformance.emulator.faults.parts import without
from conformance.emulator.faults.registry import HIDDEN, fault
from conformance.emulator.messages import Checkpoint, CheckpointReq, Refusal, Request, Response
from conformance.emulator.service import Service, utc_now
from conformance.emulator.world import Policy, Server, Token, World


class Counts(Service):
    """Counts answers, and refusals since the last execution."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self.answered = 0
        self.refused = 0

    def answer(self, request: Request) -> Response:
        self.answered += 1
        try:
            response = super().answer(request)
        except Refusal:
            self.refused += 1
            raise
        if request.method == "POST":
            self.refused = 0
        return response


@fault("triggered-with-the-servers-before", breaks="T7.resources.asked")
class TriggeredWithTheServersBefore(Service):
    """With ``auto_trigger`` true, the servers of the execution before are shown."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        if checkpoint.request.auto_trigger and len(self.executed) > 1:
            return [self.render_resource(each) for each in self.executed[-2].servers]
        return super().plan_resources(checkpoint)


@fault("status-waiting-from-the-third", breaks="T6.status.values")
class StatusWaitingFromTheThird(Service):
    """Two backups run at a time; the others have a status of their own."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return "waiting" if len(self.executed) > 2 else self.status_of(checkpoint)


@fault("status-missing-on-the-third", breaks="T6.status.present")
class StatusMissingOnTheThird(Service):
    """Every third execution is answered before the status is known."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        fields = super().render_checkpoint(checkpoint)
        return fields if len(self.executed) % 3 else without(fields, "status")


@fault("time-of-the-last-run", breaks="T6.created_at.fresh")
class TimeOfTheLastRun(Service):
    """From the second execution on, the time is one that was kept a day too long."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        age = timedelta(days=1) if len(self.executed) > 1 else timedelta()
        return self.time_text(checkpoint.created_at - age)


@fault("id-of-the-one-before", breaks="T6.id.unique")
class IdOfTheOneBefore(Service):
    """The fourth execution is answered with the record of the third, from a replica that lags."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return self.executed[-2].id if len(self.executed) == 4 else checkpoint.id


@fault("project-missing-after-an-error", breaks="T6.project_id.present")
class ProjectMissingAfterAnError(Counts):
    """After a refusal, the context lacks its project for the next execution."""

    def render_checkpoint(self, checkpoint: Checkpoint) -> object:
        fields = super().render_checkpoint(checkpoint)
        return without(fields, "project_id") if self.refused else fields


@fault("plan-id-null-on-every-second", breaks="T7.id.type")
class PlanIdNullOnEverySecond(Service):
    """One of two instances behind the balancer has not loaded the policies."""

    def plan_id(self, checkpoint: Checkpoint) -> object:
        return checkpoint.policy.id if len(self.executed) % 2 else None


@fault("server-id-missing-after-an-error", breaks="T8.id.present")
class ServerIdMissingAfterAnError(Counts):
    """After a refusal, a cache of servers without their ids is used once."""

    def render_resource(self, server: Server) -> object:
        fields = super().render_resource(server)
        return without(fields, "id") if self.refused else fields


@fault("trailing-bytes-on-the-fifth", breaks="T5.body.json")
class TrailingBytesOnTheFifth(Service):
    """The fifth answer to an execution has bytes of another behind it."""

    def render_execution(self, checkpoint: Checkpoint) -> Response:
        response = super().render_execution(checkpoint)
        rest = b'"}' if len(self.executed) == 5 else b""
        return replace(response, body=response.body + rest)


@fault("created-the-first-time", breaks="S.listed")
class CreatedTheFirstTime(Service):
    """The first record of a policy answers 201, those after it 200."""

    def executed_status(self) -> int:
        return 200 if len(self.executed) > 1 else 201


@fault("every-seventh-answer-not-listed", breaks="S.listed")
class EverySeventhAnswerNotListed(Counts):
    """Every seventh answer comes from an instance that says 422 where the others say 400."""

    def render_refusal(self, refusal: Refusal) -> Response:
        odd = self.answered % 7 == 0 and refusal.status == 400
        return super().render_refusal(refusal.with_status(422) if odd else refusal)


@fault("every-seventh-error-in-html", breaks="EC.body.json")
class EverySeventhErrorInHtml(Counts):
    """Every seventh error is a page of the balancer."""

    def render_refusal(self, refusal: Refusal) -> Response:
        response = super().render_refusal(refusal)
        if self.answered % 7:
            return response
        return replace(response, headers=(("Content-Type", "text/html"),), body=b"<html></html>")


@fault("every-third-without-token", breaks="S401.no-token")
class EveryThirdWithoutToken(Service):
    """Every third request without a token meets an instance on which the check is off."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._without = 0

    def no_token(self) -> Refusal:
        self._without += 1
        return super().no_token()

    def authenticate(self, request: Request) -> Token:
        if not self.token_value(request) and self._without % 3 == 2:
            self._without += 1
            return self.world.tokens[0]
        return super().authenticate(request)


@fault("no-token-needed-after-an-execution", breaks="S401.no-token")
class NoTokenNeededAfterAnExecution(Service):
    """Once a policy was executed, nobody is asked for a token any more."""

    def authenticate(self, request: Request) -> Token:
        if self.executed and not self.token_value(request):
            return self.world.tokens[0]
        return super().authenticate(request)


@fault(
    "any-token-after-an-execution",
    breaks="S401.bad-token",
    follows=("S401.near-miss", "S403.forbidden-token"),
)
class AnyTokenAfterAnExecution(Service):
    """Once a policy was executed, its session is taken for every token."""

    def authenticate(self, request: Request) -> Token:
        if self.executed and self.token_value(request):
            return self.world.tokens[0]
        return super().authenticate(request)


@fault("permission-kept-after-an-execution", breaks="S403.forbidden-token")
class PermissionKeptAfterAnExecution(Service):
    """Once a policy was executed, the permission to do so is remembered for everybody."""

    def authorise(self, token: Token) -> None:
        if not self.executed:
            super().authorise(token)


@fault("policy-kept-after-an-execution", breaks="S404.unknown-policy")
class PolicyKeptAfterAnExecution(Service):
    """Once a policy was executed, it is taken for any that is not found."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        last = self.executed[-1].policy if self.executed else None
        return super().look_up_policy(plan_id) or last


@fault("plan-id-kept-after-an-execution", breaks="T3.plan_id.mandatory")
class PlanIdKeptAfterAnExecution(Service):
    """Once a policy was executed, a missing ``plan_id`` is taken from the execution before."""

    def mandatory(self, fields: Mapping[str, object], name: str) -> object:
        if self.executed:
            fields = {"plan_id": self.executed[-1].policy.id, **fields} if fields else fields
        return super().mandatory(fields, name)


@fault("servers-kept-after-an-execution", breaks="S404.unknown-server")
class ServersKeptAfterAnExecution(Service):
    """Once a policy was executed, all of a policy's servers stand in for those not found."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        try:
            return super().find_servers(resources, policy)
        except Refusal:
            if not self.executed:
                raise
            return super().find_servers(None, policy)


@fault("policy-locked-by-an-execution", breaks="S200.executed")
class PolicyLockedByAnExecution(Service):
    """The lock that an execution takes on its policy is never given back."""

    def check_policy_idle(self, policy: Policy) -> None:
        if any(each.policy == policy for each in self.executed):
            raise self.malformed_body("the policy is locked")


@fault("policy-found-twice", breaks="S200.executed")
class PolicyFoundTwice(Service):
    """After the second execution its policy is not found any more."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        return super().look_up_policy(plan_id) if len(self.executed) < 2 else None


@fault("refusal-of-a-guest-kept", breaks="S200.executed")
class RefusalOfAGuestKept(Service):
    """That a guest may not execute policies is remembered for the owner as well."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._is_denied = False

    def authorise(self, token: Token) -> None:
        self._is_denied = self._is_denied or not token.permitted
        if self._is_denied:
            raise self.no_permission(token)


class KeepsServers(Service):
    """Keeps the servers of a policy that are left; it has no others then."""

    left: tuple[Server, ...] = ()

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        servers = super().find_servers(resources, policy)
        for server in servers if resources and self.left else ():
            if server not in self.left:
                raise self.unknown_server(server.id)
        return servers


@fault(
    "narrowed-where-triggered",
    breaks="S200.executed",
    on={"lax": HIDDEN, "mixed": HIDDEN},  # the last two valid requests are not reached
)
class NarrowedWhereTriggered(KeepsServers):
    """Servers that are named with ``auto_trigger`` true are from then on all of the policy."""

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        if wanted.auto_trigger and wanted.resources:
            self.left = servers
        return super().execute(policy, servers, wanted)


@fault("narrowed-until-all-are-executed", breaks="S200.executed")
class NarrowedUntilAllAreExecuted(KeepsServers):
    """The servers of the last execution are all of the policy, until it is executed as a whole."""

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        self.left = servers if wanted.resources else ()
        return super().execute(policy, servers, wanted)


class KnowsWhatItJustDid(Counts):
    """What it knows of the execution that it just did, until it refuses something."""

    @property
    def is_right_behind(self) -> bool:
        """Whether it refused nothing since the last execution."""
        return bool(self.executed) and not self.refused


@fault("plan-id-filled-in-right-behind", breaks="T3.plan_id.mandatory")
class PlanIdFilledInRightBehind(KnowsWhatItJustDid):
    """Right behind an execution a missing ``plan_id`` is taken from that."""

    def mandatory(self, fields: Mapping[str, object], name: str) -> object:
        if self.is_right_behind and fields:
            fields = {"plan_id": self.executed[-1].policy.id, **fields}
        return super().mandatory(fields, name)


@fault("token-by-its-beginning-right-behind", breaks="S401.near-miss")
class TokenByItsBeginningRightBehind(KnowsWhatItJustDid):
    """Right behind an execution the first characters of its token are enough."""

    def same_token(self, known: str, sent: str) -> bool:
        beginning = known[: len(known) // 4]
        is_like_it = len(known) == len(sent) and sent.startswith(beginning)
        return super().same_token(known, sent) or (self.is_right_behind and is_like_it)
