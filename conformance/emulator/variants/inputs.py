"""Bodies on which the page is silent: executed, or refused with one status or another."""
# ruff: noqa: D102

import gzip
import zlib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from conformance.emulator.error_codes import ErrorCode
from conformance.emulator.messages import CheckpointReq, Refusal, Request
from conformance.emulator.service import Service
from conformance.emulator.variants.registry import variant
from conformance.emulator.world import Policy, Server


class Narrowed(Service):
    """Looks at the names in the body with ``narrow`` before it reads them."""

    def read_body(self, body: object) -> CheckpointReq:
        return super().read_body(self._narrowed(body, "body", {"checkpoint"}))

    def read_checkpoint(self, checkpoint: object) -> CheckpointReq:
        known = {"parameters", "plan_id"}
        return super().read_checkpoint(self._narrowed(checkpoint, "checkpoint", known))

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        known = {"auto_trigger", "resources"}
        return super().read_parameters(self._narrowed(parameters, "parameters", known))

    def _narrowed(self, fields: object, place: str, known: set[str]) -> object:
        return self.narrow(fields, place, known) if isinstance(fields, dict) else fields

    def narrow(self, fields: dict[str, object], place: str, known: set[str]) -> dict[str, object]:
        """Return the fields to be read; refuse what may not stand there."""
        return fields


@variant("null-refused")
class NullRefused(Narrowed):
    """null for an optional field is refused with 400."""

    refused = frozenset({"auto_trigger", "resources"})

    def narrow(self, fields: dict[str, object], place: str, known: set[str]) -> dict[str, object]:
        found = super().narrow(dict(fields), place, known)
        for name in ("auto_trigger", "resources") if place == "parameters" else ():
            if found.get(name, ()) is None:
                if name in self.refused:
                    raise self.wrong_type(name, "of the type in the table")
                del found[name]
        return found


@variant("null-executed")
class NullExecuted(NullRefused):
    """null for an optional field is taken as left out."""

    refused = frozenset()


@variant("null-resources-refused")
class NullResourcesRefused(NullRefused):
    """null is taken as left out for auto_trigger, and refused for resources."""

    refused = frozenset({"resources"})


@variant("null-auto-trigger-refused")
class NullAutoTriggerRefused(NullRefused):
    """null is taken as left out for resources, and refused for auto_trigger."""

    refused = frozenset({"auto_trigger"})


@variant("empty-list-refused")
class EmptyListRefused(Service):
    """An empty list of resources is refused with 400."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        found = super().read_parameters(parameters)
        if found.get("resources") == []:
            raise self.malformed_body("an empty list of resources")
        return found


@variant("empty-list-executed")
class EmptyListExecuted(Service):
    """An empty list of resources asks for the whole policy."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        found = dict(super().read_parameters(parameters))
        if found.get("resources") == []:
            del found["resources"]
        return found


@variant("duplicates-executed")
class DuplicatesExecuted(Service):
    """A server that is named twice is backed up and listed once."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        if isinstance(resources, list) and all(isinstance(item, str) for item in resources):
            resources = list(dict.fromkeys(resources))
        return super().read_resources(resources)


@variant("duplicates-listed-twice")
class DuplicatesListedTwice(Service):
    """A server that is named twice is listed twice."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        if resources is None:
            return super().find_servers(resources, policy)
        return tuple(self.find_server(server_id, policy) for server_id in resources)


