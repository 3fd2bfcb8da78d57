"""Querying the Backup Policy List: ``GET /v1/{project_id}/policies``.

Source: the page that the document takes the policy id from. It is never judged.
"""

from collections.abc import Sequence
from datetime import datetime

from conformance.emulator.lookup import Lookup
from conformance.emulator.messages import Request, Response
from conformance.emulator.paging import Paging
from conformance.emulator.reading import Reading
from conformance.emulator.rendering import Rendering
from conformance.emulator.world import PROVIDER_ID, Policy, Project, Server


class PolicyList(Paging, Lookup, Reading, Rendering):
    """The steps that list the policies of a project."""

    started_at: datetime

    def list_policies(self, request: Request, project_id: str) -> Response:
        """Answer with the policies that the query selects; every step may raise Refusal."""
        token = self.authenticate(request)
        self.authorise(token)
        project = self.find_project(project_id, token)
        policies = self.select_policies(project, request.query)
        return self.render(200, {"policies": [self.listed_policy(policy) for policy in policies]})

    def select_policies(self, project: Project, query: dict[str, str]) -> Sequence[Policy]:
        """Return the project's policies, narrowed by name, marker, offset and limit."""
        name = query.get("name", "")
        policies = [
            policy
            for policy in self.world.policies
            if policy.project == project.id and name in ("", policy.name)
        ]
        return self.page_of(policies, query, lambda policy: policy.id, len(policies))

    def listed_policy(self, policy: Policy) -> object:
        """Render one policy of the list."""
        return {
            "id": policy.id,
            "name": policy.name,
            "description": "",
            "created_at": self.time_text(self.started_at),
            "project_id": policy.project,
            "provider_id": PROVIDER_ID,
            "status": "enabled",
            "parameters": {},
            "resources": [self.listed_resource(server) for server in self.policy_servers(policy)],
            "scheduled_operations": [],
            "tags": [],
        }

    def listed_resource(self, server: Server) -> object:
        """Render one server of a listed policy; here, ``extra_info`` is an object."""
        return {
            "id": server.id,
            "type": self.resource_type(server),
            "name": server.name,
            "extra_info": {},
        }
