"""The hooks and fixtures: options, markers, what is collected, and where the run is shared.

This module is imported by every pytest session, so it imports next to nothing.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import pytest

from conformance.errors import UsageError
from conformance.run.options import Front, prefixed, taken_by

if TYPE_CHECKING:
    from conformance.pytest_plugin.phase import Asked
    from conformance.report.model import Report

PACKAGE = "conformance"
CLAUSES = Path(__file__).with_name("clauses.py")
SHARED = "csbs_shared_directory"
MARKERS = (
    "must: the page says so (a table, the URI, or the list of status codes).",
    "should: only an example, a linked page or ordinary practice says so.",
    "csbs(clause): the test of one clause of the CSBS page.",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of `run`, each as `--csbs-NAME` and as `csbs_NAME` in the ini-file."""
    group = parser.getgroup("csbs", "CSBS conformance (pytest --pyargs conformance)")
    for option in taken_by(Front.EMBEDDED):
        name, text = f"csbs_{option.name}", option.help
        kind: Literal["bool", "linelist", "string"] = "string"
        how: dict[str, Any] = {"metavar": option.unit or None}
        if option.kind is bool:
            kind, how = "bool", {"action": "store_true"}
        elif option.is_repeated:
            kind, how["action"] = "linelist", "append"
        group.addoption(f"--csbs-{option.key}", dest=name, default=None, help=text, **how)
        parser.addini(name, text, type=kind)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers. Raises pytest.UsageError for options that `run` would not take."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if _is_asked(config) and not hasattr(config, "workerinput"):
        try:
            _asked(config).check()
        except UsageError as error:
            raise pytest.UsageError(prefixed(str(error))) from None


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what is about to be sent: every accepted request starts a backup."""
    return _asked(config).announcement if _is_asked(config) else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the run is shared."""
    node.workerinput[SHARED] = str(_shared(node.config))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what was shared; reports that were asked for are elsewhere."""
    shared = config.stash.get(_SHARED, None)
    if shared is not None and not hasattr(config, "workerinput"):
        shutil.rmtree(shared, ignore_errors=True)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect the tests of the clauses, for those who ask for this package by its name."""
    if file_path == CLAUSES and _is_asked(parent.config):
        return pytest.Module.from_parent(parent, path=file_path)
    return None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test for each clause that was selected."""
    if "csbs_clause" not in metafunc.fixturenames:
        return
    from conformance.contract import load_contract
    from conformance.contract.clauses import is_selected
    from conformance.page.catalogue import catalogue

    try:
        only = _asked(metafunc.config).values().all["only"]
    except UsageError as error:
        raise pytest.UsageError(prefixed(str(error))) from None
    clauses = [each for each in catalogue(load_contract()).values() if is_selected(each.id, only)]
    tests = [
        pytest.param(
            each.id, marks=[getattr(pytest.mark, each.level.value), pytest.mark.csbs(each.id)]
        )
        for each in clauses
    ]
    metafunc.parametrize("csbs_clause", tests, ids=[each.id for each in clauses])


@pytest.fixture(scope="session")
def csbs_target() -> None:
    """What to test. Override it: yield a URL, a Settings, or a WSGI or ASGI application."""


@pytest.fixture(scope="session")
def csbs_report(csbs_target: Any, pytestconfig: pytest.Config) -> Report:
    """The report on the target: of one run, however many workers there are."""
    from conformance.pytest_plugin.phase import report_on
    from conformance.report.model import INTERRUPTED

    try:
        report = report_on(csbs_target, _asked(pytestconfig), _shared(pytestconfig))
    except UsageError as error:
        _give_up(prefixed(str(error)), pytestconfig)
    except Exception as error:
        from conformance.run.crash import EX_SOFTWARE, Crash
        from conformance.run.crash import told as told_of_crash

        _give_up(told_of_crash(Crash(error)), pytestconfig, EX_SOFTWARE)
    if report.exit_code in INTERRUPTED:
        raise KeyboardInterrupt
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what the run came to, and which checkpoints it created."""
    if _SHARED not in config.stash:
        return
    from conformance.pytest_plugin.phase import told

    if lines := told(config.stash[_SHARED]):
        terminalreporter.write_sep("=", "CSBS conformance")
        for line in lines:
            terminalreporter.write_line(line)


def _give_up(
    reason: str, config: pytest.Config, code: int = pytest.ExitCode.USAGE_ERROR
) -> NoReturn:
    """End the session where nothing but this package is tested here; fail the test elsewhere."""
    if _is_asked(config) and not hasattr(config, "workerinput"):
        pytest.exit(reason, returncode=code)
    pytest.fail(reason, pytrace=False)


_SHARED = pytest.StashKey[Path]()
_ASKED = pytest.StashKey["Asked"]()


def _shared(config: pytest.Config) -> Path:
    """Where the processes of a session share a run; the first one makes it."""
    if _SHARED not in config.stash:
        given = getattr(config, "workerinput", {}).get(SHARED)
        config.stash[_SHARED] = Path(given or tempfile.mkdtemp(prefix="csbs-"))
    return config.stash[_SHARED]


def _asked(config: pytest.Config) -> Asked:
    """What the command line and the ini-file say."""
    if _ASKED not in config.stash:
        from conformance.pytest_plugin.phase import Asked

        names = [option.name for option in taken_by(Front.EMBEDDED)]
        given = {name: config.getoption(f"csbs_{name}") for name in names}
        ini = {name: config.getini(f"csbs_{name}") for name in names}
        config.stash[_ASKED] = Asked(
            {name: value for name, value in given.items() if value not in (None, [])},
            {name: value for name, value in ini.items() if value not in (None, "", [], False)},
        )
    return config.stash[_ASKED]


def _is_asked(config: pytest.Config) -> bool:
    """Whether this package is among what is to be tested: `pytest --pyargs conformance`."""
    names = {argument.split("::")[0].split(".")[0] for argument in config.args}
    return bool(config.getoption("pyargs")) and PACKAGE in names
