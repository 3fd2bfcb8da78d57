"""Faults in finding the policy (404)."""
# ruff: noqa: D102

import re
from fnmatch import fnmatchcase
from unicodedata import combining, normalize

from conformance.emulator.faults.parts import is_like
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Refusal
from conformance.emulator.service import Service
from conformance.emulator.world import Policy


@fault("any-policy-is-the-first", breaks="S404.unknown-policy")
class AnyPolicyIsTheFirst(Service):
    """Where the policy is not found, the first one is executed."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        return super().look_up_policy(plan_id) or self.world.policies[0]


@fault(
    "unknown-policy-forbidden",
    breaks="S404.unknown-policy",
    follows=("T3.plan_id.spelling",),
    on={"lax": ()},
)
class UnknownPolicyForbidden(Service):
    """A policy that does not exist is refused with 403, to tell nothing."""

    def unknown_policy(self, plan_id: str) -> Refusal:
        return super().unknown_policy(plan_id).with_status(403)


@fault(
    "unknown-policy-unauthenticated",
    breaks="S404.unknown-policy",
    follows=("T3.plan_id.spelling",),
    on={"lax": ()},
)
class UnknownPolicyUnauthenticated(Service):
    """A policy that does not exist is refused with 401."""

    def unknown_policy(self, plan_id: str) -> Refusal:
        return super().unknown_policy(plan_id).with_status(401)


class ComparesPolicies(Service):
    """Compares the id of a policy in a way of its own."""

    def same_policy(self, known: str, sent: str) -> bool:
        """Whether the id ``sent`` passes for ``known``."""
        return known == sent

    def look_up_policy(self, plan_id: str) -> Policy | None:
        same = (each for each in self.world.policies if self.same_policy(each.id, plan_id))
        return next(same, None)


@fault("empty-policy-matches-all", breaks="S404.unknown-policy")
class EmptyPolicyMatchesAll(ComparesPolicies):
    """An empty id is no filter, and every policy matches."""

    def same_policy(self, known: str, sent: str) -> bool:
        return sent in ("", known)


@fault("policy-shortened", breaks="S404.unknown-policy")
class PolicyShortened(ComparesPolicies):
    """Eight characters or more of the beginning of an id are enough."""

    def same_policy(self, known: str, sent: str) -> bool:
        return len(sent) >= 8 and known.startswith(sent)


@fault("policy-extended", breaks="S404.unknown-policy")
class PolicyExtended(ComparesPolicies):
    """What follows the id is cut off, as the column is that long."""

    def same_policy(self, known: str, sent: str) -> bool:
        return known == sent[: len(known)]


@fault("policy-end-compared", breaks="S404.unknown-policy")
class PolicyEndCompared(ComparesPolicies):
    """Only the last group of the id is compared."""

    def same_policy(self, known: str, sent: str) -> bool:
        return known.rpartition("-")[2] == sent.rpartition("-")[2]


@fault("policy-beginning-compared", breaks="S404.unknown-policy")
class PolicyBeginningCompared(ComparesPolicies):
    """Only the first group of the id is compared."""

    def same_policy(self, known: str, sent: str) -> bool:
        return known.partition("-")[0] == sent.partition("-")[0]


@fault("policy-middle-ignored", breaks="S404.unknown-policy")
class PolicyMiddleIgnored(ComparesPolicies):
    """The first and the last group of the id are compared."""

    def same_policy(self, known: str, sent: str) -> bool:
        return (known[:8], known[-12:], len(known)) == (sent[:8], sent[-12:], len(sent))


@fault("policy-by-percent", breaks="S404.unknown-policy")
class PolicyByPercent(ComparesPolicies):
    """The id is compared with LIKE: a percent sign stands for anything."""

    def same_policy(self, known: str, sent: str) -> bool:
        return is_like(known, sent)


@fault("policy-by-star", breaks="S404.unknown-policy")
class PolicyByStar(ComparesPolicies):
    """The id is a key with wildcards: a star stands for anything."""

    def same_policy(self, known: str, sent: str) -> bool:
        return fnmatchcase(known, sent) if "*" in sent else known == sent


@fault("policy-cut-at-zero", breaks="S404.unknown-policy")
class PolicyCutAtZero(ComparesPolicies):
    """The id ends at the first zero character, as in C."""

    def same_policy(self, known: str, sent: str) -> bool:
        return known == sent.partition("\0")[0]


@fault("policy-pasted-into-sql", breaks="S404.unknown-policy")
class PolicyPastedIntoSql(ComparesPolicies):
    """The id is pasted into a statement, where OR '1'='1 is true for every policy."""

    def same_policy(self, known: str, sent: str) -> bool:
        return known == sent or re.search(r"' OR ('?)1\1='?1", sent) is not None


@fault("policy-by-server", breaks="S404.unknown-policy")
class PolicyByServer(Service):
    """The id of a server finds the policy it is in."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        having = (each for each in self.world.policies if plan_id in each.servers)
        return super().look_up_policy(plan_id) or next(having, None)


@fault("policy-by-project", breaks="S404.unknown-policy")
class PolicyByProject(Service):
    """The id of the project finds its first policy."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        having = (each for each in self.world.policies if plan_id == each.project)
        return super().look_up_policy(plan_id) or next(having, None)


@fault("policy-by-name", breaks="S404.unknown-policy")
class PolicyByName(Service):
    """What is no id is taken for the name of a policy, as on a command line."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        having = (each for each in self.world.policies if plan_id == each.name)
        return super().look_up_policy(plan_id) or next(having, None)


@fault("policy-null-in-words", breaks="S404.unknown-policy")
class PolicyNullInWords(Service):
    """The string "null" is taken for null, and null for the default."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        return self.world.policies[0] if plan_id == "null" else super().look_up_policy(plan_id)


@fault("policy-without-accents", breaks="S404.unknown-policy")
class PolicyWithoutAccents(ComparesPolicies):
    """The id is compared by a collation that knows no accents."""

    def same_policy(self, known: str, sent: str) -> bool:
        return known == "".join(each for each in normalize("NFD", sent) if not combining(each))
