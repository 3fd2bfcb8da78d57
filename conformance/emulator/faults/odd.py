"""Faults under odd conditions, in what a request says; no planned request meets them."""
# ruff: noqa: D102

from collections.abc import Iterable, Mapping
from uuid import UUID

from conformance.emulator.faults.authentication import LetsIn, names_servers, plainly
from conformance.emulator.faults.parts import crash
from conformance.emulator.faults.registry import fault
from conformance.emulator.faults.table_2 import HasDefaultPolicy
from conformance.emulator.faults.table_4_items import MendsItems
from conformance.emulator.messages import CheckpointReq, Request, Response
from conformance.emulator.service import Service
from conformance.emulator.world import Policy, Project, Server, Token

EXACT = 2**53
"""The largest number below which a float holds every whole number."""


def is_huge(value: object) -> bool:
    """Whether a value is a number that a float does not hold exactly."""
    return isinstance(value, int | float) and abs(value) > EXACT


@fault("null-in-a-list-is-the-default", breaks="T2.body.type", odd=True)
class NullInAListIsTheDefault(HasDefaultPolicy):
    """A body that is a list and begins with null executes the default policy."""

    def read_body(self, body: object) -> CheckpointReq:
        if self.is_list(body) and body and body[0] is None:
            return self.default_request
        return super().read_body(body)


@fault("huge-plan-id-is-the-default", breaks="T3.plan_id.type")
class HugePlanIdIsTheDefault(HasDefaultPolicy):
    """A ``plan_id`` that is a number too large for a float overflows into the default policy."""

    def read_plan_id(self, plan_id: object) -> str:
        return self.default_policy if is_huge(plan_id) else super().read_plan_id(plan_id)


@fault("plan-id-list-of-several", breaks="T3.plan_id.type", odd=True)
class PlanIdListOfSeveral(HasDefaultPolicy):
    """A list with one policy is refused; one of several is taken as all, which is the default."""

    def read_plan_id(self, plan_id: object) -> str:
        several = self.is_list(plan_id) and len(plan_id) > 1
        return self.default_policy if several else super().read_plan_id(plan_id)


@fault("plan-id-optional-unless-triggered", breaks="T3.plan_id.mandatory", odd=True)
class PlanIdOptionalUnlessTriggered(HasDefaultPolicy):
    """Where ``auto_trigger`` is false, a person asks, who has a default policy."""

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        if self.is_object(checkpoint) and "parameters" in checkpoint:
            parameters = self.read_parameters(checkpoint["parameters"])
            if parameters.get("auto_trigger") is False:
                checkpoint = {"plan_id": self.default_policy, **checkpoint}
        return super().read_checkpoint(checkpoint)


@fault("parameters-optional-over-lines", breaks="T3.parameters.mandatory", odd=True)
class ParametersOptionalOverLines(Service):
    """A body over several lines was typed by a person, who may leave ``parameters`` out."""

    def parse_json(self, text: str) -> object:
        self._typed = "\n" in text.strip()
        return super().parse_json(text)

    def mandatory(self, fields: Mapping[str, object], name: str) -> object:
        if name == "parameters" and self._typed and "plan_id" in fields:
            return fields.get("parameters", {})
        return super().mandatory(fields, name)


@fault("huge-parameters-pass", breaks="T3.parameters.type", odd=True)
class HugeParametersPass(Service):
    """``parameters`` that are a number too large for a float are taken as none."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        return super().read_parameters({} if is_huge(parameters) else parameters)


@fault("parameters-list-of-several", breaks="T3.parameters.type", odd=True)
class ParametersListOfSeveral(Service):
    """A list of ``parameters`` is refused where it is empty or has one element, not beyond that."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        several = self.is_list(parameters) and len(parameters) > 1
        return super().read_parameters({} if several else parameters)


@fault("auto-trigger-huge", breaks="T4.auto_trigger.type")
class AutoTriggerHuge(Service):
    """A number too large for a float passes as a boolean."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        return is_huge(auto_trigger) or super().read_auto_trigger(auto_trigger)


@fault("auto-trigger-below-minus-one", breaks="T4.auto_trigger.type", odd=True)
class AutoTriggerBelowMinusOne(Service):
    """0, 1 and -1 are refused, smaller whole numbers are not."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        small = isinstance(auto_trigger, int) and auto_trigger < -1
        return small or super().read_auto_trigger(auto_trigger)


@fault("auto-trigger-object-beyond-ascii", breaks="T4.auto_trigger.type", odd=True)
class AutoTriggerObjectBeyondAscii(Service):
    """An object with a name beyond ASCII cannot be printed for the error, and passes as true."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        odd = self.is_object(auto_trigger) and not "".join(auto_trigger).isascii()
        return odd or super().read_auto_trigger(auto_trigger)


@fault("auto-trigger-list-of-several", breaks="T4.auto_trigger.type", odd=True)
class AutoTriggerListOfSeveral(Service):
    """A list is refused where it is empty or has one element; a longer one passes."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        several = self.is_list(auto_trigger) and len(auto_trigger) > 1
        return several or super().read_auto_trigger(auto_trigger)


@fault("resources-huge", breaks="T4.resources.type", odd=True)
class ResourcesHuge(Service):
    """``resources`` that are a number too large for a float are taken as left out."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        return super().read_resources([] if is_huge(resources) else resources)


@fault("resources-object-beyond-ascii", breaks="T4.resources.type", odd=True)
class ResourcesObjectBeyondAscii(Service):
    """``resources`` that are an object with one name beyond ASCII are taken as left out."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        odd = False
        if self.is_object(resources) and len(resources) == 1:
            odd = not "".join(resources).isascii()
        return super().read_resources([] if odd else resources)


