"""Faults in the URI and its parameters (URI format, Table 1)."""
# ruff: noqa: D102

import re

from conformance.emulator.faults.parts import crash, policies_of
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import (
    Checkpoint,
    CheckpointReq,
    Refusal,
    Request,
    Response,
)
from conformance.emulator.service import Service
from conformance.emulator.world import PROVIDER_ID, Policy, Project, Server, Token


@fault("put-instead-of-post", breaks="URI.post", follows=("S.listed",))
class PutInsteadOfPost(Service):
    """The route was registered for PUT."""

    def check_method(self, request: Request, allowed: str) -> None:
        super().check_method(request, "PUT" if allowed == "POST" else allowed)


@fault("handler-not-implemented", breaks="URI.post", follows=("S.listed",), on={"strict": ()})
class HandlerNotImplemented(Service):
    """Everything is checked, and then the handler is a stub that answers 501."""

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        raise Refusal(501, "CSBS.0501", "not implemented")


@fault("put-to-execute", breaks="URI.post", follows=("S.listed",), on={"strict": ()})
class PutToExecute(Service):
    """POST only validates; to execute, the service wants PUT and says so with 405."""

    def execute(
        self, policy: Policy, servers: tuple[Server, ...], wanted: CheckpointReq
    ) -> Checkpoint:
        raise self.method_not_allowed("PUT")


@fault("get-executes", breaks="URI.get")
class GetExecutes(Service):
    """GET is routed to the same handler, which takes the defaults and executes the policy."""

    def check_method(self, request: Request, allowed: str) -> None:
        if request.method != "GET":
            super().check_method(request, allowed)

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        if request.method != "GET":
            return super().execute_policy(request, project_id, provider_id)
        project = self.find_project(project_id, self.authenticate(request))
        policy = policies_of(self.world, project)[0]
        servers = self.policy_servers(policy)
        return self.render_execution(self.execute(policy, servers, CheckpointReq(policy.id)))


@fault("empty-project-is-the-tokens", breaks="T1.project_id.mandatory")
class EmptyProjectIsTheTokens(Service):
    """A path without a project is taken as the project of the token."""

    def answer(self, request: Request) -> Response:
        match request.segments:
            case ("v1", "", "providers", provider_id, "checkpoints"):
                project = self.authenticate(request).project
                return self.execute_policy(request, project, provider_id)
        return super().answer(request)


@fault("project-ignored", breaks="T1.project_id.own")
class ProjectIgnored(Service):
    """The project of the path is never looked at; the token's counts."""

    def find_project(self, project_id: str, token: Token) -> Project:
        return super().find_project(token.project, token)


class ComparesProjects(Service):
    """Compares the project of the path with the token's in a way of its own."""

    def same_project(self, known: str, sent: str) -> bool:
        """Whether the project ``sent`` passes for ``known``."""
        return known == sent

    def find_project(self, project_id: str, token: Token) -> Project:
        same = self.same_project(token.project, project_id)
        return super().find_project(token.project if same else project_id, token)


@fault("project-shortened", breaks="T1.project_id.own")
class ProjectShortened(ComparesProjects):
    """The beginning of the project's id is enough."""

    def same_project(self, known: str, sent: str) -> bool:
        return known.startswith(sent)


@fault("project-extended", breaks="T1.project_id.own")
class ProjectExtended(ComparesProjects):
    """What follows the project's id is ignored."""

    def same_project(self, known: str, sent: str) -> bool:
        return sent.startswith(known)


@fault("project-half-compared", breaks="T1.project_id.own")
class ProjectHalfCompared(ComparesProjects):
    """The column is too short: only the first half of the project's id is compared."""

    def same_project(self, known: str, sent: str) -> bool:
        return sent[:16] == known[:16]


@fault("project-only-well-formed", breaks="T1.project_id.own")
class ProjectOnlyWellFormed(ComparesProjects):
    """The project's id only has to look like one: 32 hexadecimal digits."""

    def same_project(self, known: str, sent: str) -> bool:
        return len(sent) == 32 and not sent.strip("0123456789abcdef")


@fault("project-unchecked-for-servers", breaks="T1.project_id.own")
class ProjectUncheckedForServers(Service):
    """A request that names servers takes another path, on which the project is not checked."""

    def execute_policy(self, request: Request, project_id: str, provider_id: str) -> Response:
        if b'"resources"' in request.body:
            project_id = self.authenticate(request).project
        return super().execute_policy(request, project_id, provider_id)


