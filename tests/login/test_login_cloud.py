"""A cloud of clouds.yaml: the token, the project and the endpoint come from a real login."""

from __future__ import annotations

import builtins
import ssl
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from fake_identity import PASSWORD, Identity, clouds
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import UsageError
from conformance.login.login import log_in
from conformance.login.openstack import Cloud, base_of
from conformance.model import Token

PROJECT = "b942cc8342734d15bcb246babb1953cf"


@pytest.fixture
def identity() -> Iterator[Identity]:
    catalogue = {"identity": "http://elsewhere", "csbs": f"https://csbs.here/base/v1/{PROJECT}"}
    with Identity(PROJECT, ["token-of-the-cloud"], catalogue) as served:
        yield served


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the only clouds.yaml is."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    return tmp_path / "clouds.yaml"


def refusal(name: str = "test", **options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        Cloud(name, **options).access()
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"--os-cloud {name}: ")
    assert PASSWORD not in message
    assert "wrong-password" not in message
    return message


def test_a_login_gives_token_project_and_endpoint(identity: Identity, configured: Path) -> None:
    configured.write_text(clouds(f"{identity.url}/v3"))
    access = Cloud("test").access()
    assert (access.token, access.project_id) == ("token-of-the-cloud", PROJECT)
    assert access.endpoint == "https://csbs.here/base"
    assert "token-of-the-cloud" not in repr(access)


def test_the_address_of_the_service_is_enough(identity: Identity, configured: Path) -> None:
    configured.write_text(clouds(identity.url))
    assert Cloud("test").access().token == "token-of-the-cloud"


def test_a_token_is_used_again_while_it_is_good(identity: Identity, configured: Path) -> None:
    configured.write_text(clouds(f"{identity.url}/v3"))
    known = Cloud("test")
    assert known.access() is known.access()
    assert len(identity.issued) == 1
    assert known.due - time.monotonic() == pytest.approx(3600 - 120, abs=30)


@pytest.mark.parametrize("clock", [-86400.0, 86400.0])
def test_when_to_renew_does_not_depend_on_the_clock(
    identity: Identity, configured: Path, clock: float
) -> None:
    identity.clock, identity.life = clock, 600.0
    configured.write_text(clouds(f"{identity.url}/v3"))
    known = Cloud("test")
    known.access()
    assert known.due - time.monotonic() == pytest.approx(600 - 120, abs=30)


def test_a_token_that_is_due_is_taken_anew(identity: Identity, configured: Path) -> None:
    identity.tokens, identity.life = ["first-token", "second-token"], 0.0
    configured.write_text(clouds(f"{identity.url}/v3"))
    known = Cloud("test")
    assert [known.access().token for _ in range(2)] == ["first-token", "second-token"]


def test_a_wrong_password(identity: Identity, configured: Path) -> None:
    configured.write_text(clouds(f"{identity.url}/v3", auth={"password": "wrong-password"}))
    assert "rejects user or password" in refusal()


def test_what_the_login_needs_is_not_there(identity: Identity, configured: Path) -> None:
    described = yaml.safe_load(clouds(f"{identity.url}/v3", auth_type="v3applicationcredential"))
    described["clouds"]["test"]["auth"] = {"auth_url": identity.url}
    configured.write_text(yaml.safe_dump(described))
    assert "clouds.yaml lacks" in refusal()
    assert not identity.seen


def test_an_unscoped_login(identity: Identity, configured: Path) -> None:
    configured.write_text(clouds(f"{identity.url}/v3", project=None))
    assert "give project_name, or project_id" in refusal()


