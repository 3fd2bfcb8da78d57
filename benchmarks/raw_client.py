"""The yardstick of the exchange stage: the HTTP client alone, sending requests it is handed.

It reads JSON from standard input, `{"concurrency": 8, "groups": [{"at_once": true, "requests":
[...]}]}`, sends the groups one after the other, and prints the seconds from the first request to
the last response, with the statuses. Requests of a group that may go at once go as `concurrency`
allows, others one at a time. Nothing is noted, redacted, judged, counted or repeated.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx2

TIMEOUT = 10.0


def request_of(record: Mapping[str, Any]) -> httpx2.Request:
    """A request as it goes over the wire."""
    body = base64.b64decode(record["body"])
    headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in record["headers"]
    ]
    request = httpx2.Request(
        record["method"],
        record["url"],
        headers=headers,
        content=body or None,
        extensions={"timeout": httpx2.Timeout(TIMEOUT).as_dict()},
    )
    if not body and record["method"] == "POST":
        request.headers["Content-Length"] = "0"
    return request


async def send_all(
    groups: Sequence[tuple[bool, list[httpx2.Request]]], concurrency: int
) -> tuple[float, list[int]]:
    """Send groups of requests; seconds, and the statuses that came, in no order."""
    statuses: list[int] = []
    limits = httpx2.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx2.AsyncClient(limits=limits, trust_env=False) as client:

        async def work(waiting: Iterator[httpx2.Request]) -> None:
            for request in waiting:
                response = await client.send(request)
                statuses.append(response.status_code)

        began = time.perf_counter()
        for at_once, requests in groups:
            waiting = iter(requests)
            await asyncio.gather(*(work(waiting) for _ in range(concurrency if at_once else 1)))
        return time.perf_counter() - began, statuses


def main() -> None:
    """Send what standard input holds."""
    asked = json.load(sys.stdin)
    groups = [
        (group["at_once"], [request_of(each) for each in group["requests"]])
        for group in asked["groups"]
    ]
    seconds, statuses = asyncio.run(send_all(groups, asked["concurrency"]))
    json.dump({"seconds": seconds, "statuses": statuses}, sys.stdout)


if __name__ == "__main__":
    main()
