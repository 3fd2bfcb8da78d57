"""The order of checks, which the document does not give."""

import random
from collections.abc import Callable
from datetime import datetime
from typing import Final

from conformance.emulator.messages import CheckpointReq, Request, Response
from conformance.emulator.service import Service, utc_now
from conformance.emulator.variants.registry import variant
from conformance.emulator.world import Policy, Project, Server, Token, World
from conformance.lazily import lazily


class Checks:
    """The checks of one request by name; each does first what it cannot do without."""

    def __init__(
        self, service: "InOrder", request: Request, project_id: str, provider_id: str
    ) -> None:
        self._service = service
        self._request = request
        self._project_id = project_id
        self._provider_id = provider_id

    @lazily
    def token(self) -> Token:
        """The token is somebody's."""
        return self._service.authenticate(self._request)

    @property
    def permission(self) -> None:
        """The token may execute policies."""
        self._service.authorise(self.token)

    @property
    def media_type(self) -> None:
        """The request says that it is JSON."""
        self._service.check_content_type(self._request)

    @lazily
    def json(self) -> object:
        """The body is JSON."""
        return self._service.parse_body(self._request)

    @lazily
    def body(self) -> CheckpointReq:
        """The body keeps tables 2 to 4."""
        return self._service.read_body(self.json)

    @property
    def provider(self) -> None:
        """The provider is that of CSBS."""
        self._service.check_provider(self._provider_id)

    @lazily
    def project(self) -> Project:
        """The project exists."""
        return self._service.known_project(self._project_id)

    @property
    def owner(self) -> None:
        """The project is the token's."""
        self._service.find_project(self._project_id, self.token)

    @lazily
    def policy(self) -> Policy:
        """The policy exists."""
        return self._service.find_policy(self.body.plan_id, self.project)

    @lazily
    def servers(self) -> tuple[Server, ...]:
        """The servers are the policy's."""
        return self._service.find_servers(self.body.resources, self.policy)

    @property
    def objects(self) -> None:
        """Policy and servers exist, as far as the body names any, whatever else is wrong in it."""
        checkpoint = _field(self.json, "checkpoint")
        plan_id = _field(checkpoint, "plan_id")
        if not isinstance(plan_id, str):
            return
        policy = self._service.find_policy(plan_id, self.project)
        named = _field(_field(checkpoint, "parameters"), "resources")
        for server_id in named if isinstance(named, list) else ():
            if isinstance(server_id, str):
                self._service.find_server(server_id, policy)


def _field(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


EVERY: Final = ("token", "permission", "body", "provider", "project", "owner", "policy", "servers")


class InOrder(Service):
    """Makes the checks that ``order`` names, in its order, and then all the others."""

    order: tuple[str, ...] = ()

    def steps(self) -> tuple[str, ...]:
        """Return the checks for one request, in order."""
        return (*self.order, *EVERY)

    def known_project(self, project_id: str) -> Project:
        """Return a project, whoever asks."""
        project = self._projects.get(project_id)
        if project is None:
            raise self.unknown_project(project_id)
        return project

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        """Carry out the operation of the document; every step may raise Refusal."""
        checks = Checks(self, request, project_id, provider_id)
        for step in self.steps():
            getattr(checks, step)
        self.check_policy_idle(checks.policy)
        self.check_quota()
        self.check_servers_fit(checks.servers)
        return self.render_execution(self.execute(checks.policy, checks.servers, checks.body))


@variant("order-body-first")
class BodyFirst(InOrder):
    """The body is read before anything else."""

    order = ("body",)


@variant("order-media-type-first")
class MediaTypeFirst(InOrder):
    """The Content-Type is looked at before anything else."""

    order = ("media_type",)


@variant("order-provider-first")
class ProviderFirst(InOrder):
    """The provider is checked before anything else, the project next."""

    order = ("provider", "project")


@variant("order-project-first")
class ProjectFirst(InOrder):
    """The project is looked up before the token."""

    order = ("project", "token", "owner")


@variant("order-token-last")
class TokenLast(InOrder):
    """The token is looked at when nothing else is left to refuse."""

    order = ("body", "provider", "project", "policy", "servers", "token", "permission")


@variant("order-permission-last")
class PermissionLast(InOrder):
    """Whether the token may do this is asked when nothing else is left to refuse."""

    order = ("token", "body", "provider", "project", "owner", "policy", "servers")


@variant("order-lookup-first")
class LookupFirst(InOrder):
    """Policy and servers are looked up before the types of the other fields are checked."""

    order = ("token", "permission", "owner", "objects")


@variant("order-reversed")
class Reversed(InOrder):
    """Everything is checked in the reverse order, as far as that is possible."""

    order = ("servers", "policy", "objects", "provider", "permission", "owner")


@variant("order-varies")
class Varies(InOrder):
    """The checks are made in another order each time."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self._random = random.Random(1)

    def steps(self) -> tuple[str, ...]:
        """Return the checks for one request, shuffled."""
        checks = (*EVERY, "objects", "media_type")
        return (*self._random.sample(checks, len(checks)), *EVERY)