def test_no_entry_in_the_catalogue(
    identity: Identity, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del identity.catalogue["csbs"]
    configured.write_text(yaml.safe_dump({"clouds": {"no-entry": _cloud(identity)}}))
    login = log_in({"os_cloud": "no-entry"})
    assert (login.endpoint, login.project_id) == (None, PROJECT)
    with pytest.raises(UsageError, match="give --endpoint"):
        login.known_endpoint()


def test_another_region_has_its_own_entry(identity: Identity, configured: Path) -> None:
    configured.write_text(clouds(f"{identity.url}/v3", region_name="there"))
    assert Cloud("test").access().endpoint is None


@pytest.mark.socket
def test_no_identity_service(configured: Path) -> None:
    configured.write_text(clouds("http://127.0.0.1:9/v3"))
    assert "identity service" in refusal()


@pytest.mark.parametrize("status", [301, 307, 403, 500, 503])
def test_a_login_that_ends_otherwise(identity: Identity, configured: Path, status: int) -> None:
    identity.broken = status
    configured.write_text(clouds(f"{identity.url}/v3"))
    assert "identity service" in refusal()
    assert ("POST", "/elsewhere") not in identity.seen
    assert ("GET", "/elsewhere") not in identity.seen


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token": 1}', b"<html>", b"\xff\xfe"])
def test_an_answer_that_is_none(identity: Identity, configured: Path, body: bytes) -> None:
    identity.body = body
    configured.write_text(clouds(f"{identity.url}/v3", auth_type="v3password"))
    assert "the identity service gives no token" in refusal()


@pytest.mark.parametrize("token", ["", "two words\u00e9"])
def test_a_token_that_no_header_carries(identity: Identity, configured: Path, token: str) -> None:
    identity.tokens = [token]
    configured.write_text(clouds(f"{identity.url}/v3"))
    assert "identity service gives" in refusal()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (clouds("http://x").replace("test:", "other:"), "no readable clouds.yaml"),
        ("clouds: [", "no readable clouds.yaml"),
        ("", "no readable clouds.yaml"),
        (clouds("http://x", auth_type="none"), "clouds.yaml"),
        (clouds("http://x", auth_type="admin_token"), "clouds.yaml"),
        (clouds("http://x", auth_type="no-such-plugin"), "clouds.yaml"),
        ("clouds: {test: 1}", "clouds.yaml"),
        ("clouds: {test: {auth: [1]}}", "clouds.yaml"),
    ],
)
def test_a_configuration_that_is_wrong(configured: Path, text: str, told: str) -> None:
    configured.write_text(text)
    assert told in refusal()


def test_a_certificate_that_is_not_trusted(configured: Path, tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with Identity(PROJECT, ["token-behind-tls"], tls=context) as served:
        configured.write_text(clouds(f"{served.url}/v3", auth_type="v3password"))
        assert "certificate that is not trusted" in refusal()
        configured.write_text(clouds(f"{served.url}/v3", cacert=str(tmp_path / "ca.pem")))
        assert Cloud("test").access().token == "token-behind-tls"


def test_the_proxy_is_the_one_that_is_given(
    identity: Identity, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured.write_text(clouds("http://identity.invalid/v3", auth_type="v3password"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, identity.url)
    assert "does not answer" in refusal()
    assert not identity.seen
    refusal(proxy=identity.url)
    assert identity.seen == [("POST", "http://identity.invalid/v3/auth/tokens")]


def test_the_extra_is_missing(configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("openstack"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "pip install '.[openstack]'" in refusal()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"os_cloud": "test", "token_env": "CSBS_TOKEN"}, "--token-env"),
        ({"os_cloud": ""}, "--os-cloud is empty"),
    ],
)
def test_options_that_do_not_go_together(options: Mapping[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        log_in(options)


def test_the_token_without_permission_still_comes_from_the_environment(
    identity: Identity, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured.write_text(yaml.safe_dump({"clouds": {"with-weak": _cloud(identity)}}))
    monkeypatch.setenv("CSBS_FORBIDDEN_TOKEN", "weak-token")
    tokens = log_in({"os_cloud": "with-weak"}).tokens
    assert tokens == {Token.GOOD: "token-of-the-cloud", Token.FORBIDDEN: "weak-token"}


BASES = st.from_regex(r"https?://[a-z]{1,9}(:[1-9][0-9]{1,3})?(/[a-z]{1,5}){0,2}", fullmatch=True)


@given(BASES, st.sampled_from(["", "/", "/v1", "/v1/", "/v1/p-1", "/v1/p-1/"]))
def test_the_base_of_an_address(base: str, end: str) -> None:
    assert base_of(base + end, "p-1") == base


def test_the_base_of_an_address_of_another_form() -> None:
    assert base_of("https://a/v2/p-1", "p-1") == "https://a/v2"
    assert base_of("https://a/v1/other", "p-1") == "https://a/v1/other"
    assert base_of("https://a/v1", None) == "https://a"


def _cloud(identity: Identity) -> Any:
    return yaml.safe_load(clouds(f"{identity.url}/v3"))["clouds"]["test"]


def test_what_is_missing_is_named(configured: Path) -> None:
    configured.write_text("clouds: {test: {auth_type: v3password, auth: {password: x}}}")
    assert "clouds.yaml lacks auth_url" in refusal()
