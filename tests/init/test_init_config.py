"""The text of a configuration says what it was made of, whatever that is."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from conformance.init.config import Value, configuration
from conformance.init.listing import Policy, Server
from conformance.page.ids import is_id

TEXTS = st.text(max_size=40)
IDS = st.text(min_size=1, max_size=40).filter(is_id)
SERVERS = st.lists(st.builds(Server, IDS, TEXTS), max_size=4).map(tuple)


@given(st.builds(Policy, IDS, TEXTS, SERVERS), IDS)
def test_a_configuration_says_what_it_was_made_of(policy: Policy, project: str) -> None:
    known: dict[str, Value] = {
        "endpoint": "https://csbs.here/a",
        "project-id": project,
        "insecure": True,
    }
    text = configuration(policy, known)
    read = tomllib.loads(text.encode().decode())
    servers = [server.id for server in policy.servers]
    assert read == {**known, "plan-id": policy.id, **({"resource": servers} if servers else {})}


@given(TEXTS)
def test_strings_survive(text: str) -> None:
    if text.isprintable():
        assert tomllib.loads(configuration(Policy("p"), {"endpoint": text}))["endpoint"] == text
