"""Faults in reading the items of ``resources`` (Table 4, List<String>)."""
# ruff: noqa: D102

from conformance.emulator.faults.parts import crash
from conformance.emulator.faults.registry import fault
from conformance.emulator.messages import Refusal
from conformance.emulator.service import Service


class ReadsSpellings(Service):
    """Does something with a server's id in capitals."""

    def read_resource(self, resource: object) -> str:
        text = super().read_resource(resource)
        if text != text.lower() and any(text.lower() == each.id for each in self.world.servers):
            self.spelled_otherwise()
        return text

    def spelled_otherwise(self) -> None:
        """The server exists, and is spelled otherwise."""


@fault("server-in-capitals-forbidden", breaks="T4.resources.spelling")
class ServerInCapitalsForbidden(ReadsSpellings):
    """The access list knows the server in small letters only: 403."""

    def spelled_otherwise(self) -> None:
        raise Refusal(403, "CSBS.0403", "No operation permission.")


@fault("server-in-capitals-crashes", breaks="T4.resources.spelling", follows=("S500.bad-request",))
class ServerInCapitalsCrashes(ReadsSpellings):
    """The database finds the server whatever its case, a dictionary does not: 500."""

    def spelled_otherwise(self) -> None:
        raise crash()


class MendsItems(Service):
    """Makes a list of strings out of what it gets."""

    def mend(self, items: list[object]) -> list[object]:
        """Return the items that are left to check."""
        return items

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        if self.is_list(resources) and resources:
            mended = self.mend(resources)
            resources = [item for at, item in enumerate(mended) if item not in mended[:at]]
        return super().read_resources(resources)


@fault("null-items-skipped", breaks="T4.resources.items")
class NullItemsSkipped(MendsItems):
    """Items that are null are skipped."""

    def mend(self, items: list[object]) -> list[object]:
        return [item for item in items if item is not None]


@fault("lists-flattened", breaks="T4.resources.items")
class ListsFlattened(MendsItems):
    """A list of lists is flattened."""

    def mend(self, items: list[object]) -> list[object]:
        return [inner for item in items for inner in (item if isinstance(item, list) else [item])]


@fault("items-with-an-id", breaks="T4.resources.items")
class ItemsWithAnId(MendsItems):
    """An item may be an object with an ``id``, as in the response."""

    def mend(self, items: list[object]) -> list[object]:
        return [item.get("id") if isinstance(item, dict) else item for item in items]


@fault("falsy-items-skipped", breaks="T4.resources.items")
class FalsyItemsSkipped(MendsItems):
    """``filter(None, resources)``: false, 0 and empty containers are skipped."""

    def mend(self, items: list[object]) -> list[object]:
        return [item for item in items if item or isinstance(item, str)]


@fault("items-of-wrong-type-skipped", breaks="T4.resources.items")
class ItemsOfWrongTypeSkipped(MendsItems):
    """Items that are no strings are skipped."""

    def mend(self, items: list[object]) -> list[object]:
        return [item for item in items if isinstance(item, str)]


@fault("only-the-first-item-checked", breaks="T4.resources.items")
class OnlyTheFirstItemChecked(MendsItems):
    """Only the first item is checked for its type; those behind it are skipped where wrong."""

    def mend(self, items: list[object]) -> list[object]:
        return items[:1] + [item for item in items[1:] if isinstance(item, str)]


@fault("only-the-last-item-checked", breaks="T4.resources.items")
class OnlyTheLastItemChecked(MendsItems):
    """Only the last item is checked for its type; those before it are skipped where wrong."""

    def mend(self, items: list[object]) -> list[object]:
        return [item for item in items[:-1] if isinstance(item, str)] + items[-1:]


@fault("items-by-number", breaks="T4.resources.items")
class ItemsByNumber(MendsItems):
    """A number is taken as the place of a server."""

    def mend(self, items: list[object]) -> list[object]:
        servers = self.world.servers
        return [
            servers[item].id if type(item) is int and 0 <= item < len(servers) else item
            for item in items
        ]


@fault("item-of-wrong-type-forbidden", breaks="T4.resources.items")
class ItemOfWrongTypeForbidden(Service):
    """An item that is no string is refused with 403."""

    def wrong_type(self, name: str, wanted: str) -> Refusal:
        refusal = super().wrong_type(name, wanted)
        return refusal.with_status(403) if name == "an item of resources" else refusal
