"""Recordings of any length, made from the exchanges of one run: journals, and HAR as Chrome has it.

Each repetition comes later, with checkpoints of its own, as a target that is used would have it.
"""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import IO, Any, cast

from msgspec.structs import replace

from conformance.emulator import World
from conformance.journal.format import exchange_to_record, footer_to_record, header_to_record
from conformance.journal.lines import to_line
from conformance.model import Exchange, Journal, Spent

ID = "11111111-aaaa-4bbb-8ccc-dddddddddddd"
MOMENT = "2001-02-03T04:05:06.000007"
STARTED = 981_173_106.5
APART = 0.05
"""Seconds between exchanges."""
BROWSER = (
    (":authority", "csbs.example.com"), (":method", "POST"), (":scheme", "https"),
    ("accept", "application/json, text/plain, */*"), ("accept-language", "en-US,en;q=0.9"),
    ("cookie", "session=s%3Aq1w2e3r4t5z6u7i8o9p0; theme=dark; region=eu-west-0"),
    ("origin", "https://console.example.com"), ("referer", "https://console.example.com/backup"),
    ("sec-fetch-mode", "cors"), ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0"),
)  # fmt: skip


def checkpoint_id(number: int) -> str:
    """The id of a checkpoint, as random as those of a target, and the same each time."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))


@dataclass(frozen=True, slots=True)
class Template:
    """An exchange as text, with stand-ins for what is new in each repetition."""

    text: str

    def at(self, number: int) -> str:
        """The text of repetition `number`."""
        started = STARTED + number * APART
        moment = datetime.fromtimestamp(started, UTC)
        written = self.text.replace(ID, checkpoint_id(number))
        written = written.replace(MOMENT, moment.isoformat(timespec="microseconds")[:26])
        return written.replace(str(STARTED), repr(started)).replace("@id@", str(number))


def with_stand_ins(exchange: Exchange) -> Exchange:
    """The exchange with stand-ins for the checkpoint's id, its time, and the exchange's own."""
    response = exchange.response
    if response is not None and response.status == 200 and b'"checkpoint"' in response.body:
        checkpoint = json.loads(response.body)["checkpoint"]
        body = response.body.replace(checkpoint["id"].encode(), ID.encode())
        body = body.replace(checkpoint["created_at"].encode(), MOMENT.encode())
        headers = tuple(pair for pair in response.headers if pair[0].lower() != "date")
        response = replace(response, body=body, headers=headers)
    return replace(exchange, id="@id@", started=STARTED, retry_of=None, response=response)


def repetition(exchange: Exchange, number: int) -> Exchange:
    """Repetition `number` of an exchange with stand-ins; what does not differ is not copied."""
    started, response = STARTED + number * APART, exchange.response
    if response is not None and response.status == 200:
        moment = datetime.fromtimestamp(started, UTC).isoformat(timespec="microseconds")[:26]
        body = response.body.replace(ID.encode(), checkpoint_id(number).encode())
        response = replace(response, body=body.replace(MOMENT.encode(), moment.encode()))
    return replace(exchange, id=f"x{number:07}", started=started, response=response)


def repeated(templates: Sequence[Template], length: int) -> Iterator[str]:
    """The texts of `length` exchanges."""
    whole = (templates[number % len(templates)].at(number) for number in count())
    return islice(whole, length)


def write_journal(path: Path, journal: Journal, length: int) -> None:
    """A journal of `length` exchanges."""
    lines = [to_line(exchange_to_record(with_stand_ins(e))) for e in journal.exchanges]
    templates = [Template(line.decode()) for line in lines]
    spent = Spent(length, length)
    with _created(path) as file:
        file.write(to_line(header_to_record(journal.header)))
        for text in repeated(templates, length):
            file.write(text.encode())
        file.write(to_line(footer_to_record(replace(journal.footer, requests=spent))))


def write_har(path: Path, journal: Journal, length: int) -> None:
    """A HAR file of `length` exchanges, with a token in each that the run's world has."""
    entries = [json.dumps(_entry(with_stand_ins(e)), indent=2) for e in journal.exchanges]
    templates = [Template(entry) for entry in entries]
    creator = json.dumps({"name": "WebInspector", "version": "537.36"})
    with _created(path) as file:
        file.write(f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": [\n'.encode())
        for number, text in enumerate(repeated(templates, length)):
            file.write((",\n" * bool(number) + text).encode())
        file.write(b"\n]}}\n")


def _created(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.open(path, "wb", compresslevel=1))
    return path.open("wb")


def _entry(exchange: Exchange) -> dict[str, Any]:
    response = exchange.response
    assert response is not None
    token = World.default().fixtures()["token"]
    sent = [
        (name.lower(), value.replace("{{token}}", token))
        for name, value in exchange.request.headers
    ]
    body, answer = exchange.request.body.decode(), response.body.decode()
    return {
        "_initiator": {"type": "script", "stack": {"callFrames": []}},
        "_priority": "High",
        "_resourceType": "fetch",
        "cache": {},
        "connection": "443",
        "request": {
            "method": exchange.request.method,
            "url": exchange.request.url,
            "httpVersion": "http/2.0",
            "headers": _pairs([*BROWSER, *sent]),
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": len(body.encode()),
            "postData": {"mimeType": "application/json", "text": body},
        },
        "response": {
            "status": response.status,
            "statusText": "",
            "httpVersion": "http/2.0",
            "headers": _pairs(response.headers),
            "cookies": [],
            "content": {"size": len(response.body), "mimeType": "application/json", "text": answer},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            "_transferSize": 700,
            "_error": None,
        },
        "serverIPAddress": "192.0.2.1",
        "startedDateTime": f"{MOMENT}+00:00",
        "time": 12.5,
        "timings": {"blocked": 1, "dns": -1, "ssl": -1, "connect": -1, "send": 0.1, "wait": 11,
                    "receive": 0.4},
    }  # fmt: skip


def _pairs(headers: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]
