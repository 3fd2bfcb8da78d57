"""Faults in which something is read as another thing: ids, flags, and what a client takes."""
# ruff: noqa: D102

import gzip
import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import unquote

from conformance.emulator.faults.codings import with_coding
from conformance.emulator.faults.parts import SILENCE, crash
from conformance.emulator.faults.policies import ComparesPolicies
from conformance.emulator.faults.registry import HIDDEN, fault
from conformance.emulator.faults.servers import ComparesServers
from conformance.emulator.messages import Refusal, Request, Response
from conformance.emulator.service import Service
from conformance.emulator.world import Policy, Server

_COLUMN = 255


def _taken(request: Request, name: str) -> frozenset[str]:
    """What a client takes by a header, without the weights; all names in lower case."""
    items = (request.header(name) or "").split(",")
    return frozenset(item.partition(";")[0].strip().lower() for item in items)


@fault("policy-padded", breaks="S404.unknown-policy")
class PolicyPadded(ComparesPolicies):
    """White space around the id of a policy is removed."""

    def same_policy(self, known: str, sent: str) -> bool:
        return known == sent.strip()


@fault("policy-in-a-fixed-column", breaks="S404.unknown-policy")
class PolicyInAFixedColumn(ComparesPolicies):
    """Texts compare as in a column of fixed width: blanks at the end do not count."""

    def same_policy(self, known: str, sent: str) -> bool:
        return known == sent.rstrip(" ")


@fault("server-in-a-fixed-column", breaks="S404.unknown-server")
class ServerInAFixedColumn(ComparesServers):
    """Texts compare as in a column of fixed width: blanks at the end do not count."""

    def same_server(self, known: str, sent: str) -> bool:
        return known == sent.rstrip(" ")


@fault("policy-composed", breaks="S404.unknown-policy")
class PolicyComposed(ComparesPolicies):
    """The id of a policy is composed (NFKC): wide letters become ours."""

    def same_policy(self, known: str, sent: str) -> bool:
        return known == unicodedata.normalize("NFKC", sent)


@fault("server-composed", breaks="S404.unknown-server")
class ServerComposed(ComparesServers):
    """The id of a server is composed (NFKC): wide letters become ours."""

    def same_server(self, known: str, sent: str) -> bool:
        return known == unicodedata.normalize("NFKC", sent)


@fault("policy-percent-decoded", breaks="S404.unknown-policy")
class PolicyPercentDecoded(ComparesPolicies):
    """The id of a policy is decoded as if it came from a URI."""

    def same_policy(self, known: str, sent: str) -> bool:
        return known == unquote(sent)


@fault("inherited-servers-found", breaks="S404.unknown-server")
class InheritedServersFound(Service):
    """Servers stand in an object that inherits names of its own, which are found as well."""

    def find_server(self, server_id: str, policy: Policy) -> Server:
        known = self.policy_servers(policy)[0].id
        is_inherited = server_id in ("constructor", "toString", "valueOf")
        return super().find_server(known if is_inherited else server_id, policy)


@fault("long-policy-hangs", breaks="S503.momentary")
class LongPolicyHangs(Service):
    """A policy whose id is longer than its column is looked for without an end."""

    def answer(self, request: Request) -> Response:
        try:
            return super().answer(request)
        except TimeoutError:
            return SILENCE

    def look_up_policy(self, plan_id: str) -> Policy | None:
        if len(plan_id) > _COLUMN:
            raise TimeoutError
        return super().look_up_policy(plan_id)


@fault("server-by-its-end", breaks="S404.unknown-server")
class ServerByItsEnd(ComparesServers):
    """The last group of the id of a server is enough."""

    def same_server(self, known: str, sent: str) -> bool:
        return known[-12:] == sent[-12:]


@fault("server-cut-by-zero", breaks="S404.unknown-server")
class ServerCutByZero(ComparesServers):
    """The id of a server ends at a zero byte, as a text does in C."""

    def same_server(self, known: str, sent: str) -> bool:
        return known == sent.partition("\0")[0]


