"""The operation itself: from a request to a response, without any network.

``Service`` is the reference. Every decision is a small method of it or of the classes it is made
of (``Refusals``, ``Lookup``, ``Reading``, ``Rendering``, ``PolicyList``, ``Backups``), so that a
variant or a fault overrides just one.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Protocol

from conformance.emulator.backups import Backups, Deletion
from conformance.emulator.messages import (
    Checkpoint,
    CheckpointReq,
    Refusal,
    Request,
    Response,
)
from conformance.emulator.policy_list import PolicyList
from conformance.emulator.world import Policy, Server, World


def utc_now() -> datetime:
    """Return this moment, in UTC."""
    return datetime.now(UTC)


class Service(PolicyList, Backups):
    """A reference implementation of "Executing a Backup Policy" over a ``world``.

    ``clock`` returns the present moment with an offset. The checkpoints created so far are in
    ``executed``, oldest first, and the deletions of their backups in ``deletions``, by the id of
    the backup. Requests of several threads are handled one after the other.
    """

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world)
        self.clock = clock
        self.executed: list[Checkpoint] = []
        self.deletions: dict[str, Deletion] = {}
        self.started_at = clock()
        self._lock = RLock()
        self._last_execution: dict[str, Checkpoint] = {}

    def handle(self, request: Request) -> Response:
        """Answer any request; the reference never raises."""
        with self._lock:
            try:
                response = self.answer(request)
            except Refusal as refusal:
                response = self.render_refusal(refusal)
        latency = self.world.settings.latency
        return replace(response, delay=latency) if latency else response

    def answer(self, request: Request) -> Response:
        """Find the operation by path and method, and carry it out; raises Refusal."""
        match request.segments:
            case ("v1", project_id, "providers", provider_id, "checkpoints") if (
                project_id and provider_id
            ):
                self.check_method(request, "POST")
                return self.execute_policy(request, project_id, provider_id)
            case ("v1", project_id, "policies") if project_id:
                self.check_method(request, "GET")
                return self.list_policies(request, project_id)
            case ("v1", project_id, "checkpoint_items") if project_id:
                self.check_method(request, "GET")
                return self.list_backups(request, project_id)
            case ("v1", project_id, "checkpoint_items", backup_id) if project_id and backup_id:
                self.check_method(request, "GET")
                return self.show_backup(request, project_id, backup_id)
            case ("v1", project_id, "providers", provider_id, "checkpoints", record_id) if (
                project_id and provider_id and record_id
            ):
                self.check_method(request, "DELETE")
                return self.delete_backups(request, project_id, provider_id, record_id)
        raise self.unknown_path()

    def check_method(self, request: Request, allowed: str) -> None:
        """Refuse a method that the path does not know."""
        if request.method != allowed:
            raise self.method_not_allowed(allowed)

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        """Carry out the operation of the document; every step may raise Refusal."""
        token = self.authenticate(request)
        self.authorise(token)
        wanted = self.read_body(self.parse_body(request))
        self.check_provider(provider_id)
        project = self.find_project(project_id, token)
        policy = self.find_policy(wanted.plan_id, project)
        servers = self.find_servers(wanted.resources, policy)
        self.check_policy_idle(policy)
        self.check_quota()
        self.check_servers_fit(servers)
        return self.render_execution(self.execute(policy, servers, wanted))

    def check_policy_idle(self, policy: Policy) -> None:
        """Refuse if the policy was executed less than ``busy_seconds`` ago."""
        last = self._last_execution.get(policy.id)
        busy = timedelta(seconds=self.world.settings.busy_seconds)
        if last is not None and self.clock() - last.created_at < busy:
            raise self.policy_busy(policy)

    def check_quota(self) -> None:
        """Refuse if ``quota`` executions are used up."""
        quota = self.world.settings.quota
        if quota is not None and len(self.executed) >= quota:
            raise self.quota_exceeded()

    def check_servers_fit(self, servers: Iterable[Server]) -> None:
        """Refuse if a server is in a state that no backup can be made in."""
        for server in servers:
            if server.state is not None:
                raise self.server_unfit(server, server.state)

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        """Start the backup, and remember it."""
        checkpoint = Checkpoint(
            id=self.new_checkpoint_id(),
            created_at=self.clock(),
            policy=policy,
            servers=servers,
            request=wanted,
        )
        self.executed.append(checkpoint)
        self._last_execution[policy.id] = checkpoint
        return checkpoint

    def new_checkpoint_id(self) -> str:
        """Return an id that no other checkpoint has."""
        return str(uuid.uuid4())


class Make(Protocol):
    """Makes a service over a world, as the class of one does."""

    def __call__(self, world: World, clock: Callable[[], datetime] = utc_now) -> Service:
        """Make it."""
