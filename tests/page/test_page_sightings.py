"""Whether two records of an execution may be of one, told from what each of them says of it."""

from __future__ import annotations

import json

import pytest
from judge_helpers import JSON_TYPE, RECORDED, answer, exchange, execution, record_of, request
from msgspec.structs import replace

from conformance.model import Exchange
from conformance.page.answer import Execution, Sighting
from conformance.page.call import Call

ONE = Sighting("one", recording=1, started=10.0, ended=11.0, asked=b"a", said=b"s")
LATER = ONE._replace(name="other", started=12.0, ended=13.0)
AT_ONCE, TOUCHING = (
    ONE._replace(name="other", started=10.5, ended=10.7),
    ONE._replace(name="other", started=11.0, ended=12.0),
)


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        (ONE, AT_ONCE, True),
        (ONE, TOUCHING, True),
        (ONE, LATER, False),
        (ONE._replace(recording=0), AT_ONCE, False),
        (ONE._replace(recording=0), AT_ONCE._replace(recording=0), False),
        (ONE, AT_ONCE._replace(said=b"t"), False),
        (ONE, AT_ONCE._replace(asked=b"b"), False),
        (ONE, AT_ONCE._replace(asked=b""), True),
        (ONE, LATER._replace(recording=2), True),
        (ONE._replace(ended=10.0), LATER, True),
        (ONE, LATER._replace(ended=12.0), True),
        (ONE._replace(date="noon"), LATER._replace(date="noon"), True),
        (ONE._replace(date="noon"), LATER._replace(date="one"), False),
        (ONE._replace(date="noon"), AT_ONCE._replace(date="one"), True),
        (ONE._replace(date="noon"), LATER._replace(date="one", recording=2), False),
        (ONE._replace(date="noon"), LATER._replace(recording=2), True),
    ],
)
def test_two_sightings_are_of_one_execution_unless_something_tells_them_apart(
    one: Sighting, other: Sighting, may: bool
) -> None:
    assert one.may_be(other) is may
    assert other.may_be(one) is may


def seen(sent: Exchange) -> Sighting:
    return Sighting.of(Execution(sent, Call(sent.request, RECORDED), execution().tolerances))


def test_of_a_recording_the_bodies_and_the_clock_of_the_target_are_remembered() -> None:
    sent = request()
    headers = (*JSON_TYPE, ("Date", "noon"))
    came = answer(200, record_of(sent), headers)
    own = exchange(sent, came)
    assert seen(own) == Sighting("1", 0, own.started, own.ended)
    recorded = replace(own, recording=1)
    sighting = seen(recorded)
    assert (sighting.date, len(sighting.asked), len(sighting.said)) == ("noon", 8, 8)
    spaced = replace(came, body=json.dumps(json.loads(came.body), indent=1).encode())
    assert seen(replace(recorded, response=spaced)) == sighting
    other = answer(200, record_of(sent, "another"), headers)
    assert seen(replace(recorded, response=other)).said != sighting.said
    not_json = replace(recorded, request=replace(sent, body=b"{"))
    assert seen(not_json).asked == b""


@pytest.mark.parametrize("value", ['"\\ud800"', str(2**70), "1e999"])
def test_what_cannot_be_written_again_has_no_digest_and_is_no_obstacle(value: str) -> None:
    body = json.dumps(record_of(request())).replace('"backup"', value).encode()
    sighting = seen(replace(exchange(request(), answer(200, body)), recording=1))
    assert isinstance(sighting.said, bytes)
