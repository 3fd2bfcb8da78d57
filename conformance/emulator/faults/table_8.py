"""Faults in the servers of the response (Table 8)."""
# ruff: noqa: D102

from conformance.emulator.faults.parts import without
from conformance.emulator.faults.registry import fault
from conformance.emulator.service import Service
from conformance.emulator.world import Server


@fault("server-id-missing", breaks="T8.id.present")
class ServerIdMissing(Service):
    """The id of a server is left out."""

    def render_resource(self, server: Server) -> object:
        return without(super().render_resource(server), "id")


@fault("server-id-is-a-number", breaks="T8.id.type")
class ServerIdIsANumber(Service):
    """The id of a server is the number of a row."""

    def resource_id(self, server: Server) -> object:
        return self.world.servers.index(server)


@fault("server-id-is-null", breaks="T8.id.type")
class ServerIdIsNull(Service):
    """The id of a server is null."""

    def resource_id(self, server: Server) -> object:
        return None


@fault("server-id-is-an-object", breaks="T8.id.type")
class ServerIdIsAnObject(Service):
    """The id of a server is an object with the id."""

    def resource_id(self, server: Server) -> object:
        return {"uuid": server.id}


@fault("server-id-is-the-name", breaks="T7.resources.asked")
class ServerIdIsTheName(Service):
    """The name of a server stands where its id belongs."""

    def resource_id(self, server: Server) -> object:
        return server.name


@fault("server-type-missing", breaks="T8.type.present")
class ServerTypeMissing(Service):
    """The type of a server is left out."""

    def render_resource(self, server: Server) -> object:
        return without(super().render_resource(server), "type")


@fault("server-type-is-null", breaks="T8.type.type")
class ServerTypeIsNull(Service):
    """The type of a server is null."""

    def resource_type(self, server: Server) -> object:
        return None


@fault("server-type-is-a-list", breaks="T8.type.type")
class ServerTypeIsAList(Service):
    """The type of a server is a list of its parts."""

    def resource_type(self, server: Server) -> object:
        return ["OS", "Nova", "Server"]


@fault("server-type-short", breaks="T8.type.value")
class ServerTypeShort(Service):
    """The type lacks its name space."""

    def resource_type(self, server: Server) -> object:
        return "server"


@fault("server-type-in-small-letters", breaks="T8.type.value")
class ServerTypeInSmallLetters(Service):
    """The type is written in small letters."""

    def resource_type(self, server: Server) -> object:
        return "os::nova::server"


@fault("server-type-of-volumes", breaks="T8.type.value")
class ServerTypeOfVolumes(Service):
    """The type is that of volumes."""

    def resource_type(self, server: Server) -> object:
        return "OS::Cinder::Volume"


@fault("server-type-with-dots", breaks="T8.type.value")
class ServerTypeWithDots(Service):
    """The type is written with dots."""

    def resource_type(self, server: Server) -> object:
        return "OS.Nova.Server"


@fault("server-type-is-empty", breaks="T8.type.value")
class ServerTypeIsEmpty(Service):
    """The type is an empty string."""

    def resource_type(self, server: Server) -> object:
        return ""


@fault("server-name-missing", breaks="T8.name.present")
class ServerNameMissing(Service):
    """The name of a server is left out."""

    def render_resource(self, server: Server) -> object:
        return without(super().render_resource(server), "name")


@fault("server-name-is-null", breaks="T8.name.type")
class ServerNameIsNull(Service):
    """The name of a server is null."""

    def resource_name(self, server: Server) -> object:
        return None


@fault("server-name-is-an-object", breaks="T8.name.type")
class ServerNameIsAnObject(Service):
    """The name of a server is an object with the name."""

    def resource_name(self, server: Server) -> object:
        return {"value": server.name}


@fault("server-name-as-bytes", breaks="T8.name.type")
class ServerNameAsBytes(Service):
    """The name of a server beyond ASCII is a list of its bytes."""

    def resource_name(self, server: Server) -> object:
        return server.name if server.name.isascii() else list(server.name.encode())


@fault("server-extra-info-is-an-object", breaks="T8.extra_info.type")
class ServerExtraInfoIsAnObject(Service):
    """The additional information is an object, as in the list of policies."""

    def resource_extra_info(self, server: Server) -> object:
        return {}


@fault("server-extra-info-is-null", breaks="T8.extra_info.type")
class ServerExtraInfoIsNull(Service):
    """The additional information is null."""

    def resource_extra_info(self, server: Server) -> object:
        return None


@fault("server-extra-info-is-a-list", breaks="T8.extra_info.type")
class ServerExtraInfoIsAList(Service):
    """The additional information is an empty list, as PHP writes an empty object."""

    def resource_extra_info(self, server: Server) -> object:
        return []
