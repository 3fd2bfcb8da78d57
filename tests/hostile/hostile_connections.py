"""Targets that are hostile in how they connect, wait and hang up."""

from __future__ import annotations

from hostile_server import (
    CONFORMS,
    DEFAULTS,
    INCONCLUSIVE,
    PROMPT,
    VIOLATES,
    Talk,
    behaviour,
    head,
    whole,
    wire,
)

AFTER = 30
"""How many requests are answered before a target dies."""
STANDARD = ("--time-limit", "30")
EMPTY = whole(b"{}")


@behaviour(INCONCLUSIVE, listens=False, sees=False)
def refuses(talk: Talk) -> None:
    """Refuses every connection."""


@behaviour(INCONCLUSIVE, sees=False)
def accepts_and_closes(talk: Talk) -> None:
    """Accepts every connection and closes it at once."""


@behaviour(INCONCLUSIVE, sees=False)
def accepts_and_resets(talk: Talk) -> None:
    """Accepts every connection and resets it at once."""
    talk.reset()


@behaviour(INCONCLUSIVE, options=DEFAULTS, takes=30.0)
def never_answers(talk: Talk) -> None:
    """Reads every request and never says a word."""
    for _ in talk.requests():
        talk.wait()


@behaviour(INCONCLUSIVE)
def closes_without_an_answer(talk: Talk) -> None:
    """Reads each request and closes."""
    talk.read()


@behaviour(INCONCLUSIVE)
def resets_without_an_answer(talk: Talk) -> None:
    """Reads each request and resets the connection."""
    talk.read()
    talk.reset()


@behaviour(INCONCLUSIVE)
def resets_in_the_body(talk: Talk) -> None:
    """Resets the connection in the middle of the body."""
    talk.read()
    talk.send(head(length=4096), b'{"checkpoint": {"id": "')
    talk.reset()


@behaviour(INCONCLUSIVE)
def one_byte_a_second_in_the_head(talk: Talk) -> None:
    """Sends the head of its response at one byte a second."""
    talk.read()
    talk.drip(EMPTY)


@behaviour(INCONCLUSIVE)
def one_byte_a_second_in_the_body(talk: Talk) -> None:
    """Sends the body of its response at one byte a second."""
    talk.read()
    talk.send(head(length=1000))
    talk.drip(b"{" * 1000)


@behaviour(VIOLATES, INCONCLUSIVE, options=PROMPT)
def two_answers_to_one_request(talk: Talk) -> None:
    """Sends a second response right behind each response, on a connection it keeps open."""
    for _ in talk.requests():
        talk.send(EMPTY, whole(b'{"error_code": "CSBS.0001", "error_msg": "no"}', 400))


@behaviour(VIOLATES, INCONCLUSIVE, options=PROMPT)
def answers_before_it_is_asked(talk: Talk) -> None:
    """Sends a response as soon as a connection is there, before any request."""
    talk.send(EMPTY)
    for _ in talk.requests():
        talk.send(EMPTY)


@behaviour(CONFORMS, INCONCLUSIVE, options=PROMPT)
def closes_kept_connections(talk: Talk) -> None:
    """Promises to keep each connection open, and closes it when it is used again."""
    if request := talk.read():
        talk.send(wire(talk.right(request), ("Connection", "keep-alive")))
        talk.read()


@behaviour(INCONCLUSIVE, options=STANDARD, takes=30.0)
def dies_after_30_requests(talk: Talk) -> None:
    """Answers 30 requests, then refuses all connections."""
    for request in talk.requests():
        if talk.number > AFTER:
            talk.target.stop_listening()
            return
        talk.send(wire(talk.right(request)))


@behaviour(INCONCLUSIVE, options=DEFAULTS, takes=30.0)
def falls_silent_after_30_requests(talk: Talk) -> None:
    """Answers 30 requests, then accepts connections and never says a word again."""
    for request in talk.requests():
        if talk.number > AFTER:
            talk.wait()
        talk.send(wire(talk.right(request)))


@behaviour(CONFORMS, INCONCLUSIVE, options=STANDARD)
def dies_after_30_requests_and_comes_back(talk: Talk) -> None:
    """Answers 30 requests, refuses connections for a second, then is as it was."""
    for request in talk.requests():
        if talk.number == AFTER:
            talk.target.stop_listening()
            talk.wait(1.0)
            talk.target.listen()
        if AFTER < talk.number < AFTER + 4:
            return
        talk.send(wire(talk.right(request)))


@behaviour(CONFORMS, options=PROMPT, host="::1")
def speaks_ipv6(talk: Talk) -> None:
    """Is reached by an IPv6 address alone, and right otherwise."""
    for request in talk.requests():
        talk.send(wire(talk.right(request)))


@behaviour(INCONCLUSIVE, options=(*PROMPT, "--time-limit", "5"))
def is_slow_beyond_the_time_limit(talk: Talk) -> None:
    """Needs a second for each response, so that a run of 5 s cannot end by itself."""
    for request in talk.requests():
        talk.wait(1.0)
        talk.send(wire(talk.right(request)))
