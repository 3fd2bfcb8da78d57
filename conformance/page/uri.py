"""URI and Table 1: where the operation is, and what stands in its path."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from conformance.contract.clauses import SHOULD, TO_EXECUTE, Fixture, Source, Table
from conformance.page.answer import Answer
from conformance.page.call import Call
from conformance.page.ids import may_be_read_as, same_id
from conformance.page.registry import REGISTRY, Received, answer_clause, input_clause, status_clause
from conformance.urls import split_url

URI = Source("URI", "URI format")

POST = status_clause(
    "URI.post", URI, "The operation does not respond to POST with 405 or 501.", needs=TO_EXECUTE
)


@input_clause("URI.get", URI, level=SHOULD)
def get(call: Call) -> bool:
    """A GET of the URI executes nothing."""
    return call.request.method == "GET" and bool(call.project_id) and bool(call.provider_id)


@answer_clause(
    "URI.https",
    URI,
    level=SHOULD,
    without_fault="emulated implementations are on loopback addresses, which are exempt",
)
def https(answer: Answer) -> Received | None:
    """The endpoint is reached over HTTPS, except on a loopback address."""
    url = answer.exchange.request.url
    return None if url.startswith("https://") else _without_tls(url)


@lru_cache(maxsize=256)
def _without_tls(address: str) -> Received | None:
    url = split_url(address)
    if url.scheme == "https" or is_loopback(url.host):
        return None
    return "an https URI", f"{url.scheme}://{url.authority}"


@input_clause("T1.project_id.mandatory", Table(1, "project_id"))
def project_id_missing(call: Call) -> bool:
    """A request whose URI names no project executes nothing."""
    return call.request.method == "POST" and call.project_id == ""


@input_clause(
    "T1.project_id.own",
    Table(1, "project_id"),
    answers={400, 401, 403, 404},
    needs=(Fixture.PROJECT,),
    unrecorded="which projects a token is for",
)
def project_of_another(call: Call) -> bool | None:
    """A project other than the token's is refused with 400, 401, 403 or 404, never executed."""
    if not call.is_operation:
        return False
    if call.fixtures.project_id is None:
        return None
    if call.project_id == call.fixtures.project_id:
        return False
    if may_be_read_as(call.project_id or "", call.fixtures.project_id):
        return None
    return True if call.fixtures.complete else None


OWN_PROJECT = REGISTRY.inputs["T1.project_id.own"][0]


@input_clause("T1.provider_id.mandatory", Table(1, "provider_id"))
def provider_id_missing(call: Call) -> bool:
    """A request whose URI names no provider executes nothing."""
    return call.request.method == "POST" and call.provider_id == ""


@input_clause("T1.provider_id.value", Table(1, "provider_id"), answers={400, 404})
def wrong_provider(call: Call) -> bool | None:
    """A provider other than the fixed one of servers is refused with 400 or 404."""
    if call.is_operation and may_be_read_as(call.provider_id or "", call.fixtures.provider_id):
        return None
    return call.is_operation and not same_id(call.provider_id or "", call.fixtures.provider_id)


@input_clause("T1.provider_id.spelling", Table(1, "provider_id"), answers={200, 400, 404})
def provider_spelled_otherwise(call: Call) -> bool:
    """Another spelling of the provider's UUID is executed, or refused with 400 or 404."""
    fixed = call.fixtures.provider_id
    return (
        call.is_operation and call.provider_id != fixed and same_id(call.provider_id or "", fixed)
    )


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    # Python sees through ::ffff:127.0.0.1 from 3.13 on.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
