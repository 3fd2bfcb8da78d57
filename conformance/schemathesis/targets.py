"""What is known of a target before anything is sent to it, and what of a document is the page's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.contract import load_contract
from conformance.credentials.placeholders import Secrets
from conformance.errors import UsageError
from conformance.gate.files import read_excuses
from conformance.gate.outcome import Excuses
from conformance.page.oracle import Oracle
from conformance.run.options import as_variables
from conformance.run.reading import read_options
from conformance.run.selection import settings_from_options
from conformance.run.settings import Settings

SEGMENTS = 5
"""Of the operation's path: v1, project, providers, provider, checkpoints."""
OPERATION = re.compile(r"/v1/\{[^/]*\}/providers/\{[^/]*\}/checkpoints$")
NO_TARGET_YET = "http://127.0.0.1"


@dataclass(frozen=True)
class Target:
    """The settings for a target, and what follows from them."""

    settings: Settings
    secrets: Secrets
    oracle: Oracle
    excuses: Excuses
    report_dir: Path | None
    """Where reports are to be written, if somebody said so."""


@lru_cache(maxsize=64)
def target_at(endpoint: str = NO_TARGET_YET) -> Target:
    """What the environment says of a target. Raises UsageError."""
    try:
        values = read_options({"endpoint": endpoint})
        settings = settings_from_options(values.all)
        excuses = read_excuses(values.all["waivers"], values.all["baseline"])
    except UsageError as error:
        raise UsageError(as_variables(str(error))) from None
    if settings.keys is not None:
        raise UsageError("CSBS_AK_ENV: Schemathesis does not sign requests; give a token instead")
    oracle = Oracle(load_contract(), settings.fixtures)
    return Target(settings, settings.secrets, oracle, excuses, values.report_dir)


def is_ours(operation: Any) -> bool:
    """Whether an operation is the page's, wherever its document puts it."""
    return operation.method.lower() == "post" and bool(OPERATION.search(operation.path))


@lru_cache
def endpoint_of(url: str) -> str:
    """The endpoint in the URL of a request to the page's operation."""
    parts = urlsplit(url)
    base = "/".join(parts.path.split("/")[:-SEGMENTS])
    return f"{parts.scheme}://{parts.netloc}{base}"
