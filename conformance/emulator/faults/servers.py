"""Faults in finding the servers (404)."""
# ruff: noqa: D102

import re
from collections.abc import Iterable
from contextlib import suppress

from conformance.emulator.faults.parts import is_like
from conformance.emulator.faults.registry import HIDDEN, fault
from conformance.emulator.messages import Refusal
from conformance.emulator.service import Service
from conformance.emulator.world import Policy, Server


@fault("server-by-name", breaks="S404.unknown-server")
class ServerByName(Service):
    """What is no id is taken for the name of a server, as on a command line."""

    def find_server(self, server_id: str, policy: Policy) -> Server:
        having = (each for each in self.policy_servers(policy) if server_id == each.name)
        return next(having, None) or super().find_server(server_id, policy)


@fault("server-before-the-end-of-a-line", breaks="S404.unknown-server")
class ServerBeforeTheEndOfALine(Service):
    """The pattern of an id ends in a dollar sign, which lets a line break stand behind it."""

    def find_server(self, server_id: str, policy: Policy) -> Server:
        return super().find_server(server_id.removesuffix("\n"), policy)


@fault(
    "unknown-servers-ignored",
    breaks="S404.unknown-server",
    on={"mixed": ("T7.resources.asked",), "strict": ("T7.resources.asked",)},
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
    on={"lax": (), "mixed": ()},
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


@fault("first-servers-looked-up", breaks="S404.unknown-server", on={"strict": HIDDEN})
class FirstServersLookedUp(Service):
    """Only the first sixteen servers of a list are looked up."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        named = None if resources is None else tuple(resources)[:16]
        return super().find_servers(named, policy)


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


@fault("server-is-a-pattern", breaks="S404.unknown-server")
class ServerIsAPattern(ComparesServers):
    """A server's id is taken for a regular expression."""

    def same_server(self, known: str, sent: str) -> bool:
        with suppress(re.error):
            return re.fullmatch(sent, known) is not None
        return False


@fault("servers-joined-by-commas", breaks="S404.unknown-server")
class ServersJoinedByCommas(Service):
    """An item may name several servers, with commas between them."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        named = None if resources is None else ",".join(resources).split(",")
        return super().find_servers(named, policy)


@fault("as-many-servers-as-there-are", breaks="S404.unknown-server")
class AsManyServersAsThereAre(Service):
    """A list as long as the policy's is taken for all of them, and not looked into."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        named = None if resources is None else tuple(resources)
        all_of_them = self.policy_servers(policy)
        if named is not None and len(set(named)) == len(all_of_them) > 1:
            return tuple(all_of_them)
        return super().find_servers(named, policy)