@variant("duplicates-refused")
class DuplicatesRefused(Service):
    """A server that is named twice is refused with 400."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        named = super().read_resources(resources)
        if named is not None and len(set(named)) < len(named):
            raise self.duplicate()
        return named

    def duplicate(self) -> Refusal:
        """Refuse a server that is named twice."""
        return self.malformed_body("a resource that is named twice")


@variant("duplicates-code")
class DuplicatesCode(DuplicatesRefused):
    """A server that is named twice is refused with 400 and a published code, CSBS.0002."""

    def duplicate(self) -> Refusal:
        return self.refusal(ErrorCode.STORAGE_TYPES_DIFFER)


@variant("duplicates-busy")
class DuplicatesBusy(DuplicatesRefused):
    """A server that is named twice is its own backup under way: 400 CSBS.2003."""

    def duplicate(self) -> Refusal:
        return self.refusal(ErrorCode.ITEM_EXECUTING)


@variant("repeated-names-refused")
class RepeatedNamesRefused(Service):
    """A JSON name that is repeated is refused with 400."""

    def fields(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            raise self.malformed_body("repeated name")
        return dict(pairs)


@variant("repeated-names-last")
class RepeatedNamesLast(Service):
    """Of a JSON name that is repeated, the last value counts."""

    def fields(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        return dict(pairs)


@variant("repeated-names-first")
class RepeatedNamesFirst(Service):
    """Of a JSON name that is repeated, the first value counts."""

    def fields(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        return dict(reversed(pairs))


@variant("unknown-fields-ignored")
class UnknownFieldsIgnored(Narrowed):
    """Fields that the tables do not have are ignored."""

    def narrow(self, fields: dict[str, object], place: str, known: set[str]) -> dict[str, object]:
        return super().narrow({k: v for k, v in fields.items() if k in known}, place, known)


@variant("unknown-fields-refused")
class UnknownFieldsRefused(Narrowed):
    """Fields that the tables do not have are refused with 400."""

    strict_places = frozenset({"body", "checkpoint", "parameters"})

    def narrow(self, fields: dict[str, object], place: str, known: set[str]) -> dict[str, object]:
        if place in self.strict_places and not fields.keys() <= known:
            raise self.malformed_body(f"more than {', '.join(sorted(known))} in {place}")
        return super().narrow(fields, place, known)


@variant("unknown-parameters-refused")
class UnknownParametersRefused(UnknownFieldsRefused):
    """Unknown fields are ignored, but refused among the parameters."""

    strict_places = frozenset({"parameters"})


@variant("media-type-ignored")
class MediaTypeIgnored(Service):
    """The body is read as JSON whatever its Content-Type says."""

    def check_content_type(self, request: Request) -> None:
        pass


@variant("media-type-400")
class MediaType400(Service):
    """Another media type than JSON, or none, is refused with 400."""

    def other_media_type(self) -> Refusal:
        return super().other_media_type().with_status(400)


@variant("media-type-415")
class MediaType415(Service):
    """Another media type than JSON, or none, is refused with 415."""

    def other_media_type(self) -> Refusal:
        return super().other_media_type().with_status(415)


@variant("media-type-optional")
class MediaTypeOptional(MediaType415):
    """The Content-Type may be left out; another one than JSON is refused with 415."""

    def check_content_type(self, request: Request) -> None:
        if request.header("Content-Type") is not None:
            super().check_content_type(request)


@variant("media-type-mandatory")
class MediaTypeMandatory(Service):
    """A missing Content-Type is refused with 400; any that is there will do."""

    def check_content_type(self, request: Request) -> None:
        if request.header("Content-Type") is None:
            raise self.other_media_type().with_status(400)


UNPACK: Final[Mapping[str, Callable[[bytes], bytes]]] = MappingProxyType(
    {"gzip": gzip.decompress, "deflate": zlib.decompress}
)


@variant("compressed-bodies-read")
class CompressedBodiesRead(Service):
    """A body that is compressed is decoded first, and executed."""

    def unpack(self, request: Request) -> bytes:
        unpack = UNPACK.get((request.header("Content-Encoding") or "").lower())
        try:
            return unpack(request.body) if unpack else super().unpack(request)
        except (OSError, EOFError, zlib.error):
            raise self.malformed_body("content coding") from None


@variant("content-coding-not-read")
class ContentCodingNotRead(Service):
    """A content coding is not looked at, so that a compressed body is no JSON: 400."""

    def unpack(self, request: Request) -> bytes:
        return request.body


@variant("half-pairs-looked-up")
class HalfPairsLookedUp(Service):
    """Text with half a surrogate pair is text like any other, and names nothing."""

    def check_unicode(self, value: object) -> None:
        pass


@variant("list-limit")
class ListLimit(Service):
    """More than ten servers at once are over a limit: 400 CSBS.0001."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        if isinstance(resources, list) and len(resources) > 10:
            raise self.refusal(ErrorCode.SERVICE_OVER_LIMIT)
        return super().read_resources(resources)
