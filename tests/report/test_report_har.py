from __future__ import annotations

import base64
import json
from typing import Any

from har_text import har_report
from hypothesis import given, settings
from msgspec.structs import replace
from report_runs import conforming, violating
from report_strategies import reports

from conformance import __version__
from conformance.model import Response
from conformance.report.model import Report


def log(report: Report) -> dict[str, Any]:
    def no_constant(name: str) -> None:
        raise AssertionError(name)

    text = har_report(report)
    text.encode("utf-8")
    record: dict[str, Any] = json.loads(text, parse_constant=no_constant)
    return record["log"]  # type: ignore[no-any-return]


@settings(deadline=None)
@given(reports())
def test_any_report_has_an_entry_for_each_exchange(report: Report) -> None:
    entries = log(report)["entries"]
    assert len(entries) == len(report.exchanges)
    for entry, exchange in zip(entries, report.exchanges, strict=True):
        assert entry["time"] >= 0
        assert entry["request"]["bodySize"] == len(exchange.request.body)
        assert entry["response"]["status"] == (exchange.response.status if exchange.response else 0)


def test_it_is_har_1_2_of_this_suite() -> None:
    archive = log(conforming())
    assert archive["version"] == "1.2"
    assert archive["creator"] == {"name": "csbs-conformance", "version": __version__}


def test_an_entry_is_the_exchange() -> None:
    report = conforming()
    exchange = next(e for e in report.exchanges if e.id.startswith("S200.executed"))
    (entry,) = (e for e in log(report)["entries"] if e["comment"] == f"exchange {exchange.id}")
    request, response = entry["request"], entry["response"]
    assert (request["method"], request["url"]) == ("POST", exchange.request.url)
    headers = [(header["name"], header["value"]) for header in request["headers"]]
    assert tuple(headers) == exchange.request.headers
    assert request["postData"]["text"].encode() == exchange.request.body
    assert exchange.response is not None
    assert response["content"]["text"].encode() == exchange.response.body
    assert response["content"]["mimeType"] == "application/json"
    assert {"cookies", "queryString"} <= request.keys()
    assert request["headersSize"] == response["headersSize"] == -1


def test_a_failure_is_status_0_and_an_error() -> None:
    response = log(violating())["entries"][-1]["response"]
    assert response["status"] == 0
    assert response["_error"] == "no response in time (after 30 s)"


def test_a_binary_body_is_in_base64() -> None:
    report = conforming()
    exchange = report.exchanges[0]
    request = replace(exchange.request, method="POST", body=b"\xff\x00")
    changed = replace(exchange, request=request, response=Response(200, "OK", (), b"\xfe"))
    (entry,) = log(replace(report, exchanges=[changed]))["entries"]
    assert base64.b64decode(entry["request"]["postData"]["text"]) == b"\xff\x00"
    assert entry["request"]["postData"]["comment"] == "base64"
    assert entry["response"]["content"]["encoding"] == "base64"
    assert base64.b64decode(entry["response"]["content"]["text"]) == b"\xfe"


def test_query_and_cookies_are_taken_apart() -> None:
    report = conforming()
    exchange = report.exchanges[0]
    request = replace(exchange.request, url="http://u:p@h/x?a=1&b=&a=2#f?c=3")
    response = Response(200, "OK", (("Set-Cookie", "k=v; Path=/"),), b"")
    changed = replace(exchange, request=request, response=response)
    (entry,) = log(replace(report, exchanges=[changed]))["entries"]
    query = [(item["name"], item["value"]) for item in entry["request"]["queryString"]]
    assert query == [("a", "1"), ("b", ""), ("a", "2")]
    assert entry["request"]["url"] == "http://h/x?a=1&b=&a=2#f?c=3"
    assert entry["response"]["cookies"] == [{"name": "k", "value": "v"}]
