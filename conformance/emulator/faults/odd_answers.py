"""Faults under odd conditions, in what is answered; no planned run meets them."""
# ruff: noqa: D102

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from conformance.emulator.faults.history import Counts
from conformance.emulator.faults.parts import crash
from conformance.emulator.faults.registry import HIDDEN, fault
from conformance.emulator.messages import Checkpoint, CheckpointReq, Refusal, Request, Response
from conformance.emulator.service import Service, utc_now
from conformance.emulator.world import Policy, Server, World


@fault("two-servers-have-no-plan-name", breaks="T7.name.type")
class TwoServersHaveNoPlanName(Service):
    """With exactly two servers, the name of the policy is null."""

    def plan_name(self, checkpoint: Checkpoint) -> object:
        return None if len(checkpoint.servers) == 2 else checkpoint.policy.name


@fault("second-server-alone-has-no-extra-info", breaks="T8.extra_info.type", on={"mixed": HIDDEN})
class SecondServerAloneHasNoExtraInfo(Service):
    """The second server of the policy, backed up alone, has null for its additional information."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        self._alone = len(checkpoint.servers) == 1
        return super().plan_resources(checkpoint)

    def resource_extra_info(self, server: Server) -> object:
        is_second = server == self.world.servers[1]
        return None if self._alone and is_second else super().resource_extra_info(server)


@fault("three-fields-together", breaks="T6.status.values")
class ThreeFieldsTogether(Service):
    """``resources`` before ``auto_trigger``, true, with several servers: another status."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        known = [name for name in fields if name in ("resources", "auto_trigger")]
        self._first = known == ["resources", "auto_trigger"]
        return fields

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        wanted = checkpoint.request
        several = len(wanted.resources or ()) > 1
        odd = self._first and several and wanted.auto_trigger
        return "queued" if odd else self.status_of(checkpoint)


@fault(
    "one-space-refused",
    breaks="S200.executed",
    follows=("T2.body.unknown-field",),
    on={
        "lax": ("T2.body.unknown-field", "T4.auto_trigger.null", "T4.resources.null"),
        "strict": (),
    },
    odd=True,
)
class OneSpaceRefused(Service):
    """A body indented by a single space is refused with 403, by a rule of the gateway."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        self._odd = request.body.startswith(b'{\n "')
        return super().execute_policy(request, project_id, provider_id)

    def check_quota(self) -> None:
        if self._odd:
            raise Refusal(403, "CSBS.0403", "No operation permission.")


@fault("charset-with-several-servers-refused", breaks="S200.executed", odd=True)
class CharsetWithSeveralServersRefused(Service):
    """A charset and several servers together are refused with 403."""

    def check_content_type(self, request: Request) -> None:
        self._charset = "charset" in (request.header("Content-Type") or "")
        super().check_content_type(request)

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        if self._charset and len(wanted.resources or ()) > 1:
            raise Refusal(403, "CSBS.0403", "No operation permission.")
        return super().execute(policy, servers, wanted)


@fault("second-server-first-crashes", breaks="S200.executed", odd=True)
class SecondServerFirstCrashes(Service):
    """A list of two meets 500: the second server of the policy, and behind it the third."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        asked = tuple(resources or ())
        servers = super().find_servers(resources, policy)
        is_doubled = len(set(asked)) < len(asked)
        if servers == self.policy_servers(policy)[1:3] and not is_doubled:
            raise crash()
        return servers


@fault("ids-again-after-twenty", breaks="T6.id.unique", odd=True)
class IdsAgainAfterTwenty(Service):
    """The pool has twenty ids, and begins again with the first."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return f"checkpoint-{len(self.executed) % 20}"


@fault("time-stops-after-thirty", breaks="T6.created_at.fresh", odd=True)
class TimeStopsAfterThirty(Service):
    """After thirty executions, the time is that of the first day."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        age = timedelta(days=2) if len(self.executed) > 30 else timedelta()
        return self.time_text(checkpoint.created_at - age)


@fault("project-null-after-two-bad-logins", breaks="T6.project_id.type", odd=True)
class ProjectNullAfterTwoBadLogins(Service):
    """Two bad logins in a row leave the context of the next execution without its project."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._bad = 0

    def answer(self, request: Request) -> Response:
        try:
            response = super().answer(request)
        except Refusal as refusal:
            self._bad = self._bad + 1 if refusal.status == 401 else 0
            raise
        self._bad = 0
        return response

    def checkpoint_project_id(self, checkpoint: Checkpoint) -> object:
        return None if self._bad > 1 else checkpoint.policy.project


@fault("cache-full-after-four-hundred", breaks="S404.unknown-policy", odd=True)
class CacheFullAfterFourHundred(Counts):
    """After four hundred answers the cache is full, and its first policy stands for any."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        first = self.world.policies[0] if self.answered > 400 else None
        same = first is not None and plan_id.lower() == first.id
        return super().look_up_policy(plan_id) or (None if same else first)
