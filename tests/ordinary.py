"""What servers send by themselves, whatever they conform to: the headers of every response.

Responses of the tests that should keep every clause get them here, so that a new clause about such
a header finds it in all of them.
"""

from __future__ import annotations

from email.utils import formatdate

from conformance.model import Headers


def ordinary_headers(headers: Headers, moment: float) -> Headers:
    """Headers of a response that came at a moment (seconds since the epoch), with what is usual."""
    names = {name.lower() for name, _ in headers}
    usual = {"Date": formatdate(moment, usegmt=True)}
    return (*headers, *((n, value) for n, value in usual.items() if n.lower() not in names))
