"""Requests on which the page is silent: executed, or refused with one status or another."""
# ruff: noqa: D102

from uuid import UUID

from conformance.emulator.error_codes import ErrorCode
from conformance.emulator.messages import Checkpoint, Refusal, Request
from conformance.emulator.service import Service
from conformance.emulator.variants.registry import variant
from conformance.emulator.world import Policy, Server, canonical_id


@variant("null-refused")
class NullRefused(Service):
    """null for an optional field is refused with 400."""

    def read_parameters(self, parameters: object) -> dict[str, object]:
        found = dict(super().read_parameters(parameters))
        for name, value in found.items():
            if value is None:
                raise self.wrong_type(name, "of the type in the table")
        return found


@variant("null-resources-refused")
class NullResourcesRefused(Service):
    """null is taken for auto_trigger and refused for resources."""

    def read_parameters(self, parameters: object) -> dict[str, object]:
        found = dict(super().read_parameters(parameters))
        if found.get("resources", ()) is None:
            raise self.wrong_type("resources", "a list")
        return found


@variant("empty-list-executed")
class EmptyListExecuted(Service):
    """An empty list of resources asks for the whole policy."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        return super().read_resources(None if resources == [] else resources)


@variant("duplicates-executed")
class DuplicatesExecuted(Service):
    """A server that is named twice is backed up and listed once."""

    def check_resources(self, named: tuple[str, ...]) -> None:
        if not named:
            raise self.no_resources()


@variant("duplicates-listed-twice")
class DuplicatesListedTwice(DuplicatesExecuted):
    """A server that is named twice is listed twice."""

    def find_servers(self, resources: tuple[str, ...] | None, policy: Policy) -> tuple[Server, ...]:  # type: ignore[override]
        if resources is None:
            return super().find_servers(resources, policy)
        return tuple(self.find_server(server_id, policy) for server_id in resources)


@variant("duplicates-code")
class DuplicatesCode(Service):
    """A server that is named twice is refused with 400 and a published code, CSBS.0002."""

    def repeated_resource(self, resource: str) -> Refusal:
        return self.refusal(ErrorCode.STORAGE_TYPES_DIFFER)


@variant("repeated-names-last")
class RepeatedNamesLast(Service):
    """Of a JSON name that is repeated, the last value counts."""

    def fields(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        return dict(pairs)


@variant("repeated-names-first")
class RepeatedNamesFirst(Service):
    """Of a JSON name that is repeated, the first value counts."""

    def fields(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        return dict(reversed(pairs))


@variant("unknown-fields-ignored")
class UnknownFieldsIgnored(Service):
    """Fields that the tables do not have are ignored."""

    def check_names(self, fields: object, known: set[str]) -> None:
        pass


@variant("unknown-parameters-refused")
class UnknownParametersRefused(Service):
    """Unknown fields are ignored, but refused among the parameters."""

    def check_names(self, fields: object, known: set[str]) -> None:
        if "auto_trigger" in known:
            super().check_names(fields, known)  # type: ignore[arg-type]


@variant("media-type-ignored")
class MediaTypeIgnored(Service):
    """The body is read as JSON whatever its Content-Type says."""

    def check_content_type(self, request: Request) -> None:
        pass


@variant("media-type-400")
class MediaType400(Service):
    """Another media type than JSON, or none, is refused with 400."""

    def other_media_type(self) -> Refusal:
        return super().other_media_type().with_status(400)


@variant("media-type-optional")
class MediaTypeOptional(Service):
    """The Content-Type may be left out; another one than JSON is refused with 415."""

    def check_content_type(self, request: Request) -> None:
        if request.header("Content-Type") is not None:
            super().check_content_type(request)


@variant("media-type-mandatory")
class MediaTypeMandatory(Service):
    """A missing Content-Type is refused with 400; any that is there will do."""

    def check_content_type(self, request: Request) -> None:
        if request.header("Content-Type") is None:
            raise super().other_media_type().with_status(400)


@variant("ids-in-any-case")
class IdsInAnyCase(Service):
    """UUIDs of provider, policy and servers are found in capitals too."""

    def same_id(self, known: str, sent: str) -> bool:
        return canonical_id(known) == canonical_id(sent)


@variant("ids-in-any-spelling")
class IdsInAnySpelling(Service):
    """UUIDs are found in capitals and without hyphens too."""

    def same_id(self, known: str, sent: str) -> bool:
        plain = sent.replace("-", "").lower()
        return UUID(known).hex == plain if len(plain) == 32 else known == sent


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
    EmptyListExecuted, DuplicatesExecuted, RepeatedNamesLast, UnknownFieldsIgnored,
    MediaTypeIgnored, IdsInAnyCase,
):  # fmt: skip
    """All that may be executed is executed."""


@variant("all-strict")
class AllStrict(NullRefused, MediaType400, Capitals400, UnknownObjects400, ForeignProject400):
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
