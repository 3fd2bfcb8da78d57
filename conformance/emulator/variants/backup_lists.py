"""Lists of backups: late, cut into pages, filtered otherwise, or not there at all."""
# ruff: noqa: D102

import uuid
from collections.abc import Iterator
from datetime import timedelta

from conformance.emulator.backups import Backup
from conformance.emulator.karbor import KarborRecords
from conformance.emulator.messages import Checkpoint, CheckpointReq, Request, Response
from conformance.emulator.service import Service
from conformance.emulator.variants.registry import variant
from conformance.emulator.world import Project

LAG_SECONDS = 5


@variant("list-lags")
class ListLags(Service):
    """Backups show in the list five seconds after they were begun."""

    def present(self, project: Project) -> Iterator[Backup]:
        latest = self.clock() - timedelta(seconds=LAG_SECONDS)
        return (each for each in super().present(project) if each.record.created_at <= latest)


@variant("list-lags-server-by-server")
class ListLagsServerByServer(Service):
    """Backups of one record show in the list one after the other, two seconds apart."""

    def present(self, project: Project) -> Iterator[Backup]:
        for each in super().present(project):
            place = each.record.servers.index(each.server)
            if each.record.created_at + timedelta(seconds=2 * place) <= self.clock():
                yield each


@variant("list-two-a-page")
class ListTwoAPage(Service):
    """A page of the list of backups never has more than two, whatever limit is asked for."""

    def select_backups(self, project: Project, query: dict[str, str]) -> list[Backup]:
        found = super().select_backups(project, query)
        query["limit"] = str(min(2, self.whole_number(query, "limit", default=2)))
        return found


@variant("list-without-filters")
class ListWithoutFilters(Service):
    """The list knows no filters: it shows all backups of the project, whatever is asked for."""

    def is_selected(self, backup: Backup, query: dict[str, str]) -> bool:
        return True


@variant("list-without-marker")
class ListWithoutMarker(Service):
    """The list knows no marker: it begins at its beginning each time."""

    def list_backups(self, request: Request, project_id: str) -> Response:
        request.query.pop("marker", None)
        return super().list_backups(request, project_id)


@variant("list-oldest-first")
class ListOldestFirst(Service):
    """The list has an order of its own: the oldest backups come first."""

    def sorted_backups(self, found: list[Backup], query: dict[str, str]) -> list[Backup]:
        return found


@variant("list-refused")
class ListRefused(Service):
    """Who may execute a policy may not see the list of backups: 403."""

    def list_backups(self, request: Request, project_id: str) -> Response:
        raise self.no_permission(self.authenticate(request))


@variant("list-without-extend-info")
class ListWithoutExtendInfo(Service):
    """Backups are listed without anything that is not in every release of the API."""

    def render_backup(self, backup: Backup) -> object:
        fields = super().render_backup(backup)
        assert isinstance(fields, dict)
        return {name: value for name, value in fields.items() if name != "extend_info"}


@variant("list-of-others")
class ListOfOthers(Service):
    """A schedule executes the same policy every 50 ms; one of last week is there as well."""

    def present(self, project: Project) -> Iterator[Backup]:
        for policy in self.world.policies:
            if policy.project != project.id:
                continue
            servers = self.policy_servers(policy)
            moments = [self.started_at - timedelta(days=7)]
            while moments[-1] <= self.clock():
                moments.append(max(moments[-1], self.started_at) + timedelta(milliseconds=50))
            for moment in moments[:-1]:
                name = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{policy.id} {moment}"))
                scheduled = CheckpointReq(policy.id, auto_trigger=True)
                record = Checkpoint(name, moment, policy, servers, scheduled)
                yield from (Backup(record, server) for server in servers)
        yield from super().present(project)


@variant("records-as-in-karbor")
class RecordsAsInKarbor(KarborRecords):
    """There is no list of backups; a record is shown by itself, with one of its four statuses."""
