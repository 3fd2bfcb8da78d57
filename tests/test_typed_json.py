"""Files of the suite are read by several threads of a worker at once."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import pytest

from conformance.limits import NestedTooDeep
from conformance.typed_json import decode

REPORT = Path(__file__).parents[1] / "reports" / "reference" / "report.json"
READ_AT_ONCE = textwrap.dedent("""
    import sys
    from concurrent.futures import ThreadPoolExecutor
    from pathlib import Path
    from threading import Barrier

    from conformance.campaign.row import read_report

    data = Path(sys.argv[1]).read_bytes()
    together = Barrier(8)

    def read(_):
        together.wait()
        return read_report(data).verdict

    sys.setswitchinterval(1e-6)
    with ThreadPoolExecutor(8) as pool:
        print(*set(pool.map(read, range(8))))
""")


@pytest.mark.parametrize("_", range(6))
def test_threads_may_be_the_first_to_read_a_report_at_once(_: int) -> None:
    """Each try is a new process: what msgspec knows of a class, it keeps."""
    tried = subprocess.run(
        [sys.executable, "-c", READ_AT_ONCE, REPORT], capture_output=True, text=True, check=False
    )
    assert (tried.returncode, tried.stdout) == (0, "conforms\n"), tried.stderr


def test_what_is_no_value_of_a_type_is_a_value_error() -> None:
    assert decode(b"[1, 2]", list[int]) == [1, 2]
    for data in (b"[true]", b"[", b"\xff"):
        with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
            decode(data, list[int])
    with pytest.raises(NestedTooDeep):
        decode(b"[" * 1000, list[int])
