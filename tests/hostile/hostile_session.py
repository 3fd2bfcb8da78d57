"""The runs against all hostile targets, once for a test session, whoever of its workers asks."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hostile_runs import Runs, running


@pytest.fixture(scope="session")
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runs]:
    """The runs against the behaviours that the selected tests ask for."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    directory = shared / "hostile"
    directory.mkdir(exist_ok=True)
    specs = (getattr(item, "callspec", None) for item in request.session.items)
    asked = {spec.params["name"] for spec in specs if spec and "name" in spec.params}
    with running(directory, asked) as found:
        yield found