@fault("empty-provider-is-the-default", breaks="T1.provider_id.mandatory")
class EmptyProviderIsTheDefault(Service):
    """A path without a provider is taken as that of CSBS."""

    def answer(self, request: Request) -> Response:
        match request.segments:
            case ("v1", project_id, "providers", "", "checkpoints"):
                return self.execute_policy(request, project_id, PROVIDER_ID)
        return super().answer(request)


@fault("provider-ignored", breaks="T1.provider_id.value")
class ProviderIgnored(Service):
    """The provider is never looked at."""

    def check_provider(self, provider_id: str) -> None:
        pass


@fault("provider-shortened", breaks="T1.provider_id.value")
class ProviderShortened(Service):
    """The beginning of the provider's id is enough."""

    def check_provider(self, provider_id: str) -> None:
        if not PROVIDER_ID.startswith(provider_id):
            raise self.wrong_provider(provider_id)


@fault("provider-extended", breaks="T1.provider_id.value")
class ProviderExtended(Service):
    """What follows the provider's id is ignored."""

    def check_provider(self, provider_id: str) -> None:
        if not provider_id.startswith(PROVIDER_ID):
            raise self.wrong_provider(provider_id)


@fault("provider-up-to-a-line-break", breaks="T1.provider_id.value")
class ProviderUpToALineBreak(Service):
    """The pattern that the provider matches ends before a last line break."""

    def check_provider(self, provider_id: str) -> None:
        if not re.match(rf"{PROVIDER_ID}$", provider_id):
            raise self.wrong_provider(provider_id)


@fault("provider-beginning-compared", breaks="T1.provider_id.value")
class ProviderBeginningCompared(Service):
    """Only the first group of the provider's id is compared."""

    def check_provider(self, provider_id: str) -> None:
        if provider_id.split("-")[0] != PROVIDER_ID.split("-")[0]:
            raise self.wrong_provider(provider_id)


@fault("provider-end-compared", breaks="T1.provider_id.value")
class ProviderEndCompared(Service):
    """Only the last group of the provider's id is compared."""

    def check_provider(self, provider_id: str) -> None:
        if provider_id.split("-")[-1] != PROVIDER_ID.split("-")[-1]:
            raise self.wrong_provider(provider_id)


@fault("provider-by-name", breaks="T1.provider_id.value")
class ProviderByName(Service):
    """The provider may also be called by a name."""

    def check_provider(self, provider_id: str) -> None:
        if provider_id != "servers":
            super().check_provider(provider_id)


@fault(
    "wrong-provider-forbidden",
    breaks="T1.provider_id.value",
    follows=("T1.provider_id.spelling",),
    on={"lax": ()},
)
class WrongProviderForbidden(Service):
    """Another provider is refused with 403, as if it were a matter of permission."""

    def wrong_provider(self, provider_id: str) -> Refusal:
        return super().wrong_provider(provider_id).with_status(403)


@fault(
    "wrong-provider-unauthenticated",
    breaks="T1.provider_id.value",
    follows=("T1.provider_id.spelling",),
    on={"lax": ()},
)
class WrongProviderUnauthenticated(Service):
    """Another provider is refused with 401, as the token was issued for this one."""

    def wrong_provider(self, provider_id: str) -> Refusal:
        return super().wrong_provider(provider_id).with_status(401)


@fault("provider-in-capitals-forbidden", breaks="T1.provider_id.spelling")
class ProviderInCapitalsForbidden(Service):
    """The provider's id in capitals passes the first check, and the second answers 403."""

    def check_provider(self, provider_id: str) -> None:
        if provider_id == PROVIDER_ID.upper():
            raise super().wrong_provider(provider_id).with_status(403)
        super().check_provider(provider_id)


@fault(
    "provider-in-capitals-crashes", breaks="T1.provider_id.spelling", follows=("S500.bad-request",)
)
class ProviderInCapitalsCrashes(Service):
    """The provider is found whatever its case, and then used as a key that does not exist."""

    def check_provider(self, provider_id: str) -> None:
        if provider_id == PROVIDER_ID.upper():
            raise crash()
        super().check_provider(provider_id)
