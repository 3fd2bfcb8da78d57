"""States of policy, servers and account that keep a valid request from being executed."""
# ruff: noqa: D102

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from conformance.emulator.error_codes import ErrorCode
from conformance.emulator.messages import Refusal, Request, Response
from conformance.emulator.service import Service, utc_now
from conformance.emulator.variants.objects import AllLenient
from conformance.emulator.variants.registry import variant
from conformance.emulator.world import Policy, Server, Token, World


class OneAtATime(Service):
    """Executes a policy only when its last execution is half a second ago."""

    code = ErrorCode.ITEM_EXECUTING
    busy_seconds = 0.5

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        settings = replace(world.settings, busy_seconds=self.busy_seconds)
        super().__init__(replace(world, settings=settings), clock)

    def policy_busy(self, policy: Policy) -> Refusal:
        return self.refusal(self.code, policy.name)


@variant("busy-2003")
class Busy2003(OneAtATime):
    """A busy policy is answered with 400 CSBS.2003."""


@variant("busy-1001")
class Busy1001(OneAtATime):
    """A busy policy is answered with 500 CSBS.1001."""

    code = ErrorCode.POLICY_EXECUTING


@variant("busy-6030")
class Busy6030(OneAtATime, AllLenient):
    """A busy policy is answered with 500 CSBS.6030; all that may be executed is executed."""

    code = ErrorCode.AUTO_PLAN_EXECUTING


@variant("busy-6004-nested")
class Busy6004Nested(OneAtATime):
    """A busy policy is answered with CSBS.6004, within an object named error."""

    code = ErrorCode.SERVER_IN_SERVICE

    def error_body(self, refusal: Refusal) -> object:
        return {"error": {"code": refusal.code, "message": refusal.message}}


@variant("busy-without-code")
class BusyWithoutCode(OneAtATime):
    """A busy policy is answered with 400 and a code that is not published, for 300 ms."""

    busy_seconds = 0.3

    def policy_busy(self, policy: Policy) -> Refusal:
        return Refusal(400, "CSBS.400", "try again later")


@variant("busy-is-unavailable", inconclusive=True)
class BusyIsUnavailable(OneAtATime):
    """A busy policy is answered with 503 that does not say for how long: it is two seconds."""

    busy_seconds = 2.0

    def policy_busy(self, policy: Policy) -> Refusal:
        return Refusal(503, "CSBS.0503", "Service unavailable.")


class BusyFirst(OneAtATime):
    """Looks whether a policy of the project is busy before it looks at the request."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        for policy in self.world.policies:
            self.check_policy_idle(policy)
        return super().execute_policy(request, project_id, provider_id)


@variant("busy-first-2003")
class BusyFirst2003(BusyFirst):
    """While a policy is busy, every request is answered with 400 CSBS.2003, even without token."""


@variant("busy-first-1001")
class BusyFirst1001(BusyFirst):
    """While a policy is busy, every request is answered with 500 CSBS.1001, even without token."""

    code = ErrorCode.POLICY_EXECUTING


@variant("busy-before-body")
class BusyBeforeBody(OneAtATime):
    """Whether the policy is busy is looked at after the token, before the body: 500 CSBS.6030."""

    code = ErrorCode.AUTO_PLAN_EXECUTING

    def parse_body(self, request: Request) -> object:
        for policy in self.world.policies:
            self.check_policy_idle(policy)
        return super().parse_body(request)


@variant("busy-short")
class BusyShort(OneAtATime):
    """A policy is busy for no more than 50 ms."""

    busy_seconds = 0.05


@variant("busy-servers")
class BusyServers(Service):
    """A server is backed up for a quarter of a second: meanwhile 400 CSBS.6004 for that server."""

    def check_servers_fit(self, servers: Iterable[Server]) -> None:
        super().check_servers_fit(servers)
        since = self.clock() - timedelta(seconds=0.25)
        busy = {s for past in self.executed if past.created_at > since for s in past.servers}
        for server in servers:
            if server in busy:
                raise self.refusal(ErrorCode.SERVER_IN_SERVICE, server.id)


@variant("busy-at-start")
class BusyAtStart(Service):
    """Another's backup of the policy takes the first second: 400 CSBS.6031."""

    def check_policy_idle(self, policy: Policy) -> None:
        if (self.clock() - self.started_at).total_seconds() < 1:
            raise self.refusal(ErrorCode.MANUAL_COPY_EXECUTING)


@variant("quota", inconclusive=True)
class Quota(Service):
    """Three executions are possible in all, then CSBS.9006."""

    quota = 3

    def check_quota(self) -> None:
        if len(self.executed) >= self.quota:
            raise self.quota_exceeded()


@variant("quota-none", inconclusive=True)
class QuotaNone(Quota):
    """No execution is possible at all: 400 CSBS.9006."""

    quota = 0


@variant("quota-first", inconclusive=True)
class QuotaFirst(Quota, AllLenient):
    """Once three executions are used up, every request meets CSBS.9006, whatever is wrong in it."""

    def authenticate(self, request: Request) -> Token:
        super().check_quota()
        return super().authenticate(request)


@variant("limit", inconclusive=True)
class Limit(Quota):
    """Five executions are possible in all, then 400 CSBS.0001."""

    quota = 5

    def quota_exceeded(self) -> Refusal:
        return self.refusal(ErrorCode.SERVICE_OVER_LIMIT)


@variant("server-stopped", inconclusive=True)
class ServerStopped(Service):
    """The first server is stopped, and no backup of it can be made: 400 CSBS.6001."""

    def check_servers_fit(self, servers: Iterable[Server]) -> None:
        for server in servers:
            if server == self.world.servers[0]:
                raise self.server_unfit(server, "CSBS.6001")


@variant("policy-without-resource", inconclusive=True)
class PolicyWithoutResource(Service):
    """No policy has anything to back up: 500 CSBS.6032."""

    def check_servers_fit(self, servers: Iterable[Server]) -> None:
        raise self.refusal(ErrorCode.PLAN_WITHOUT_RESOURCE)


@variant("account-unverified", inconclusive=True)
class AccountUnverified(Service):
    """The account is not verified: valid requests meet 403 CSBS.9009."""

    def check_quota(self) -> None:
        raise self.refusal(ErrorCode.USER_UNVERIFIED)


@variant("account-unverified-first", inconclusive=True)
class AccountUnverifiedFirst(Service):
    """The account is not verified: every request with a token meets 403 CSBS.9009."""

    def parse_body(self, request: Request) -> object:
        raise self.refusal(ErrorCode.USER_UNVERIFIED)


@variant("project-too-new", inconclusive=True)
class ProjectTooNew(Service):
    """The project may not use the service: 400 BackupService.4008."""

    def check_quota(self) -> None:
        raise self.refusal(ErrorCode.PROJECT_TOO_NEW)