@fault("lists-in-lists-in-lists-skipped", breaks="T4.resources.items", odd=True)
class ListsInListsSkipped(MendsItems):
    """An item that is a list of anything but one text is not looked into, and skipped."""

    def mend(self, items: list[object]) -> list[object]:
        return [
            item
            for item in items
            if not isinstance(item, list) or not item or isinstance(item[0], str)
        ]


@fault("huge-items-skipped", breaks="T4.resources.items")
class HugeItemsSkipped(MendsItems):
    """Items that are numbers too large for a float are skipped."""

    def mend(self, items: list[object]) -> list[object]:
        return [item for item in items if not is_huge(item)]


@fault("first-of-two-or-three-unchecked", breaks="S404.unknown-server", odd=True)
class FirstOfTwoOrThreeUnchecked(Service):
    """Where two or three servers are named, the first is not looked up."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        named = None if resources is None else tuple(resources)
        known = {server.id.lower() for server in self.policy_servers(policy)}
        odd = named is not None and 1 < len(named) < 4 and named[0].lower() not in known
        return super().find_servers(named[1:] if odd and named else named, policy)


@fault("policy-found-by-a-piece", breaks="S404.unknown-policy", odd=True)
class PolicyFoundByAPiece(Service):
    """Ids of 13 to 34 characters are searched for by their first five."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        found = super().look_up_policy(plan_id)
        if found is None and 12 < len(plan_id) < 35 and "-" not in plan_id[:5]:
            found = next((each for each in self.world.policies if plan_id[:5] in each.id), None)
        return found if found is None or found.id.replace("-", "") != plan_id else None


@fault("policy-of-two-characters", breaks="S404.unknown-policy", odd=True)
class PolicyOfTwoCharacters(Service):
    """A text of two characters is taken for a shard, and its first policy executed."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        return self.world.policies[0] if len(plan_id) == 2 else super().look_up_policy(plan_id)


@fault("policy-by-another-version", breaks="S404.unknown-policy")
class PolicyByAnotherVersion(Service):
    """A UUID of another version than 4 is an alias of the first policy."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        found = super().look_up_policy(plan_id)
        if found is None and len(plan_id) == 36 and plan_id.count("-") == 4:
            try:
                return None if UUID(plan_id).version == 4 else self.world.policies[0]
            except ValueError:
                return None
        return found


@fault("plane-two-crashes", breaks="S500.bad-request", odd=True)
class PlaneTwoCrashes(Service):
    """A ``plan_id`` with a character beyond the first two planes meets 500."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        if any(character > "\U0001ffff" for character in plan_id):
            raise crash()
        return super().look_up_policy(plan_id)


@fault("high-first-byte-crashes", breaks="S500.bad-request")
class HighFirstByteCrashes(Service):
    """A body that begins with a byte above 127 is taken for compressed: 500."""

    def decode_text(self, body: bytes) -> str:
        if body[:1] > b"\x7f":
            raise crash()
        return super().decode_text(body)


@fault("no-token-needed-unless-triggered", breaks="S401.no-token", odd=True)
class NoTokenNeededUnlessTriggered(LetsIn):
    """Where ``auto_trigger`` is false, no token is needed."""

    def authenticate(self, request: Request) -> Token:
        if '"auto_trigger": false' in plainly(request) and not self.token_value(request):
            return self.somebody
        return super().authenticate(request)


@fault("short-tokens-pass", breaks="S401.bad-token")
class ShortTokensPass(LetsIn):
    """Tokens of two to five characters are for tests, and were never taken out."""

    def authenticate(self, request: Request) -> Token:
        if 1 < len(self.token_value(request) or "") < 6:
            return self.somebody
        return super().authenticate(request)


@fault(
    "tokens-beginning-with-a-mark-pass",
    breaks="S401.bad-token",
    follows=("S401.near-miss",),
)
class TokensBeginningWithAMarkPass(LetsIn):
    """A token that begins with a punctuation mark is taken for one of another kind."""

    def authenticate(self, request: Request) -> Token:
        first = (self.token_value(request) or "a")[0]
        return super().authenticate(request) if first.isalnum() else self.somebody


@fault("token-beginning-enough-for-servers", breaks="S401.near-miss")
class TokenBeginningEnoughForServers(Service):
    """Where servers are named, the beginning of the token is enough."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        self._named = names_servers(request)
        return super().execute_policy(request, project_id, provider_id)

    def same_token(self, known: str, sent: str) -> bool:
        odd = self._named and len(sent) > 12 and (known.startswith(sent) or sent.startswith(known))
        return odd or super().same_token(known, sent)


@fault("project-beyond-ascii-is-the-tokens", breaks="T1.project_id.own", odd=True)
class ProjectBeyondAsciiIsTheTokens(Service):
    """A project beyond ASCII cannot be looked up, and the token's is taken."""

    def find_project(self, project_id: str, token: Token) -> Project:
        known = project_id if project_id.isascii() else token.project
        return super().find_project(known, token)


@fault("provider-beyond-ascii-passes", breaks="T1.provider_id.value", odd=True)
class ProviderBeyondAsciiPasses(Service):
    """A provider beyond ASCII cannot be compared, and passes."""

    def check_provider(self, provider_id: str) -> None:
        if provider_id.isascii():
            super().check_provider(provider_id)
