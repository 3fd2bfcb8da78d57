"""Faults in reading ``plan_id`` and ``parameters`` (Table 3)."""
# ruff: noqa: D102

import json
from collections.abc import Mapping

from conformance.emulator.faults.late import Late
from conformance.emulator.faults.parts import crash
from conformance.emulator.faults.registry import fault
from conformance.emulator.faults.table_2 import HasDefaultPolicy
from conformance.emulator.messages import CheckpointReq, Refusal
from conformance.emulator.service import Service


@fault("plan-id-optional", breaks="T3.plan_id.mandatory")
class PlanIdOptional(HasDefaultPolicy):
    """Without ``plan_id``, the first policy is executed."""

    def mandatory(self, fields: Mapping[str, object], name: str) -> object:
        return super().mandatory({"plan_id": self.default_policy, **fields}, name)


@fault("policy-of-the-servers", breaks="T3.plan_id.mandatory")
class PolicyOfTheServers(HasDefaultPolicy):
    """Without ``plan_id``, the policy of the servers is executed."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        if self.is_object(checkpoint) and "resources" in json.dumps(checkpoint):
            checkpoint = {"plan_id": self.default_policy, **checkpoint}
        return super().read_checkpoint(checkpoint)


@fault("missing-plan-id-forbidden", breaks="T3.plan_id.mandatory")
class MissingPlanIdForbidden(Service):
    """A missing ``plan_id`` is refused with 403: there is no policy that the user may execute."""

    def missing_field(self, name: str) -> Refusal:
        refusal = super().missing_field(name)
        return refusal.with_status(403) if name == "plan_id" else refusal


@fault("plan-id-in-a-list", breaks="T3.plan_id.type")
class PlanIdInAList(Service):
    """``plan_id`` may be a list of ids, of which the first is executed."""

    def read_plan_id(self, plan_id: object) -> str:
        is_full = self.is_list(plan_id) and plan_id
        return super().read_plan_id(plan_id[0] if is_full else plan_id)  # type: ignore[index]


@fault("plan-id-in-an-object", breaks="T3.plan_id.type")
class PlanIdInAnObject(Service):
    """``plan_id`` may be an object with an ``id``."""

    def read_plan_id(self, plan_id: object) -> str:
        return super().read_plan_id(plan_id.get("id") if self.is_object(plan_id) else plan_id)


@fault("null-plan-id-is-the-default", breaks="T3.plan_id.type")
class NullPlanIdIsTheDefault(HasDefaultPolicy):
    """``plan_id`` null executes the first policy."""

    def read_plan_id(self, plan_id: object) -> str:
        return super().read_plan_id(self.default_policy if plan_id is None else plan_id)


@fault("falsy-plan-id-is-the-default", breaks="T3.plan_id.type")
class FalsyPlanIdIsTheDefault(HasDefaultPolicy):
    """``plan_id or default``: false, 0 and empty containers execute the first policy."""

    def read_plan_id(self, plan_id: object) -> str:
        is_falsy = not plan_id and not self.is_string(plan_id)
        return super().read_plan_id(self.default_policy if is_falsy else plan_id)


@fault("plan-id-by-number", breaks="T3.plan_id.type")
class PlanIdByNumber(Service):
    """A number is taken as the place of the policy in the list; so is true, which equals 1."""

    def read_plan_id(self, plan_id: object) -> str:
        if isinstance(plan_id, int) and 0 < plan_id <= len(self.world.policies):
            return self.world.policies[plan_id - 1].id
        return super().read_plan_id(plan_id)


@fault("plan-id-of-wrong-type-forbidden", breaks="T3.plan_id.type")
class PlanIdOfWrongTypeForbidden(Service):
    """A ``plan_id`` that is no string is refused with 403."""

    def wrong_type(self, name: str, wanted: str) -> Refusal:
        refusal = super().wrong_type(name, wanted)
        return refusal.with_status(403) if name == "plan_id" else refusal


class ReadsSpellings(Service):
    """Does something with a ``plan_id`` in capitals."""

    def read_plan_id(self, plan_id: object) -> str:
        text = super().read_plan_id(plan_id)
        if text != text.lower() and any(text.lower() == each.id for each in self.world.policies):
            self.spelled_otherwise()
        return text

    def spelled_otherwise(self) -> None:
        """The policy exists, and is spelled otherwise."""


@fault("plan-id-in-capitals-forbidden", breaks="T3.plan_id.spelling")
class PlanIdInCapitalsForbidden(ReadsSpellings):
    """The database finds the policy whatever its case, the access list does not: 403."""

    def spelled_otherwise(self) -> None:
        raise Refusal(403, "CSBS.0403", "No operation permission.")


@fault("plan-id-in-capitals-crashes", breaks="T3.plan_id.spelling", follows=("S500.bad-request",))
class PlanIdInCapitalsCrashes(ReadsSpellings):
    """The database finds the policy whatever its case, a dictionary does not: 500."""

    def spelled_otherwise(self) -> None:
        raise crash()


@fault("parameters-optional", breaks="T3.parameters.mandatory")
class ParametersOptional(Service):
    """``parameters`` may be left out, as all of its fields may."""

    def mandatory(self, fields: Mapping[str, object], name: str) -> object:
        return super().mandatory({"parameters": {}, **fields} if fields else fields, name)


@fault("missing-parameters-not-found", breaks="T3.parameters.mandatory")
class MissingParametersNotFound(Service):
    """Missing ``parameters`` are answered with 404."""

    def missing_field(self, name: str) -> Refusal:
        refusal = super().missing_field(name)
        return refusal.with_status(404) if name == "parameters" else refusal


@fault("empty-parameters-refused", breaks="T3.parameters.empty")
class EmptyParametersRefused(Service):
    """``if not parameters``: an empty object counts as missing."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        if parameters == {}:
            raise self.missing_field("parameters")
        return super().read_parameters(parameters)


