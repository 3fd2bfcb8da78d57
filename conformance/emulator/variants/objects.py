"""Objects: what names them, and how one that does not exist is refused."""
# ruff: noqa: D102

import re
from typing import Final
from uuid import UUID

from conformance.emulator.messages import Checkpoint, Refusal
from conformance.emulator.service import Service
from conformance.emulator.variants.inputs import (
    DuplicatesExecuted,
    DuplicatesRefused,
    EmptyListExecuted,
    EmptyListRefused,
    MediaType400,
    MediaTypeIgnored,
    NullExecuted,
    NullRefused,
    RepeatedNamesLast,
    RepeatedNamesRefused,
    UnknownFieldsIgnored,
    UnknownFieldsRefused,
)
from conformance.emulator.variants.registry import variant
from conformance.emulator.world import Policy, Server, canonical_id

_UUID: Final = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)


@variant("ids-in-any-case")
class IdsInAnyCase(Service):
    """UUIDs of provider, policy and servers are found in capitals too."""

    def same_id(self, known: str, sent: str) -> bool:
        return canonical_id(known) == canonical_id(sent)


@variant("ids-in-any-spelling")
class IdsInAnySpelling(Service):
    """UUIDs are found in capitals and without hyphens too."""

    def same_id(self, known: str, sent: str) -> bool:
        return known == sent or (self.as_uuid(known) or known) == self.as_uuid(sent)

    def as_uuid(self, sent: str) -> UUID | None:
        """Return the UUID of a text, with hyphens or without; None for any other text."""
        return UUID(sent) if _UUID.fullmatch(sent) else None


@variant("ids-case-mixed")
class IdsCaseMixed(IdsInAnyCase):
    """Policies and servers are found in capitals; the provider is not: 404."""

    def check_provider(self, provider_id: str) -> None:
        if provider_id != provider_id.lower():
            raise self.wrong_provider(provider_id).with_status(404)
        super().check_provider(provider_id)


@variant("capitals-400")
class Capitals400(Service):
    """Ids in capitals are malformed: 400."""

    def find_server(self, server_id: str, policy: Policy) -> Server:
        if server_id != server_id.lower():
            raise self.wrong_type("an item of resources", "in lower case")
        return super().find_server(server_id, policy)

    def read_plan_id(self, plan_id: object) -> str:
        found = super().read_plan_id(plan_id)
        if found != found.lower():
            raise self.wrong_type("plan_id", "in lower case")
        return found


@variant("unknown-objects-404")
class UnknownObjects404(Service):
    """Unknown policies, servers and providers are all answered with 404."""

    def unknown_server(self, server_id: str) -> Refusal:
        return super().unknown_server(server_id).with_status(404)

    def wrong_provider(self, provider_id: str) -> Refusal:
        return super().wrong_provider(provider_id).with_status(404)


@variant("unknown-objects-400")
class UnknownObjects400(Service):
    """Unknown policies, servers and providers are all answered with 400."""

    def unknown_policy(self, plan_id: str) -> Refusal:
        return super().unknown_policy(plan_id).with_status(400)


@variant("malformed-ids-400")
class MalformedIds400(UnknownObjects404):
    """Ids that are no UUIDs are refused with 400, unknown ones with 404."""

    def unknown_policy(self, plan_id: str) -> Refusal:
        return super().unknown_policy(plan_id).with_status(_status_of(plan_id))

    def unknown_server(self, server_id: str) -> Refusal:
        return super().unknown_server(server_id).with_status(_status_of(server_id))

    def wrong_provider(self, provider_id: str) -> Refusal:
        return super().wrong_provider(provider_id).with_status(_status_of(provider_id))

    def unknown_project(self, project_id: str) -> Refusal:
        is_one = len(project_id) == 32 and project_id.isalnum()
        return super().unknown_project(project_id).with_status(403 if is_one else 400)


def _status_of(sent: str) -> int:
    return 404 if len(sent) == 36 and sent.count("-") == 4 else 400


@variant("foreign-project-400")
class ForeignProject400(Service):
    """A project that is not the token's is refused with 400."""

    def unknown_project(self, project_id: str) -> Refusal:
        return super().unknown_project(project_id).with_status(400)


@variant("foreign-project-401")
class ForeignProject401(Service):
    """A project that is not the token's is refused with 401."""

    def unknown_project(self, project_id: str) -> Refusal:
        return super().bad_token()


@variant("foreign-project-403")
class ForeignProject403(Service):
    """A project that is not the token's is refused with 403."""

    def unknown_project(self, project_id: str) -> Refusal:
        return super().unknown_project(project_id).with_status(403)


@variant("plan-id-type-404")
class PlanIdType404(Service):
    """A plan_id that is no string names no policy: 404."""

    def read_plan_id(self, plan_id: object) -> str:
        if not self.is_string(plan_id):
            raise self.unknown_policy(repr(plan_id))
        return plan_id


@variant("items-type-404")
class ItemsType404(UnknownObjects404):
    """An item of resources that is no string names no server: 404."""

    def read_resource(self, resource: object) -> str:
        if not self.is_string(resource):
            raise self.unknown_server(repr(resource))
        return resource


@variant("ids-as-text")
class IdsAsText(Service):
    """Whatever stands for an id is made a text, which then names nothing."""

    def read_plan_id(self, plan_id: object) -> str:
        return str(plan_id)

    def read_resource(self, resource: object) -> str:
        return str(resource)


@variant("all-lenient")
class AllLenient(
    NullExecuted, EmptyListExecuted, DuplicatesExecuted, RepeatedNamesLast, UnknownFieldsIgnored,
    MediaTypeIgnored, IdsInAnyCase,
):  # fmt: skip
    """All that may be executed is executed."""


@variant("all-strict")
class AllStrict(
    NullRefused, EmptyListRefused, DuplicatesRefused, RepeatedNamesRefused, UnknownFieldsRefused,
    MediaType400, Capitals400, UnknownObjects400, ForeignProject400,
):  # fmt: skip
    """All that may be refused is refused, with 400 wherever it is allowed."""


@variant("auto-trigger-seen")
class AutoTriggerSeen(Service):
    """An automatic run answers otherwise: whole policy listed, available, other extra_info."""

    def checkpoint_status(self, checkpoint: Checkpoint) -> object:
        return "available" if checkpoint.request.auto_trigger else "protecting"

    def plan_resources(self, checkpoint: Checkpoint) -> object:
        if not checkpoint.request.auto_trigger:
            return super().plan_resources(checkpoint)
        return [self.render_resource(server) for server in self.policy_servers(checkpoint.policy)]
