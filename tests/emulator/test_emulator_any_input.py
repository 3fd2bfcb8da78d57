"""Whatever is sent, the emulator answers, and with a status of the document's list."""

import json

from emulator_client import (
    PLAN,
    PROJECT,
    SERVERS,
    STATUS_CODES,
    TOKEN,
    WORLD,
    body_of,
    check_error,
    checkpoint_of,
    post,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from trying import examples

from conformance.emulator import Request, Service

names = st.sampled_from(["X-Auth-Token", "Content-Type", "Content-Length"]) | st.text()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(SERVERS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
bodies = st.one_of(
    st.binary(),
    json_values.map(json.dumps).map(str.encode),
    st.builds(
        lambda plan_id, auto_trigger, resources: json.dumps(
            body_of(plan_id, auto_trigger=auto_trigger, resources=resources)
        ).encode(),
        st.just(PLAN) | json_values,
        st.booleans() | json_values,
        st.lists(st.sampled_from(SERVERS)) | json_values,
    ),
)


@settings(database=None, deadline=None, max_examples=examples(150))
@given(
    body=bodies,
    headers=st.lists(st.tuples(names, st.text() | st.just(TOKEN)), max_size=3).map(tuple),
    login=st.booleans(),
)
@example(body=b"\xef\xbb\xbf{}", headers=(), login=True)
def test_any_body_and_headers_get_a_status_of_the_list(
    body: bytes, headers: tuple[tuple[str, str], ...], login: bool
) -> None:
    response = post(Service(WORLD), body, token=TOKEN if login else None, headers=headers)
    assert response.status in STATUS_CODES - {500, 503}
    if response.status == 200:
        checkpoint_of(response)
    else:
        check_error(response, response.status)


@settings(database=None, deadline=None, max_examples=examples(100))
@given(method=st.text() | st.sampled_from(["GET", "POST"]), path=st.text())
def test_any_target_is_answered(method: str, path: str) -> None:
    for target in (path, f"/v1/{PROJECT}/policies?{path}", f"/v1/{path}/policies"):
        request = Request(method, target, (("X-Auth-Token", TOKEN),))
        assert Service(WORLD).handle(request).status in {200, 400, 404, 405}
