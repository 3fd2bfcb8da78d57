"""The backups of executions: listed, shown one by one, and deleted.

Source: the pages on the list of backups (``GET /v1/{project_id}/checkpoint_items``), on one backup
and on the deletion of backups, which the document leads to. They are never judged.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from conformance.emulator.lookup import Lookup
from conformance.emulator.messages import BackupStatus, Checkpoint, Request, Response
from conformance.emulator.paging import Paging
from conformance.emulator.rendering import Rendering
from conformance.emulator.world import Project, Server
from conformance.lazily import lazily

DELETIONS_AT_ONCE: Final = 5
DEFAULT_LIMIT: Final = 1000
_SIZE_MB: Final = 10240
_UNDER_WAY: Final = frozenset(
    {BackupStatus.PROTECTING, BackupStatus.WAITING_DELETE, BackupStatus.DELETING}
)


@dataclass(frozen=True)
class Backup:
    """The backup of one server, which belongs to the record of an execution."""

    record: Checkpoint
    server: Server

    @lazily
    def id(self) -> str:
        """An id of its own, always the same."""
        name = f"{self.record.id} {self.server.id}".encode("utf-8", "surrogatepass")
        return str(uuid.uuid5(uuid.NAMESPACE_OID, name.hex()))

    @property
    def name(self) -> str:
        """The name that the service gives it."""
        kind = "autobk" if self.record.request.auto_trigger else "manualbk"
        return f"{kind}_{self.id[:4]}"


@dataclass(frozen=True, eq=False)
class Deletion:
    """One request to delete: when it waits no longer, and when its backups are gone."""

    starts: datetime
    ends: datetime


class Backups(Paging, Lookup, Rendering):
    """The steps that list and delete backups; ``executed`` are the records, oldest first."""

    executed: list[Checkpoint]
    clock: Callable[[], datetime]
    deletions: dict[str, Deletion]

    def list_backups(self, request: Request, project_id: str) -> Response:
        """Answer with the backups that the query selects; every step may raise Refusal."""
        project = self.admitted(request, project_id)
        found = self.sorted_backups(self.select_backups(project, request.query), request.query)
        page = self.page_of(found, request.query, lambda each: each.id, DEFAULT_LIMIT)
        return self.render(200, {"checkpoint_items": [self.render_backup(each) for each in page]})

    def show_backup(self, request: Request, project_id: str, backup_id: str) -> Response:
        """Answer with one backup; every step may raise Refusal."""
        project = self.admitted(request, project_id)
        for each in self.present(project):
            if self.same_id(each.id, backup_id):
                return self.render(200, {"checkpoint_item": self.render_backup(each)})
        raise self.unknown_backup(backup_id)

    def delete_backups(
        self, request: Request, project_id: str, provider_id: str, record_id: str
    ) -> Response:
        """Begin to delete the backups of a record, or one of them; every step may raise Refusal."""
        self.check_provider(provider_id)
        project = self.admitted(request, project_id)
        found = [each for each in self.present(project) if self.same_id(each.record.id, record_id)]
        if wanted := request.query.get("checkpoint_items"):
            found = [each for each in found if self.same_id(each.id, wanted)]
        if not found:
            raise self.unknown_backup(record_id)
        if any(self.backup_status(each) in _UNDER_WAY for each in found):
            raise self.backup_busy()
        deletion = self.queue_deletion()
        self.deletions.update((each.id, deletion) for each in found)
        return self.render(200, {})

    def admitted(self, request: Request, project_id: str) -> Project:
        """Return the project whose backups the request may see."""
        token = self.authenticate(request)
        self.authorise(token)
        return self.find_project(project_id, token)

    def queue_deletion(self) -> Deletion:
        """Return the times of a deletion asked for now: five run at once, the rest wait in line."""
        now = self.clock()
        ends = sorted({each for each in self.deletions.values() if each.ends > now}, key=_end)
        starts = now if len(ends) < DELETIONS_AT_ONCE else ends[-DELETIONS_AT_ONCE].ends
        return Deletion(starts, starts + timedelta(seconds=self.world.settings.delete_seconds))

    def present(self, project: Project) -> Iterator[Backup]:
        """Yield the backups of the project that are not gone, oldest first."""
        now = self.clock()
        for record in self.executed:
            if record.policy.project != project.id:
                continue
            for server in record.servers:
                backup = Backup(record, server)
                deletion = self.deletions.get(backup.id)
                if deletion is None or now < deletion.ends:
                    yield backup

    def backup_status(self, backup: Backup) -> BackupStatus:
        """Return the status at this moment."""
        now = self.clock()
        if deletion := self.deletions.get(backup.id):
            return BackupStatus.WAITING_DELETE if now < deletion.starts else BackupStatus.DELETING
        if now < self.finished_at(backup):
            return BackupStatus.PROTECTING
        return BackupStatus.ERROR if backup.server.fail_reason else BackupStatus.AVAILABLE

    def finished_at(self, backup: Backup) -> datetime:
        """Return when the backup is complete, or has failed."""
        took = timedelta(seconds=self.world.settings.advance_seconds)
        return backup.record.created_at + took

    def select_backups(self, project: Project, query: dict[str, str]) -> list[Backup]:
        """Return the backups of the project that the filters of the query let through."""
        since, until = (self.moment(query, name) for name in ("start_time", "end_time"))
        return [
            each
            for each in self.present(project)
            if self.is_selected(each, query)
            and (since is None or since <= each.record.created_at)
            and (until is None or each.record.created_at <= until)
        ]

    def is_selected(self, backup: Backup, query: dict[str, str]) -> bool:
        """Whether a backup has what the filters of the query ask for, but for the time."""
        texts = {
            "checkpoint_id": backup.record.id,
            "policy_id": backup.record.policy.id,
            "resource_id": backup.server.id,
            "resource_type": self.resource_type(backup.server),
            "status": self.backup_status(backup),
            "name": backup.name,
            "az": backup.server.az,
            "image_type": "backup",
        }
        return all(query.get(name, "") in ("", text) for name, text in texts.items())

    def moment(self, query: dict[str, str], name: str) -> datetime | None:
        """Return a moment in UTC; refuse one that is not written like 2017-04-18T01:21:52."""
        text = query.get(name)
        if not text:
            return None
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            raise self.bad_query(name, "a time") from None

    def sorted_backups(self, found: list[Backup], query: dict[str, str]) -> list[Backup]:
        """Return the backups in the order that ``sort`` asks for; the oldest first by default."""
        key, _, direction = query.get("sort", "").partition(":")
        keys: dict[str, Callable[[Backup], str]] = {
            "": lambda each: "",
            "created_at": lambda each: self.time_text(each.record.created_at),
            "updated_at": lambda each: self.time_text(self.updated_at(each)),
            "protected_at": lambda each: self.time_text(self.finished_at(each)),
            "name": lambda each: each.name,
            "status": self.backup_status,
            "id": lambda each: each.id,
        }
        if key not in keys or direction not in ("", "asc", "desc"):
            raise self.bad_query("sort", f"one of {', '.join(keys)[2:]}, and :asc or :desc")
        return sorted(found, key=keys[key], reverse=direction == "desc")

    def updated_at(self, backup: Backup) -> datetime:
        """Return when the status of the backup last changed."""
        now = self.clock()
        moments = [backup.record.created_at, self.finished_at(backup)]
        if deletion := self.deletions.get(backup.id):
            moments.append(deletion.starts)
        return max(each for each in moments if each <= now)

    def render_backup(self, backup: Backup) -> object:
        """Render one backup of the list."""
        return {
            "id": backup.id,
            "checkpoint_id": backup.record.id,
            "created_at": self.time_text(backup.record.created_at),
            "updated_at": self.time_text(self.updated_at(backup)),
            "name": backup.name,
            "description": "",
            "resource_id": backup.server.id,
            "resource_type": self.resource_type(backup.server),
            "status": self.backup_status(backup),
            "tags": [],
            "backup_data": {},
            "extend_info": self.extend_info(backup),
        }

    def extend_info(self, backup: Backup) -> object:
        """Render what else is told of a backup."""
        is_done = self.clock() >= self.finished_at(backup)
        reason = backup.server.fail_reason if is_done else None
        return {
            "auto_trigger": backup.record.request.auto_trigger,
            "progress": self.progress(backup),
            "resource_name": backup.server.name,
            "resource_type": self.resource_type(backup.server),
            "resource_az": backup.server.az,
            "fail_op": "backup" if reason else "",
            "fail_reason": reason or "",
            "fail_code": None,
            "finished_at": self.time_text(self.finished_at(backup)) if is_done else None,
            "size": _SIZE_MB,
            "volume_backups": [],
            "copy_status": "na",
            "taskid": backup.record.id,
        }

    def progress(self, backup: Backup) -> int:
        """Return how much of the backup is made, from 0 to 100."""
        whole = self.finished_at(backup) - backup.record.created_at
        past = self.clock() - backup.record.created_at
        return 100 if past >= whole else int(100 * (past / whole))


def _end(deletion: Deletion) -> datetime:
    return deletion.ends
