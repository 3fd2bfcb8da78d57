"""When to repeat a request: only where the page, or HTTP, says that the moment may be to blame."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from msgspec import Struct

from conformance.model import Exchange, header
from conformance.page.error_codes import CodeKind, published_reason
from conformance.page.executed import was_rejected
from conformance.page.oracle import Duty, Expectation
from conformance.page.unread import is_no_text
from conformance.page.weather import (
    MOST_ATTEMPTS,
    asks_to_wait,
    is_fault,
    is_silence,
    speaks_of_the_moment,
)

FIRST_BACKOFF, FIRST_OF_VALID = 0.25, 0.8
"""Seconds before the first repetition, and where what may be executed met trouble: it may mean
"busy"."""
LONGEST_OF_VALID = 2.0
"""Seconds before a later repetition of what may be executed, at most."""
FIRST_OF_LIMIT = 0.5
"""The same where a rate limit was met: many count by the second, and the third try is in another.
"""
FIRST_BUSY, LONGEST_BUSY = 0.3, 10.0
REFUSAL_DELAYS = (0.4, 1.2, 2.4)
"""Seconds between attempts of a valid request that was refused with 400 and no published code."""


class Cause(Enum):
    """Why a request is worth repeating."""

    MOMENT = "the answer speaks of the moment, or there is none"
    BUSY = "the answer says busy"
    FAULT = "a server error may be a passing one"
    REFUSAL = "400 without a published code may mean busy"
    TOKEN = "401 may mean that the token has expired, and another can be had"


class Repeat(Struct, frozen=True):
    """That a request is to be repeated: why, and after how many seconds.

    `everyone` says that the target asked all requests to wait, not this one alone.
    """

    cause: Cause
    delay: float
    everyone: bool = False


def repeat(
    attempts: Sequence[Exchange],
    expectation: Expectation,
    *,
    enough: int,
    renewable: bool = False,
    now: float,
) -> Repeat | None:
    """Whether and how to repeat a request after its latest attempt; `now` is in epoch seconds.

    `enough` is how many attempts tell lasting trouble from chance, and `renewable` says that there
    may be another token than the one that was sent.
    """
    last = attempts[-1]
    if len(attempts) >= MOST_ATTEMPTS and not _is_busy(last):
        return None
    if speaks_of_the_moment(last) or asks_to_wait(last):
        return _after_trouble(attempts, expectation, enough, now)
    if last.response is None:
        return None
    said = published_reason(last.response)
    if said is not None:
        return _after_published(said[0], attempts)
    if renewable and was_rejected(last, expectation):
        return Repeat(Cause.TOKEN, 0.0) if _trailing(attempts, 401) == 1 else None
    executes = expectation.duty is Duty.EXECUTE
    if is_fault(last):
        is_judged = expectation.duty is not Duty.NOT_EXECUTE and not is_no_text(last.request)
        if len(attempts) >= enough or not is_judged:
            return None
        return Repeat(Cause.FAULT, _backoff(attempts, expectation))
    if executes and last.response.status == 400:
        tries = _trailing(attempts, 400)
        if tries <= len(REFUSAL_DELAYS):
            return Repeat(Cause.REFUSAL, REFUSAL_DELAYS[tries - 1])
    return None


def _is_busy(exchange: Exchange) -> bool:
    said = published_reason(exchange.response) if exchange.response else None
    return said is not None and said[0] is CodeKind.BUSY


def _backoff(attempts: Sequence[Exchange], expectation: Expectation, least: float = 0.0) -> float:
    """Seconds to wait after so many attempts; the first time `least` or more."""
    doubled = 2.0 ** (len(attempts) - 1)
    if not expectation.may_execute:
        return max(FIRST_BACKOFF, least) * doubled
    return min(FIRST_OF_VALID * doubled, LONGEST_OF_VALID)


def _after_trouble(
    attempts: Sequence[Exchange], expectation: Expectation, enough: int, now: float
) -> Repeat | None:
    if len(attempts) >= enough or _is_in_vain(attempts, expectation):
        return None
    asked = retry_after(attempts[-1], now)
    response = attempts[-1].response
    is_limit = response is not None and response.status == 429
    backoff = _backoff(attempts, expectation, FIRST_OF_LIMIT if is_limit else 0.0)
    if asked is not None:  # "0" asks for no pause, but at once it would be the same moment
        return Repeat(Cause.MOMENT, max(asked, backoff), everyone=asked > 0)
    return Repeat(Cause.MOMENT, backoff)


def _is_in_vain(attempts: Sequence[Exchange], expectation: Expectation) -> bool:
    """Whether more silence would tell nothing: what only must not be executed may be left alone."""
    is_judged = expectation.duty is not Duty.NOT_EXECUTE
    return not is_judged and len(attempts) > 1 and is_silence(attempts[-1])


def _after_published(kind: CodeKind, attempts: Sequence[Exchange]) -> Repeat | None:
    if kind is not CodeKind.BUSY:
        return None
    delay = min(FIRST_BUSY * 1.5 ** (len(attempts) - 1), LONGEST_BUSY)
    return Repeat(Cause.BUSY, delay, everyone=True)


def _trailing(attempts: Sequence[Exchange], status: int) -> int:
    """How many attempts in a row, the latest ones, got a status."""
    count = 0
    for attempt in reversed(attempts):
        if attempt.response is None or attempt.response.status != status:
            break
        count += 1
    return count


def retry_after(exchange: Exchange, now: float) -> float | None:
    """Seconds that a response asks to wait (RFC 9110, section 10.2.3), or None."""
    value = header(exchange.response.headers, "Retry-After") if exchange.response else None
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.fromtimestamp(now, UTC)).total_seconds())
