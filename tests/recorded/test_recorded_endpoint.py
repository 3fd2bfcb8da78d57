"""Which endpoint a recording is about, where nobody says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from har_files import HOST, URL, asked, changed, checkpoint, entry, judged
from recorded_runs import failed

from conformance.judge.verdicts import Verdict

Json = dict[str, Any]
ELSEWHERE = URL.replace("csbs.", "cbss.")
WRONG = checkpoint(status="PROTECTING")
BAD = entry(asked(5), 400, after=9)


def unanswered(error: str, url: str = ELSEWHERE) -> Json:
    return changed(entry(status=0, url=url), "response._error", error)


NO_ANSWERS: dict[str, Json] = {
    "a name that is not found": unanswered("net::ERR_NAME_NOT_RESOLVED"),
    "blocked": unanswered("net::ERR_BLOCKED_BY_CLIENT"),
    "aborted": unanswered("net::ERR_ABORTED"),
    "a status of 0 alone": entry(status=0, url=ELSEWHERE),
    "a refused connection": unanswered("net::ERR_CONNECTION_REFUSED"),
    "without a time": entry(
        url=ELSEWHERE, answer_headers={"Date": "yesterday"}, startedDateTime="yesterday"
    ),
}


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_what_brought_no_answer_does_not_choose_the_endpoint(name: str, tmp_path: Path) -> None:
    report = judged(tmp_path, NO_ANSWERS[name], entry(came=WRONG, after=5), BAD)
    assert failed(report.judgement) == {"T6.status.values"}
    assert report.header.fixtures.endpoint == HOST
    assert report.judgement.skipped == 1


def test_where_nothing_was_answered_the_first_that_failed_chooses(tmp_path: Path) -> None:
    report = judged(tmp_path, unanswered("net::ERR_CONNECTION_REFUSED"))
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert report.header.fixtures.endpoint == HOST.replace("csbs.", "cbss.")


def test_trouble_before_the_first_answer_is_kept(tmp_path: Path) -> None:
    report = judged(tmp_path, unanswered("net::ERR_CONNECTION_RESET", URL), entry(after=5), BAD)
    assert report.judged == 3
    assert not report.warnings
