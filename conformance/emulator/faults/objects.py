"""Faults in finding the policy and the servers (404)."""
# ruff: noqa: D102

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Refusal
from conformance.emulator.service import Service
from conformance.emulator.world import Policy, Server


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


def is_like(known: str, sent: str) -> bool:
    """Whether an id is LIKE a pattern, in which a percent sign stands for anything."""
    return re.fullmatch(re.escape(sent).replace("%", ".*"), known) is not None


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


@fault("policy-null-in-words", breaks="S404.unknown-policy")
class PolicyNullInWords(Service):
    """The string "null" is taken for null, and null for the default."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        return self.world.policies[0] if plan_id == "null" else super().look_up_policy(plan_id)


@fault(
    "unknown-servers-ignored",
    breaks="S404.unknown-server",
    follows=("T7.resources.asked",),
    on={"lax": ()},
)
class UnknownServersIgnored(Service):
    """Servers that do not exist are left out; where none is left, the whole policy is backed up."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        known = {server.id for server in self.policy_servers(policy)}
        named = [name for name in resources or () if name in known]
        return super().find_servers(named or None, policy)


@fault(
    "unknown-servers-skipped-beside-known",
    breaks="S404.unknown-server",
    follows=("T7.resources.asked",),
    on={"lax": ()},
)
class UnknownServersSkippedBesideKnown(Service):
    """A server that does not exist is refused alone, and skipped beside one that does."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        known = {server.id for server in self.policy_servers(policy)}
        named = None if resources is None else tuple(resources)
        found = [name for name in named or () if name in known]
        return super().find_servers(found or named, policy)


@fault(
    "only-the-first-server-checked",
    breaks="S404.unknown-server",
    follows=("T7.resources.asked",),
    on={"lax": ()},
)
class OnlyTheFirstServerChecked(Service):
    """Only the first server is looked up."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        return super().find_servers(tuple(resources)[:1] if resources else resources, policy)


@fault(
    "only-the-last-server-checked",
    breaks="S404.unknown-server",
    follows=("T7.resources.asked",),
    on={"lax": ()},
)
class OnlyTheLastServerChecked(Service):
    """A flag is overwritten in a loop: only the last server counts."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        named = None if resources is None else tuple(resources)
        return super().find_servers(named[-1:] if named else named, policy)


class ComparesServers(Service):
    """Compares the id of a server in a way of its own."""

    def same_server(self, known: str, sent: str) -> bool:
        """Whether the id ``sent`` passes for ``known``."""
        return known == sent

    def find_server(self, server_id: str, policy: Policy) -> Server:
        for server in self.policy_servers(policy):
            if self.same_server(server.id, server_id):
                return server
        raise self.unknown_server(server_id)


@fault("empty-server-matches-all", breaks="S404.unknown-server")
class EmptyServerMatchesAll(ComparesServers):
    """An empty id is no filter, and the first server matches."""

    def same_server(self, known: str, sent: str) -> bool:
        return sent in ("", known)


@fault("server-shortened", breaks="S404.unknown-server")
class ServerShortened(ComparesServers):
    """The beginning of a server's id is enough."""

    def same_server(self, known: str, sent: str) -> bool:
        return len(sent) >= 8 and known.startswith(sent)


@fault("server-extended", breaks="S404.unknown-server")
class ServerExtended(ComparesServers):
    """What follows a server's id is ignored."""

    def same_server(self, known: str, sent: str) -> bool:
        return sent.startswith(known)


@fault("server-by-percent", breaks="S404.unknown-server")
class ServerByPercent(ComparesServers):
    """A server's id is compared with LIKE."""

    def same_server(self, known: str, sent: str) -> bool:
        return is_like(known, sent)


@fault("server-end-ignored", breaks="S404.unknown-server")
class ServerEndIgnored(ComparesServers):
    """A server's id is compared without its last group."""

    def same_server(self, known: str, sent: str) -> bool:
        return known[:24] == sent[:24] and len(known) == len(sent)


@fault("many-servers-unchecked", breaks="S404.unknown-server")
class ManyServersUnchecked(Service):
    """Lists of more than thirty are for bulk jobs and not checked."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        named = None if resources is None else tuple(resources)
        return super().find_servers(None if named and len(named) > 30 else named, policy)


@fault(
    "unknown-server-forbidden",
    breaks="S404.unknown-server",
    follows=("T4.resources.spelling",),
    on={"lax": ()},
)
class UnknownServerForbidden(Service):
    """A server that does not exist is refused with 403."""

    def unknown_server(self, server_id: str) -> Refusal:
        return super().unknown_server(server_id).with_status(403)


@fault(
    "unknown-server-unauthenticated",
    breaks="S404.unknown-server",
    follows=("T4.resources.spelling",),
    on={"lax": ()},
)
class UnknownServerUnauthenticated(Service):
    """A server that does not exist is refused with 401."""

    def unknown_server(self, server_id: str) -> Refusal:
        return super().unknown_server(server_id).with_status(401)