@fault("empty-parameters-refused-late", breaks="T3.parameters.empty")
class EmptyParametersRefusedLate(Late):
    """Everything is checked, and then the back end finds no parameter to go by: 400."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        return not parameters

    def doom(self) -> Refusal:
        return self.missing_field("parameters")


@fault("null-parameters", breaks="T3.parameters.type")
class NullParameters(Service):
    """``parameters`` null is taken as an empty object."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        return super().read_parameters({} if parameters is None else parameters)


@fault("falsy-parameters", breaks="T3.parameters.type")
class FalsyParameters(Service):
    """``parameters or {}``: false, 0, an empty string and an empty list pass."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        return super().read_parameters(parameters or {})


@fault("empty-list-as-parameters", breaks="T3.parameters.type")
class EmptyListAsParameters(Service):
    """An empty list passes for an empty object (PHP)."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        return super().read_parameters({} if parameters == [] else parameters)


@fault("parameters-encoded-twice", breaks="T3.parameters.type")
class ParametersEncodedTwice(Service):
    """``parameters`` may be a string that holds JSON."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        return super().read_parameters({} if parameters == "{}" else parameters)


@fault("parameters-in-a-list", breaks="T3.parameters.type")
class ParametersInAList(Service):
    """``parameters`` may be a list of objects, which are merged."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        if self.is_list(parameters) and parameters and all(map(self.is_object, parameters)):
            parameters = {name: item for part in parameters for name, item in part.items()}  # type: ignore[attr-defined]
        return super().read_parameters(parameters)


@fault("parameters-of-wrong-type-ignored", breaks="T3.parameters.type")
class ParametersOfWrongTypeIgnored(Service):
    """``parameters`` that are no object are ignored."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        return super().read_parameters(parameters if self.is_object(parameters) else {})


@fault("parameters-of-wrong-type-not-found", breaks="T3.parameters.type")
class ParametersOfWrongTypeNotFound(Service):
    """``parameters`` that are no object are answered with 404."""

    def wrong_type(self, name: str, wanted: str) -> Refusal:
        refusal = super().wrong_type(name, wanted)
        return refusal.with_status(404) if name == "parameters" else refusal


@fault(
    "fields-of-the-prototype-count",
    breaks="T3.parameters.mandatory",
    follows=("T3.plan_id.mandatory",),
)
class FieldsOfThePrototypeCount(Service):
    """A copy of the object is read, which has what came as its prototype."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        if isinstance(checkpoint, dict) and isinstance(checkpoint.get("__proto__"), dict):
            own = {name: value for name, value in checkpoint.items() if name != "__proto__"}
            checkpoint = {**checkpoint["__proto__"], **own}
        return super().read_checkpoint(checkpoint)
