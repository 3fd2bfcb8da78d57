"""Targets that put off, send elsewhere, or answer as if at random."""

from __future__ import annotations

from hostile_server import CONFORMS, INCONCLUSIVE, PROMPT, VIOLATES, Talk, behaviour, whole, wire

DAY = 24 * 60 * 60
STANDARD = ("--time-limit", "15")
WAITS = ("9" * 20_000, "-1", "NaN", "1e9", "Thu, 01 Jan 99999 00:00:00 GMT", "", "\t", "0x1")
DATES = ("9" * 20_000, "Thu, 01 Jan 99999 00:00:00 GMT", "31 Feb 2026", "", "\x80", "-1")


@behaviour(INCONCLUSIVE)
def come_back_tomorrow(talk: Talk) -> None:
    """Answers 429 and asks to wait for a day."""
    for _ in talk.requests():
        talk.send(whole(b"{}", 429, ("Retry-After", str(DAY))))


@behaviour(INCONCLUSIVE)
def come_back_at_no_time(talk: Talk) -> None:
    """Answers 503 and asks to wait for times that are none."""
    for _ in talk.requests():
        talk.send(whole(b"{}", 503, ("Retry-After", WAITS[talk.number % len(WAITS)])))


@behaviour(CONFORMS, INCONCLUSIVE, options=STANDARD, takes=15.0)
def unavailable_every_second_time(talk: Talk) -> None:
    """Answers 503 every second time, and right otherwise."""
    for request in talk.requests():
        if talk.number % 2:
            talk.send(whole(b"{}", 503))
        else:
            talk.send(wire(talk.right(request)))


@behaviour(CONFORMS, options=PROMPT)
def dates_that_are_none(talk: Talk) -> None:
    """Answers right, with dates that never were."""
    for request in talk.requests():
        talk.send(wire(talk.right(request), ("Date", DATES[talk.number % len(DATES)])))


@behaviour(VIOLATES, options=PROMPT)
def redirects_to_another_host(talk: Talk) -> None:
    """Redirects every request to another host."""
    for request in talk.requests():
        place = f"http://localhost:{talk.target.elsewhere}{request.path}"
        talk.send(whole(b"", 307, ("Location", place), ("Refresh", f"0; url={place}")))


@behaviour(VIOLATES, options=PROMPT)
def redirects_in_a_loop(talk: Talk) -> None:
    """Redirects every request to itself."""
    for request in talk.requests():
        talk.send(whole(b"", 308, ("Location", f"{talk.target.url}{request.path}")))


@behaviour(VIOLATES, options=PROMPT)
def redirects_to_no_place(talk: Talk) -> None:
    """Redirects to files, scripts, a name and password, and to what is no URL."""
    places = ("file:///etc/passwd", "javascript:hostile()", "http://a:b@localhost:1/", "//", "%")
    for _ in talk.requests():
        talk.send(whole(b"", 302, ("Location", places[talk.number % len(places)])))
