"""Faults in reading ``resources`` (Table 4)."""
# ruff: noqa: D102

import json
from collections.abc import Iterable, Mapping

from conformance.emulator.faults.late import Late
from conformance.emulator.faults.registry import HIDDEN, fault
from conformance.emulator.messages import Refusal
from conformance.emulator.service import Service
from conformance.emulator.world import Policy, Server


@fault("resources-one-string", breaks="T4.resources.type")
class ResourcesOneString(Service):
    """A string is taken as a list of one."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        return super().read_resources([resources] if self.is_string(resources) else resources)


@fault("resources-split-at-commas", breaks="T4.resources.type")
class ResourcesSplitAtCommas(Service):
    """A string with commas is split into a list."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        if self.is_string(resources) and "," in resources:
            resources = list(dict.fromkeys(resources.split(",")))
        return super().read_resources(resources)


@fault("resources-values-of-an-object", breaks="T4.resources.type")
class ResourcesValuesOfAnObject(Service):
    """An object with numbers as names passes for a list (PHP, form libraries)."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        values = list(resources.values()) if self.is_object(resources) else resources
        return super().read_resources(values)


@fault("resources-names-of-an-object", breaks="T4.resources.type")
class ResourcesNamesOfAnObject(Service):
    """Whatever can be iterated passes for a list: of an object, the names are taken."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        return super().read_resources(list(resources) if self.is_object(resources) else resources)


@fault("resources-falsy-is-all", breaks="T4.resources.type")
class ResourcesFalsyIsAll(Service):
    """``resources or everything``: false, 0, an empty string and {} back up the whole policy."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        return super().read_resources([] if not resources and resources is not None else resources)


@fault("resources-true-is-all", breaks="T4.resources.type")
class ResourcesTrueIsAll(Service):
    """True backs up the whole policy."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        return super().read_resources([] if resources is True else resources)


@fault("resources-of-wrong-type-ignored", breaks="T4.resources.type")
class ResourcesOfWrongTypeIgnored(Service):
    """What is no list is ignored, and the whole policy backed up."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        return super().read_resources(resources if self.is_list(resources) else [])


@fault(
    "resources-of-wrong-type-not-found",
    breaks="T4.resources.type",
    follows=("T4.resources.null",),
    on={"lax": ()},
)
class ResourcesOfWrongTypeNotFound(Service):
    """What is no list is looked up, and answered with 404."""

    def wrong_type(self, name: str, wanted: str) -> Refusal:
        refusal = super().wrong_type(name, wanted)
        return refusal.with_status(404) if name == "resources" else refusal


@fault(
    "null-resources-crash",
    breaks="T4.resources.null",
    on={"lax": HIDDEN},
)
class NullResourcesCrash(Late):
    """``resources`` null is iterated when the backup is started: 500."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        return parameters.get("resources", ()) is None

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        return None if resources is None else super().read_resources(resources)


@fault(
    "null-resources-not-found",
    breaks="T4.resources.null",
    on={"lax": HIDDEN},
)
class NullResourcesNotFound(Service):
    """``resources`` null is a server that does not exist: 404."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        if fields.get("resources", ()) is None:
            raise self.unknown_server("null").with_status(404)
        return fields


@fault("resources-required", breaks="T4.resources.optional")
class ResourcesRequired(Service):
    """``resources`` is declared mandatory."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        self.mandatory(fields, "resources")
        return fields


@fault("resources-required-to-start", breaks="T4.resources.optional")
class ResourcesRequiredToStart(Late):
    """Everything is checked, and then there is nothing to back up without ``resources``: 400."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        return "resources" not in parameters

    def doom(self) -> Refusal:
        return self.missing_field("resources")


@fault("two-servers-refused", breaks="T4.resources.accepted")
class TwoServersRefused(Service):
    """One server at a time: two or more are refused with 400."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        named = super().read_resources(resources)
        if len(named or ()) > 1:
            raise self.malformed_body("too many resources")
        return named


@fault("one-server-refused", breaks="T4.resources.accepted")
class OneServerRefused(Service):
    """A single server is for another operation: 404."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        named = None if resources is None else tuple(resources)
        if named is not None and len(named) == 1:
            raise self.unknown_server(named[0]).with_status(404)
        return super().find_servers(named, policy)


@fault("servers-refused-later", breaks="S200.executed", follows=("T4.resources.accepted",))
class ServersRefusedLater(Late):
    """Once the policy was executed, any list of servers is refused with 400."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        return bool(self.executed and parameters.get("resources"))

    def doom(self) -> Refusal:
        return self.malformed_body("resources")


@fault(
    "empty-resources-crash",
    breaks="T4.resources.empty",
    follows=("T2.body.unknown-field",),
    on={"strict": HIDDEN},
)
class EmptyResourcesCrash(Late):
    """``resources[0]`` of an empty list: 500."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        return parameters.get("resources") == []


@fault("empty-resources-not-found", breaks="T4.resources.empty", on={"strict": HIDDEN})
class EmptyResourcesNotFound(Service):
    """An empty list is answered with 404."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        if fields.get("resources") == []:
            raise self.unknown_server("").with_status(404)
        return fields


@fault(
    "duplicate-servers-crash",
    breaks="T4.resources.duplicates",
    on={
        "lax": ("T1.provider_id.spelling", "T3.plan_id.spelling", "T4.resources.spelling"),
        "strict": HIDDEN,
    },
)
class DuplicateServersCrash(Late):
    """A server named twice violates a unique key of the database: 500."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        named = parameters.get("resources")
        return self.is_list(named) and any(item in named[:at] for at, item in enumerate(named))


@fault("duplicate-servers-not-found", breaks="T4.resources.duplicates", on={"strict": HIDDEN})
class DuplicateServersNotFound(Service):
    """Two were asked for and one was found: 404."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        named = None if resources is None else tuple(resources)
        servers = super().find_servers(named, policy)
        if named is not None and len(servers) < len(named):
            raise self.unknown_server(named[0]).with_status(404)
        return servers


@fault("resources-as-json-in-a-text", breaks="T4.resources.type")
class ResourcesAsJsonInAText(Service):
    """A list that was encoded twice is decoded twice."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        try:
            return super().read_resources(json.loads(str(resources)))
        except (ValueError, RecursionError):
            return super().read_resources(resources)


@fault(
    "nothing-checked-behind-null",
    breaks="S404.unknown-server",
    on={"mixed": HIDDEN, "strict": HIDDEN},
)
class NothingCheckedBehindNull(Service):
    """Where ``auto_trigger`` is null, the check of the parameters returns before the servers."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        is_null = fields.get("auto_trigger", False) is None
        return {**fields, "resources": []} if is_null else fields
