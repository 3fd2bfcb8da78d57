"""Faults on the section Function: a perfect answer, and no backup behind it, or another."""
# ruff: noqa: D102

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from conformance.emulator.backups import Backup
from conformance.emulator.faults.parts import changed, policies_of
from conformance.emulator.faults.registry import fault
from conformance.emulator.karbor import KarborRecords
from conformance.emulator.messages import Checkpoint, CheckpointReq, Refusal
from conformance.emulator.service import Service, utc_now
from conformance.emulator.world import Policy, Project, Server, World
from conformance.lazily import lazily

FOREIGN = Server("5d0f3c1b-9a7e-4826-8f11-0b1c2d3e4f50", "db-of-another-team")
OLD_RECORD = "0e2c1d9b-6a54-4f3d-9f6b-7c8a1e2d3f40"


@fault("every-second-backup-is-lost", breaks="F.listed")
class EverySecondBackupIsLost(Service):
    """One of two workers answers with a record, and never begins with its backups."""

    def present(self, project: Project) -> Iterator[Backup]:
        lost = {record.id for record in self.executed[1::2]}
        return (each for each in super().present(project) if each.record.id not in lost)


@fault("nothing-is-backed-up", breaks="F.listed")
class NothingIsBackedUp(Service):
    """Every execution is answered well, and none makes a backup: the list has older ones alone."""

    def present(self, project: Project) -> Iterator[Backup]:
        for policy in policies_of(self.world, project):
            yield Backup(self.older(policy), self.policy_servers(policy)[0])

    def older(self, policy: Policy) -> Checkpoint:
        """Return a record of the week before."""
        then = self.started_at - timedelta(days=7)
        servers = self.policy_servers(policy)
        return Checkpoint(OLD_RECORD, then, policy, servers, CheckpointReq(policy.id))


@fault("last-server-is-left-out", breaks="F.servers.asked")
class LastServerIsLeftOut(Service):
    """A loop ends one too early: of several servers, the last is not backed up."""

    def present(self, project: Project) -> Iterator[Backup]:
        for each in super().present(project):
            servers = each.record.servers
            if len(servers) == 1 or each.server != servers[-1]:
                yield each


@fault("whole-policy-is-backed-up", breaks="F.servers.asked")
class WholePolicyIsBackedUp(Service):
    """The response has the servers that were asked for, and all of the policy are backed up."""

    def present(self, project: Project) -> Iterator[Backup]:
        for each in super().present(project):
            yield each
            if each.server == each.record.servers[0]:
                others = self.policy_servers(each.record.policy)
                yield from (Backup(each.record, o) for o in others if o not in each.record.servers)


@fault("one-server-is-backed-up-twice", breaks="F.servers.asked")
class OneServerIsBackedUpTwice(Service):
    """The first server of a record gets a second backup, with an id of its own."""

    def present(self, project: Project) -> Iterator[Backup]:
        for each in super().present(project):
            yield each
            if each.server == each.record.servers[0]:
                yield SecondBackup(each.record, each.server)


class SecondBackup(Backup):
    """Another backup of the same server."""

    @lazily
    def id(self) -> str:
        return f"{Backup(self.record, self.server).id}-2"


@fault("server-of-others-is-backed-up", breaks="F.servers.policy")
class ServerOfOthersIsBackedUp(Service):
    """Each execution backs up one server more, which is none of the policy's."""

    def present(self, project: Project) -> Iterator[Backup]:
        for each in super().present(project):
            yield each
            if each.server == each.record.servers[0]:
                yield Backup(each.record, FOREIGN)


@fault("backups-of-no-policy", breaks="F.policy")
class BackupsOfNoPolicy(Service):
    """Backups that were begun by hand are listed under no policy."""

    def is_selected(self, backup: Backup, query: dict[str, str]) -> bool:
        return not query.get("policy_id") and super().is_selected(backup, query)


@fault("listed-as-volumes", breaks="F.resource_type")
class ListedAsVolumes(Service):
    """The list says that backups of servers are those of volumes."""

    def render_backup(self, backup: Backup) -> object:
        return changed(super().render_backup(backup), resource_type="OS::Cinder::Volume")


@fault("listed-as-triggered-by-hand", breaks="F.auto_trigger")
class ListedAsTriggeredByHand(Service):
    """Whatever was asked for, a backup is listed as one that was triggered by hand."""

    def extend_info(self, backup: Backup) -> object:
        return changed(super().extend_info(backup), auto_trigger=False)


@fault("listed-a-week-early", breaks="F.created_at")
class ListedAWeekEarly(Service):
    """A backup is listed with the time at which the policy was made."""

    def render_backup(self, backup: Backup) -> object:
        early = self.time_text(backup.record.created_at - timedelta(days=7))
        return changed(super().render_backup(backup), created_at=early)


@fault("listed-as-creating", breaks="F.status")
class ListedAsCreating(Service):
    """The list has the status of the volume service for what is under way."""

    def render_backup(self, backup: Backup) -> object:
        fields = super().render_backup(backup)
        assert isinstance(fields, Mapping)
        return changed(fields, status="creating") if fields["status"] == "protecting" else fields


@fault("made-again", breaks="F.status.moves")
class MadeAgain(Service):
    """What a replica shows as available is being made the next time that somebody looks."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._shown: set[str] = set()

    def render_backup(self, backup: Backup) -> object:
        status = "protecting" if backup.id in self._shown else "available"
        self._shown.add(backup.id)
        return changed(super().render_backup(backup), status=status)


@fault("refused-and-begun", breaks="F.refused")
class RefusedAndBegun(Service):
    """Backups begin server by server: where one is unknown, those before it have begun already."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        begun = []
        try:
            for server_id in resources or ():
                begun.append(self.find_server(server_id, policy))
        except Refusal:
            if begun:
                self.execute(policy, tuple(begun), CheckpointReq(policy.id, resources=()))
            raise
        return super().find_servers(resources, policy)


@fault("record-with-the-status-of-its-backup", breaks="T6.status.later")
class RecordWithTheStatusOfItsBackup(KarborRecords):
    """As in OpenStack Karbor a record is shown by itself: with a status that only backups have."""

    def render_record(self, record: Checkpoint) -> object:
        return changed(super().render_record(record), status="waiting_protect")
