"""Who is asking, and for what: the token, and the objects that a request names."""

import hmac
from collections.abc import Iterable

from conformance.emulator.messages import Request
from conformance.emulator.refusals import Refusals
from conformance.emulator.world import (
    PROVIDER_ID,
    Policy,
    Project,
    Server,
    Token,
    World,
    canonical_id,
)


class Lookup(Refusals):
    """The steps that find the objects of a ``world``; each raises the refusal it decides on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._projects = {project.id: project for project in world.projects}
        self._servers = {canonical_id(server.id): server for server in world.servers}

    def authenticate(self, request: Request) -> Token:
        """Return the token of ``X-Auth-Token``; refuse if there is none, or it is nobody's."""
        value = self.token_value(request)
        if not value:
            raise self.no_token()
        matching = [token for token in self.world.tokens if self.same_token(token.value, value)]
        if not matching:
            raise self.bad_token()
        return matching[0]

    def token_value(self, request: Request) -> str | None:
        """Return the token that was sent (API usage page: ``X-Auth-Token``)."""
        return request.header("X-Auth-Token")

    def same_token(self, known: str, sent: str) -> bool:
        """Compare two tokens in constant time."""
        return hmac.compare_digest(known.encode(), sent.encode("utf-8", "surrogatepass"))

    def authorise(self, token: Token) -> None:
        """Refuse a token without permission."""
        if not token.permitted:
            raise self.no_permission(token)

    def check_provider(self, provider_id: str) -> None:
        """Refuse any provider but that of CSBS (table 1)."""
        if not self.same_id(provider_id, PROVIDER_ID):
            raise self.wrong_provider(provider_id)

    def find_project(self, project_id: str, token: Token) -> Project:
        """Return the project of the path; refuse one that is unknown or not the token's."""
        project = self._projects.get(project_id)
        if project is None or not self.owns(token, project):
            raise self.unknown_project(project_id)
        return project

    def owns(self, token: Token, project: Project) -> bool:
        """Whether the token is a login to the project."""
        return token.project == project.id

    def find_policy(self, plan_id: str, project: Project) -> Policy:
        """Return the policy of the project (table 3, ``plan_id``)."""
        policy = self.look_up_policy(plan_id)
        if policy is None or policy.project != project.id:
            raise self.unknown_policy(plan_id)
        return policy

    def look_up_policy(self, plan_id: str) -> Policy | None:
        """Return the policy with the id, of whatever project; None if there is none."""
        found = (policy for policy in self.world.policies if self.same_id(policy.id, plan_id))
        return next(found, None)

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        """Return the servers to back up, each once; None asks for those of the whole policy."""
        if resources is None:
            servers = self.policy_servers(policy)
        else:
            servers = tuple(self.find_server(server_id, policy) for server_id in resources)
        if not servers:
            raise self.policy_without_servers(policy)
        return tuple(dict.fromkeys(servers))

    def find_server(self, server_id: str, policy: Policy) -> Server:
        """Return one server asked for; refuse one that the policy does not hold."""
        for server in self.policy_servers(policy):
            if self.same_id(server.id, server_id):
                return server
        raise self.unknown_server(server_id)

    def policy_servers(self, policy: Policy) -> tuple[Server, ...]:
        """Return all servers of the policy, in its order."""
        return tuple(self._servers[canonical_id(server_id)] for server_id in policy.servers)

    def same_id(self, known: str, sent: str) -> bool:
        """Compare two ids, to the letter."""
        return known == sent
