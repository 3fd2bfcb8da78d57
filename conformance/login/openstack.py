"""Logs in to an OpenStack cloud that `clouds.yaml` describes (Keystone v3).

`openstacksdk` reads the file and `keystoneauth1` speaks the protocol; both are an optional extra,
and imported when a cloud is asked for. No message repeats what the file or the service says: either
may hold a password.
"""

from __future__ import annotations

import logging
import math
import time
import warnings
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from conformance.errors import MissingExtra, UsageError
from conformance.login.source import Access
from conformance.text import shorten, visible_line

SERVICE = "csbs"
"""The type, or else the name, of the service in the catalogue."""
PATIENCE = 30.0
"""Seconds to wait for the identity service where `clouds.yaml` does not say (`api_timeout`)."""
MARGIN = 120.0
"""A token is taken anew so many seconds before it expires, or half of its life, if that is less."""
NOISY = ("keystoneauth", "openstack", "stevedore")
"""Loggers that would write to standard error what is said in one line anyway."""


class Cloud:
    """One cloud of `clouds.yaml`. Raises UsageError for what is wrong with it."""

    def __init__(self, name: str, proxy: str | None = None) -> None:
        self._named = f"--os-cloud {visible_line(shorten(name, 60))}"
        for logger in NOISY:
            logging.getLogger(logger).setLevel(logging.CRITICAL + 1)
        with warnings.catch_warnings(action="ignore"):  # about what others import
            self._region = self._described(name)
            self._session = self._reached_over(proxy)
        self._access: Access | None = None

    @property
    def due(self) -> float:
        """When the token is to be taken anew, by the monotonic clock."""
        return self._access.due if self._access else 0.0

    def access(self) -> Access:
        """A token that is good for a while: the last one, or a new one.

        Asks the identity service, and waits for it. Raises UsageError where it gives none.
        """
        if self._access is None or time.monotonic() >= self.due:
            return self.take()
        return self._access

    def take(self) -> Access:
        """A new token. Asks the identity service, and waits for it; raises UsageError."""
        self._access = self._log_in()
        return self._access

    def _described(self, name: str) -> Any:
        """The cloud as the configuration describes it."""
        try:
            from openstack.config import OpenStackConfig
            from openstack.exceptions import ConfigException
        except ImportError:
            raise MissingExtra(self._named, "openstack") from None
        from keystoneauth1.exceptions import MissingRequiredOptions, OptionError

        try:
            return OpenStackConfig(app_name="csbs-conformance").get_one(cloud=name)
        except MissingRequiredOptions as error:
            missing = ", ".join(option.dest for option in error.options)
            raise UsageError(f"{self._named}: clouds.yaml lacks {missing}; add it") from None
        except OptionError:
            what = "clouds.yaml lacks what its auth_type needs; add it"
            raise UsageError(f"{self._named}: {what}") from None
        except ConfigException as error:
            if "was not found" not in str(error):
                raise UsageError(f"{self._named}: clouds.yaml is wrong; correct it") from None
            raise UsageError(
                f"{self._named}: no readable clouds.yaml has it; it is looked for here, in "
                "~/.config/openstack, in /etc/openstack, and where OS_CLIENT_CONFIG_FILE says"
            ) from None
        except Exception as error:  # of YAML, of files, of plugins
            what = f"clouds.yaml cannot be used ({type(error).__name__}); correct it"
            raise UsageError(f"{self._named}: {what}") from None

    def _reached_over(self, proxy: str | None) -> Any:
        """The session with the identity service: what leads to it is said, not found around us."""
        import requests
        from keystoneauth1.identity.base import BaseIdentityPlugin

        region = self._region
        if not isinstance(region.get_auth(), BaseIdentityPlugin):
            what = "its auth_type asks no identity service for a token"
            raise UsageError(f"{self._named}: {what}; give another, or a token with --token-env")
        session = region.get_session()
        session.session = requests.Session()
        session.session.trust_env = False
        if proxy:
            session.session.proxies = {"http": proxy, "https": proxy}
        session.redirect = False  # the password goes to no other place than the one that is named
        session.timeout = session.timeout or PATIENCE
        return session

    def _log_in(self) -> Access:
        """A new token."""
        from keystoneauth1 import exceptions

        auth = self._region.get_auth()
        auth.invalidate()
        try:
            return self._checked(auth.get_access(self._session))
        except UsageError:
            raise
        except exceptions.Unauthorized:
            raise self._refused("rejects user or password; correct clouds.yaml") from None
        except exceptions.SSLError:
            told = "shows a certificate that is not trusted; give its CA as cacert in clouds.yaml"
            raise self._refused(told) from None
        except exceptions.ConnectionError:
            raise self._refused("does not answer; correct auth_url in clouds.yaml") from None
        except (exceptions.DiscoveryFailure, exceptions.NotFound):
            raise self._refused("is not at auth_url; correct it in clouds.yaml") from None
        except exceptions.HttpError as error:
            raise self._refused(f"answers {int(error.http_status)}; try again later") from None
        except Exception as error:  # whatever a response that is none makes of the plugin
            told = f"gives no token ({type(error).__name__}); correct auth_url in clouds.yaml"
            raise self._refused(told) from None

    def _refused(self, what: str) -> UsageError:
        return UsageError(f"{self._named}: the identity service {what}")

    def _checked(self, given: Any) -> Access:
        token = given.auth_token
        if not isinstance(token, str) or not token or not (token.isascii() and token.isprintable()):
            raise self._refused("gives a token that no header can carry; it is not Keystone v3")
        if not given.scoped:
            raise UsageError(
                f"{self._named}: the token is for no project; give project_name, or project_id, in "
                "clouds.yaml"
            )
        project = given.project_id
        return Access(
            token=token,
            project_id=project if isinstance(project, str) else None,
            endpoint=self._endpoint(given),
            due=time.monotonic() + _renewed_after(given.issued, given.expires),
        )

    def _endpoint(self, given: Any) -> str | None:
        """Where the catalogue has the service: the part of its address before `/v1`."""
        from keystoneauth1.exceptions import CatalogException

        if not given.has_service_catalog():
            return None
        place = {
            "interface": self._region.get_interface(SERVICE) or "public",
            "region_name": self._region.get_region_name(SERVICE) or None,
        }
        for called in ({"service_type": SERVICE}, {"service_name": SERVICE}):
            try:
                url = given.service_catalog.url_for(**called, **place)
            except CatalogException:
                continue
            if isinstance(url, str):
                return base_of(url, given.project_id)
        return None


def base_of(url: str, project_id: str | None) -> str:
    """The endpoint in an address of a catalogue, which may end in the version and the project."""
    base = url.rstrip("/")
    if project_id:
        base = base.removesuffix(f"/{quote(project_id, safe='')}")
    return base.removesuffix("/v1")


def _renewed_after(issued: datetime | None, expires: datetime | None) -> float:
    """Seconds after which a token is taken anew. Both moments are of the clock that gave it."""
    if expires is None:
        return math.inf
    life = (expires - (issued or datetime.now(UTC))).total_seconds()
    return max(0.0, life - min(MARGIN, life / 2))


@lru_cache(maxsize=8)
def cloud(name: str, proxy: str | None = None) -> Cloud:
    """The cloud of a name, once for a process: its token is used again."""
    return Cloud(name, proxy)
