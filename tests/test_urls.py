"""URLs are taken apart as RFC 3986 does it, whatever the version of Python makes of them."""

from __future__ import annotations

import pytest

from conformance.page.uri import is_loopback
from conformance.urls import Url, is_url, split_url


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