@fault("servers-beyond-a-page-crash", breaks="S500.bad-request")
class ServersBeyondAPageCrash(Service):
    """More servers than fit on a page crash the one who turns it."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        if self.is_list(resources) and len(resources) > 100:
            raise crash()
        return super().read_resources(resources)


@fault("body-ends-at-zero", breaks="S400.not-json")
class BodyEndsAtZero(Service):
    """What follows a zero byte behind the document is not read."""

    def parse_json(self, text: str) -> object:
        return super().parse_json(text.partition("\0")[0])


@fault("not-a-number-is-no-flag", breaks="T4.auto_trigger.type")
class NotANumberIsNoFlag(Service):
    """``auto_trigger`` that is NaN is taken for left out."""

    def not_a_number(self, constant: str) -> float:
        return math.nan if constant == "NaN" else super().not_a_number(constant)

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        is_nan = isinstance(auto_trigger, float) and math.isnan(auto_trigger)
        return False if is_nan else super().read_auto_trigger(auto_trigger)


@fault("flag-beyond-a-double-crashes", breaks="S500.bad-request")
class FlagBeyondADoubleCrashes(Service):
    """``auto_trigger`` that is a number beyond a double crashes the reader."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        if isinstance(auto_trigger, float) and math.isinf(auto_trigger):
            raise crash()
        return super().read_auto_trigger(auto_trigger)


@fault("range-of-media-types-refused", breaks="S.listed")
class RangeOfMediaTypesRefused(Service):
    """Ranges are compared as if they were types: only JSON and ``*/*`` are found, else 406."""

    def answer(self, request: Request) -> Response:
        taken = _taken(request, "Accept")
        if taken.isdisjoint({"", "*/*", "application/json"}):
            return self.render_refusal(Refusal(406, "CSBS.0406", "Not acceptable."))
        return super().answer(request)


@fault("deflate-is-gzip", breaks="T5.body.json")
class DeflateIsGzip(Service):
    """The coding is negotiated, gzip first, and there is one packer for both: that of gzip."""

    def answer(self, request: Request) -> Response:
        response = super().answer(request)
        taken = _taken(request, "Accept-Encoding")
        coding = next((each for each in ("gzip", "deflate") if each in taken), None)
        packed = partial(gzip.compress, mtime=0)
        return with_coding(response, coding, packed) if coding else response


@fault("null-beside-a-flag-crashes", breaks="T4.resources.null", follows=("S500.bad-request",))
class NullBesideAFlagCrashes(Service):
    """Servers that are null beside a flag are unboxed, and there is nothing in the box."""

    def read_parameters(self, parameters: object) -> Mapping[str, object]:
        fields = super().read_parameters(parameters)
        has_flag = self.is_boolean(fields.get("auto_trigger"))
        if has_flag and "resources" in fields and fields["resources"] is None:
            raise crash()
        return fields


@fault("spelled-server-left-out", breaks="T7.resources.asked", on={"lax": HIDDEN})
class SpelledServerLeftOut(Service):
    """A server in capitals is accepted, and left out beside another."""

    def find_servers(self, resources: Iterable[str] | None, policy: Policy) -> tuple[Server, ...]:
        named = tuple(resources or ())
        found = super().find_servers([name.lower() for name in named] or None, policy)
        exact = tuple(server for server in found if server.id in named)
        return exact if 0 < len(exact) < len(named) else found


@fault("media-type-mirrored", breaks="T5.body.media-type", on={"lax": HIDDEN})
class MediaTypeMirrored(Service):
    """What is sent as another type is executed, and answered as that type."""

    def check_content_type(self, request: Request) -> None:
        """Take any."""

    def answer(self, request: Request) -> Response:
        response, sent = super().answer(request), request.header("Content-Type")
        if response.status != 200 or not sent:
            return response
        headers = (pair for pair in response.headers if pair[0].lower() != "content-type")
        return replace(response, headers=(*headers, ("Content-Type", sent)))
