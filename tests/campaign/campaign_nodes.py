"""Schedulers and workers of Dask's in processes of their own, some not as they should be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import trustme
from cli_helpers import NEVER_HANGS, environment

BARE = "import sys; sys.modules['conformance'] = None"
"""What makes a process have no package of this suite."""
OTHER = "import conformance; conformance.__version__ = '0.0.9'"
"""What makes it have another version."""
_NODE = "{first}\nfrom distributed.cli.dask_{kind} import main\nmain(standalone_mode=False)"


@contextmanager
def node(
    kind: str, *arguments: str, first: str = "", env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A `scheduler` or a `worker`; `first` is what it does before it imports anything."""
    process = subprocess.Popen(
        [sys.executable, "-c", _NODE.format(first=first, kind=kind), *arguments],
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(NEVER_HANGS)


@contextmanager
def worker(
    address: str, first: str = "", env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker without a nanny of its own."""
    options = ("--no-nanny", "--no-dashboard", "--nthreads", "2", "--host", "127.0.0.1")
    with node("worker", address, *options, first=first, env=env) as process:
        yield process


def tls_files(directory: Path) -> dict[str, str]:
    """The variables that tell Dask of certificates, and the certificates."""
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    leaf.private_key_and_cert_chain_pem.write_to_path(str(directory / "node.pem"))
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    roles = {f"{tls}{role}__CERT": str(directory / "node.pem") for role in ("SCHEDULER", "CLIENT")}
    return {f"{tls}CA_FILE": str(directory / "ca.pem"), **roles}
