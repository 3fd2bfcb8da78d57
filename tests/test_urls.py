"""URLs are taken apart as RFC 3986 does it, whatever the version of Python makes of them."""

from __future__ import annotations

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.page.uri import is_loopback
from conformance.urls import NoAddress, Url, address_of, is_url, split_url


@pytest.mark.parametrize(
    ("text", "scheme", "host", "path"),
    [
        ("https://csbs.example.com/v1/p", "https", "csbs.example.com", "/v1/p"),
        ("HTTP://CSBS.example.com:8080/v1?x=/y#z", "http", "csbs.example.com", "/v1"),
        ("http://[::1]:8080", "http", "::1", ""),
        ("http://user:word@h//a/../b", "http", "h", "//a/../b"),
        ("http://h/a\tb\n c", "http", "h", "/a\tb\n c"),
        ("http://h/a;b=%2F", "http", "h", "/a;b=%2F"),
        (" http://h/a", "", "", " http://h/a"),
        ("", "", "", ""),
    ],
)
def test_a_url_has_the_parts_that_rfc_3986_gives_it(
    text: str, scheme: str, host: str, path: str
) -> None:
    url = split_url(text)
    assert (url.scheme, url.host, url.path) == (scheme, host, path)


@pytest.mark.parametrize("text", ["http://[", "http://]a[/", "http://h:port/", "http://:80", "a/b"])
def test_what_names_no_host_is_no_url(text: str) -> None:
    assert not is_url(text)
    assert split_url(text).host == ""


def test_the_authority_is_kept_as_it_was_written() -> None:
    assert split_url("HTTP://User@H:80/x") == Url("http", "User@H:80", "/x")


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:10.0.0.1", False),
        ("10.0.0.1", False),
        ("0127.0.0.1", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_however_it_is_spelled(host: str, is_ours: bool) -> None:
    assert is_loopback(host) is is_ours


PATHS = st.text("aZ09-._~!$&'()*+,;=:@/%[]|^\\\"<>` é", max_size=12).filter(
    lambda path: not {".", ".."} & {*path.split("/")}  # dot segments are sent as they are
)


@given(
    st.sampled_from(
        ["http://h", "https://H:443", "http://u:p@h:81", "http://u:p@q@h", "https://[::1]:8443"]
    ),
    PATHS,
    st.none() | st.text("a=&%?/ é\"'<>", max_size=8),
)
def test_a_request_goes_where_another_client_sends_it(
    origin: str, path: str, query: str | None
) -> None:
    url = f"{origin}/{path}" + ("" if query is None else f"?{query}")
    sent, other = address_of(url), httpx2.URL(url)
    assert (sent.scheme, sent.host) == (other.scheme, other.host)
    assert sent.port == (other.port or {"http": 80, "https": 443}[other.scheme])
    assert sent.authority == other.netloc.decode()
    assert sent.target == other.raw_path.decode()


@pytest.mark.parametrize(
    "url",
    ["ftp://h/", "h/a", "http://", "http://h:0/", "http://h:65536/", "http://h\n/", "http://é"],
)
def test_what_names_no_host_to_send_to_is_refused(url: str) -> None:
    with pytest.raises(NoAddress):
        address_of(url)
