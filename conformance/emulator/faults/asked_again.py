"""Faults that show where the same is asked again, or what was refused has left something behind."""
# ruff: noqa: D102

from collections.abc import Callable, Iterable
from datetime import datetime

from conformance.emulator.faults.registry import HIDDEN, fault
from conformance.emulator.messages import Checkpoint, CheckpointReq, Refusal, Request, Response
from conformance.emulator.service import Service, utc_now
from conformance.emulator.world import Policy, Project, Server, Token, World


class MadeByAsking(Service):
    """Objects are looked up by what makes them: the second request finds them."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._asked: set[str] = set()

    def was_asked(self, name: str) -> bool:
        """Whether an object was asked for before; it was from now on."""
        was_asked = name in self._asked
        self._asked.add(name)
        return was_asked


@fault("policy-made-by-asking", breaks="S404.unknown-policy")
class PolicyMadeByAsking(MadeByAsking):
    """A policy is looked up by what makes it if it is not there: the second request finds it."""

    def find_policy(self, plan_id: str, project: Project) -> Policy:
        try:
            return super().find_policy(plan_id, project)
        except Refusal:
            if self.was_asked(plan_id):
                return self.world.policies[0]
            raise


@fault("server-made-by-asking", breaks="S404.unknown-server")
class ServerMadeByAsking(MadeByAsking):
    """A server is looked up by what makes it if it is not there: the second request finds it."""

    def find_server(self, server_id: str, policy: Policy) -> Server:
        try:
            return super().find_server(server_id, policy)
        except Refusal:
            if self.was_asked(server_id):
                return self.policy_servers(policy)[0]
            raise


@fault("flag-validated-once", breaks="T4.auto_trigger.type")
class FlagValidatedOnce(Service):
    """What was validated is remembered, whatever came of it, and not looked at the second time."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._seen: set[bytes] = set()

    def parse_json(self, text: str) -> object:
        self._is_known = text.encode() in self._seen
        self._seen.add(text.encode())
        return super().parse_json(text)

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        if self._is_known and auto_trigger is not None:
            return bool(auto_trigger)
        return super().read_auto_trigger(auto_trigger)


@fault("one-is-true-once-executed", breaks="T4.auto_trigger.type")
class OneIsTrueOnceExecuted(Service):
    """Checked parameters are remembered by equality, to which one is the same as true."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._checked: dict[object, bool] = {}

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        if isinstance(auto_trigger, bool | int | float) and auto_trigger in self._checked:
            return self._checked[auto_trigger]
        checked = super().read_auto_trigger(auto_trigger)
        self._checked[auto_trigger] = checked
        return checked


@fault("policy-locked-by-a-refusal", breaks="S200.executed")
class PolicyLockedByARefusal(Service):
    """A lock is taken before the servers are looked up, and kept where one is unknown: 400."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._locked: set[str] = set()

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        if policy.id in self._locked:
            raise self.malformed_body("the policy is locked")
        try:
            return super().find_servers(resources, policy)
        except Refusal:
            self._locked.add(policy.id)
            raise


@fault("not-found-kept-for-the-project", breaks="S200.executed")
class NotFoundKeptForTheProject(Service):
    """That a policy was not found is remembered by its project: none is found from then on."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._without: set[str] = set()

    def find_policy(self, plan_id: str, project: Project) -> Policy:
        if project.id in self._without:
            raise self.unknown_policy(plan_id)
        try:
            return super().find_policy(plan_id, project)
        except Refusal:
            self._without.add(project.id)
            raise


@fault("owner-locked-out", breaks="S200.executed")
class OwnerLockedOut(Service):
    """Five wrong tokens in a row lock the owner out: 403 for the right one from then on."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._wrong = 0

    def bad_token(self) -> Refusal:
        self._wrong += 1
        return super().bad_token()

    def authorise(self, token: Token) -> None:
        if self._wrong >= 5:
            raise self.no_permission(token)
        self._wrong = 0
        super().authorise(token)


@fault("servers-from-the-first-on", breaks="T7.resources.asked")
class ServersFromTheFirstOn(Service):
    """Servers are read from the policy as so many behind the first one that is asked for."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        servers, asked = self.policy_servers(checkpoint.policy), checkpoint.servers
        first = min(servers.index(each) for each in asked)
        return [self.render_resource(each) for each in servers[first : first + len(asked)]]


@fault("servers-named-twice-lost", breaks="T7.resources.asked", on={"strict": HIDDEN})
class ServersNamedTwiceLost(Service):
    """Servers are counted, and those shown that were named once."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        named = [each.lower() for each in checkpoint.request.resources or ()]
        shown = [each for each in checkpoint.servers if named.count(each.id) < 2]
        return [self.render_resource(each) for each in shown or checkpoint.servers]


@fault("servers-cut-to-their-number", breaks="T7.resources.asked", on={"strict": HIDDEN})
class ServersCutToTheirNumber(Service):
    """Of the list that came as many are shown as it has different ones: [A, A, B] shows A."""

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        named = [each.lower() for each in checkpoint.request.resources or ()]
        kept = named[: len(checkpoint.servers)] or [each.id for each in checkpoint.servers]
        return [self.render_resource(each) for each in checkpoint.servers if each.id in kept]


@fault("servers-known-by-the-first", breaks="S404.unknown-server")
class ServersKnownByTheFirst(Service):
    """A list that was validated is known again by its first server: others in it may be unknown."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        named = tuple(resources or ())
        known = {executed.servers[0].id for executed in self.executed if executed.servers}
        if named[:1] and named[0] in known:
            return tuple(each for each in self.policy_servers(policy) if each.id in named)
        return super().find_servers(resources, policy)


@fault("extra-info-as-it-came", breaks="T6.extra_info.type", on={"strict": HIDDEN})
class ExtraInfoAsItCame(Service):
    """``extra_info`` of a request, which the tables do not have, is handed on as it is."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        self._sent = checkpoint.get("extra_info") if isinstance(checkpoint, dict) else None
        return super().read_checkpoint(checkpoint)

    def checkpoint_extra_info(self, checkpoint: Checkpoint) -> object:
        return self._sent or super().checkpoint_extra_info(checkpoint)


@fault("policy-kept-for-the-first-server", breaks="T7.resources.asked", on={"lax": HIDDEN})
class PolicyKeptForTheFirstServer(Service):
    """What is told of a policy is kept by the server that is asked for first."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._kept: dict[str, object] = {}

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        named = [each.lower() for each in checkpoint.request.resources or ()]
        told = super().plan_resources(checkpoint)
        return self._kept.setdefault(named[0], told) if named else told


class HasNoListOfBackups(Service):
    """A run has the requests left that looks at the list would take."""

    def list_backups(self, request: Request, project_id: str) -> Response:
        raise self.unknown_path()


@fault("policy-looked-up-last", breaks="S404.unknown-policy")
class PolicyLookedUpLast(HasNoListOfBackups):
    """The last lookup is remembered without what came of it: the same again at once is found."""

    last = ""

    def find_policy(self, plan_id: str, project: Project) -> Policy:
        was_last, self.last = self.last == plan_id, plan_id
        try:
            return super().find_policy(plan_id, project)
        except Refusal:
            if was_last:
                return self.world.policies[0]
            raise


@fault("project-unchecked-from-the-fifth-on", breaks="T1.project_id.own")
class ProjectUncheckedFromTheFifthOn(HasNoListOfBackups):
    """Once four backups were made, the token is taken to be known, and its project not checked."""

    def find_project(self, project_id: str, token: Token) -> Project:
        is_known = len(self.executed) >= 4
        return super().find_project(token.project if is_known else project_id, token)
