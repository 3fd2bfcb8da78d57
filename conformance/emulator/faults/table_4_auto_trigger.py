"""Faults in reading ``auto_trigger`` (Table 4)."""
# ruff: noqa: D102

from collections.abc import Mapping
from typing import TypeGuard

from conformance.emulator.faults.late import Late
from conformance.emulator.faults.registry import HIDDEN, fault
from conformance.emulator.messages import CheckpointReq, Refusal
from conformance.emulator.service import Service


@fault("auto-trigger-one-and-zero", breaks="T4.auto_trigger.type")
class AutoTriggerOneAndZero(Service):
    """The validator lets 1 and 0 through: to its language they equal true and false."""

    def is_boolean(self, value: object) -> TypeGuard[bool]:
        return value in (True, False)


@fault("auto-trigger-any-number", breaks="T4.auto_trigger.type")
class AutoTriggerAnyNumber(Service):
    """Any number is taken as a boolean."""

    def is_boolean(self, value: object) -> TypeGuard[bool]:
        return isinstance(value, int | float)


@fault("auto-trigger-fractions", breaks="T4.auto_trigger.type")
class AutoTriggerFractions(Service):
    """A number with a fraction passes as a boolean; whole numbers do not."""

    def is_boolean(self, value: object) -> TypeGuard[bool]:
        return isinstance(value, bool | float)


@fault("auto-trigger-one-as-a-fraction", breaks="T4.auto_trigger.type")
class AutoTriggerOneAsAFraction(Service):
    """1.0 and 0.0 pass as booleans, where 1 and 0 do not."""

    def is_boolean(self, value: object) -> TypeGuard[bool]:
        return isinstance(value, bool) or (isinstance(value, float) and value in (0.0, 1.0))


@fault("auto-trigger-words", breaks="T4.auto_trigger.type")
class AutoTriggerWords(Service):
    """The strings "true" and "false" pass as booleans."""

    def is_boolean(self, value: object) -> TypeGuard[bool]:
        return isinstance(value, bool) or value in ("true", "false")


@fault("auto-trigger-yes-and-on", breaks="T4.auto_trigger.type")
class AutoTriggerYesAndOn(Service):
    """The strings that YAML knows pass as booleans."""

    def is_boolean(self, value: object) -> TypeGuard[bool]:
        return isinstance(value, bool) or value in ("yes", "no", "on", "off")


@fault("auto-trigger-any-case", breaks="T4.auto_trigger.type")
class AutoTriggerAnyCase(Service):
    """The strings "True" and "False" pass as booleans, as Python prints them."""

    def is_boolean(self, value: object) -> TypeGuard[bool]:
        return isinstance(value, bool) or value in ("True", "False")


@fault("auto-trigger-empty-string", breaks="T4.auto_trigger.type")
class AutoTriggerEmptyString(Service):
    """An empty string is taken as left out, as forms send it."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        return auto_trigger != "" and super().read_auto_trigger(auto_trigger)


@fault("auto-trigger-any-truth", breaks="T4.auto_trigger.type")
class AutoTriggerAnyTruth(Service):
    """``bool(value)``: everything is true or false."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        return bool(auto_trigger)


@fault("auto-trigger-containers", breaks="T4.auto_trigger.type")
class AutoTriggerContainers(Service):
    """Lists and objects are not looked into and pass; scalars are checked."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        if isinstance(auto_trigger, list | dict):
            return bool(auto_trigger)
        return super().read_auto_trigger(auto_trigger)


@fault(
    "auto-trigger-of-wrong-type-not-found",
    breaks="T4.auto_trigger.type",
    follows=("T4.auto_trigger.null",),
    on={"lax": ()},
)
class AutoTriggerOfWrongTypeNotFound(Service):
    """An ``auto_trigger`` that is no boolean is answered with 404."""

    def wrong_type(self, name: str, wanted: str) -> Refusal:
        refusal = super().wrong_type(name, wanted)
        return refusal.with_status(404) if name == "auto_trigger" else refusal


@fault(
    "null-auto-trigger-crashes",
    breaks="T4.auto_trigger.null",
    on={"lax": HIDDEN},
)
class NullAutoTriggerCrashes(Late):
    """``auto_trigger`` null is stored in a column that must not be null: 500."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        return parameters.get("auto_trigger", False) is None

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        return auto_trigger is not None and super().read_auto_trigger(auto_trigger)


@fault("null-auto-trigger-not-found", breaks="T4.auto_trigger.null", on={"lax": HIDDEN})
class NullAutoTriggerNotFound(Service):
    """``auto_trigger`` null is answered with 404."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        if fields.get("auto_trigger", False) is None:
            raise Refusal(404, "CSBS.0404", "auto_trigger not found")
        return fields


@fault("auto-trigger-required", breaks="T4.auto_trigger.optional")
class AutoTriggerRequired(Service):
    """``auto_trigger`` is declared mandatory."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        self.mandatory(fields, "auto_trigger")
        return fields


@fault("auto-trigger-required-to-start", breaks="T4.auto_trigger.optional")
class AutoTriggerRequiredToStart(Late):
    """Everything is checked, and then the back end misses ``auto_trigger``: 400."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        return "auto_trigger" not in parameters

    def doom(self) -> Refusal:
        return self.missing_field("auto_trigger")


@fault("auto-trigger-false-refused", breaks="T4.auto_trigger.values")
class AutoTriggerFalseRefused(Service):
    """``if not auto_trigger``: false counts as missing where it is sent."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        if fields.get("auto_trigger") is False:
            raise self.missing_field("auto_trigger")
        return fields


@fault("auto-trigger-true-refused", breaks="T4.auto_trigger.values")
class AutoTriggerTrueRefused(Service):
    """Only the scheduler may say true; a user who does is refused with 400."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        if auto_trigger is True:
            raise self.malformed_body("auto_trigger is true")
        return super().read_auto_trigger(auto_trigger)


@fault("auto-trigger-true-forbidden", breaks="T4.auto_trigger.values")
class AutoTriggerTrueForbidden(Late):
    """Only the scheduler may say true; a user who does is refused with 403."""

    def dooms(self, parameters: Mapping[str, object]) -> bool:
        return parameters.get("auto_trigger") is True

    def doom(self) -> Refusal:
        return Refusal(403, "CSBS.0403", "No operation permission.")


@fault("auto-trigger-unchecked-before-plan-id", breaks="T4.auto_trigger.type")
class AutoTriggerUncheckedBeforePlanId(Service):
    """A reader of streams checks ``auto_trigger`` only where it knows the policy already."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        names = list(checkpoint) if isinstance(checkpoint, dict) else []
        self._knows_policy = names[:1] != ["parameters"]
        return super().read_checkpoint(checkpoint)

    def is_boolean(self, value: object) -> TypeGuard[bool]:
        return super().is_boolean(value) or not self._knows_policy


@fault("auto-trigger-in-a-list", breaks="T4.auto_trigger.type")
class AutoTriggerInAList(Service):
    """A list of one value is taken for that value."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        match auto_trigger:
            case [bool(flag)]:
                return flag
        return super().read_auto_trigger(auto_trigger)


@fault("any-auto-trigger-beside-a-note", breaks="T4.auto_trigger.type", on={"strict": HIDDEN})
class AnyAutoTriggerBesideANote(Service):
    """Parameters with a field that is not known are read by a schema of any fields."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        is_known = fields.keys() <= {"auto_trigger", "resources"}
        return fields if is_known else {**fields, "auto_trigger": bool(fields.get("auto_trigger"))}
