"""Only the operation, its near misses and the list of policies are ever sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.page.permitted import NotPermitted, Permitted

ENDPOINT = "https://csbs.example/eu"
OPERATION = "/v1/p/providers/q/checkpoints"
GATE = Permitted(ENDPOINT)


def is_sent(method: str, path: str, *names: str) -> bool:
    try:
        GATE.check(method, ENDPOINT + path, [(name, "any") for name in names])
    except NotPermitted:
        return False
    return True


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", OPERATION),
        ("GET", OPERATION),
        ("POST", "/v1//providers//checkpoints"),
        ("POST", "/v1/%C3%A9%20/providers/a%2Fb/checkpoints"),
        ("POST", "/v1/p%zz/providers/q%ff%00/checkpoints"),
        ("GET", "/v1/p/policies"),
        ("GET", "/v1/p/policies?limit=100"),
        ("GET", "/v1/p/policies?limit=100&marker=a%2Bb"),
        ("GET", "/v1/p/checkpoint_items"),
        ("GET", "/v1/p/checkpoint_items?policy_id=a&sort=created_at%3Adesc&limit=9&marker=b"),
        ("GET", "/v1/p/checkpoint_items?checkpoint_id=a%2Fb"),
        ("GET", OPERATION + "/14626f11-b54a-44ea-8e69-7463e527506a"),
    ],
)
def test_what_a_run_needs_is_sent(method: str, path: str) -> None:
    assert is_sent(method, path, "X-Auth-Token", "content-type")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/p/checkpoint_items"),
        ("POST", OPERATION + "/record"),
        ("DELETE", OPERATION + "/record"),
        ("GET", OPERATION + "/.."),
        ("GET", OPERATION + "/%2e%2e"),
        ("GET", OPERATION + "/a/b"),
        ("GET", "/v1/../checkpoint_items"),
        ("GET", "/v1/p/checkpoint_items/one"),
        ("GET", "/v1/p/checkpoint_items?other=a"),
        ("GET", "/v1/p/checkpoint_items?limit=1&other=a"),
        ("GET", "/v1/p/checkpoint_items?limit=a b"),
        ("GET", "/v1/p/checkpoint_items?limit=a#b"),
        ("GET", "/v1/p/checkpoint_items?limit=a?b"),
    ],
)
def test_what_is_looked_up_is_read_alone_and_by_what_is_known(method: str, path: str) -> None:
    assert not is_sent(method, path, "X-Auth-Token")


@pytest.mark.parametrize(
    "method", ["DELETE", "PUT", "PATCH", "OPTIONS", "HEAD", "get", "POST ", ""]
)
def test_no_other_method_is_sent(method: str) -> None:
    assert not is_sent(method, OPERATION)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/v1/x/backups/all", "/v2/p/providers/q/checkpoints", "/v1/p/policies"),
        *(OPERATION + more for more in ("/", "/all", "?a=b", "#a", "/../all", "%2Fall", "\n")),
        *("/v1/../providers/q/checkpoints", "/v1/p/providers/./checkpoints"),
        *("/v1/%2e%2E/providers/q/checkpoints", "/v1/a%2F..%2Fb/providers/q/checkpoints"),
        *("/v1/p/providers/a%5c..%5cb/checkpoints", "/v1/a/b/providers/q/checkpoints"),
        *(OPERATION + more for more in ("?token", "?token=a/b", "?token=a&b=c", "?%74oken=a")),
        *("/v1/p%/providers/q/checkpoints", "/v1/p/providers/%2/checkpoints"),
        *("/v1/p/providers/q;a/checkpoints", "/v1/p/providers/%u002e/checkpoints"),
    ],
)
def test_no_other_path_is_sent(path: str) -> None:
    assert not is_sent("POST", path)


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "Host", "X-Original-URL", ""])
def test_no_header_is_sent_that_changes_what_a_request_means(name: str) -> None:
    assert not is_sent("POST", OPERATION, "Accept", name)


@pytest.mark.parametrize("token", ["X-Auth-Token", "authorization"])
def test_what_others_take_for_a_token_is_sent_only_without_one(token: str) -> None:
    query = f"{OPERATION}?token=abc&X-Auth-Token=abc"
    assert is_sent("POST", OPERATION, "X-Api-Key", "x-roles")
    assert is_sent("POST", query)
    assert not is_sent("POST", OPERATION, token, "X-Api-Key")
    assert not is_sent("POST", OPERATION, "X-Subject-Token", token)
    assert not is_sent("POST", query, token)


@given(st.text(max_size=20))
def test_another_endpoint_gets_nothing(more: str) -> None:
    for url in (f"https://csbs.example{more}{OPERATION}", f"http://other.example/{more}"):
        if not url.startswith(f"{ENDPOINT}/"):
            with pytest.raises(NotPermitted, match="elsewhere"):
                GATE.check("POST", url, ())


def test_headers_that_can_be_read_once_are_all_looked_at() -> None:
    named = iter([("X-HTTP-Method-Override", "DELETE")])
    with pytest.raises(NotPermitted, match="X-HTTP-Method-Override"):
        Permitted("http://a").check("POST", "http://a/v1/p/providers/q/checkpoints", named)


@pytest.mark.parametrize(("length", "told"), [(40, "x" * 40), (41, "x" * 39 + "…")])
def test_a_header_that_is_not_sent_is_told_by_its_name_cut_to_40_characters(
    length: int, told: str
) -> None:
    with pytest.raises(NotPermitted, match=f"^a header {told}: none is sent$"):
        GATE.check("POST", ENDPOINT + OPERATION, [("x" * length, "any")])


@pytest.mark.parametrize("value", ["漢", "a\nX: b", "a\rb", "a\0b"])
def test_no_header_is_sent_that_http_cannot_carry(value: str) -> None:
    with pytest.raises(NotPermitted, match="Accept: its value"):
        GATE.check("POST", ENDPOINT + OPERATION, [("Accept", value)])


def test_a_header_may_have_bytes_beyond_ascii() -> None:
    GATE.check("POST", ENDPOINT + OPERATION, [("Accept", "caf\xe9\t\x80")])
