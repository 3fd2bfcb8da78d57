from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from report_strategies import texts

from conformance.text import (
    duration,
    encodable,
    excerpt,
    rfc3339,
    shorten,
    visible,
    visible_line,
    without_login,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x1b[31m", "a␀b␛[31m"),
        ("a\r\n\tb", "a␍\n\tb"),
        ("\x7f\x9b", "␡⟨U+009B⟩"),
        ("\u202eevil\u200b", "⟨U+202E⟩evil⟨U+200B⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("Büro 服务器 ✓", "Büro 服务器 ✓"),
    ],
)
def test_what_does_not_print_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(texts)
def test_visible_text_prints(text: str) -> None:
    assert visible(text).replace("\n", "").replace("\t", "").isprintable()
    assert visible_line(text).isprintable()
    encodable(text).encode("utf-8")


@given(st.binary(max_size=50) | texts.map(lambda text: text.encode("utf-8", "replace")),
       st.integers(1, 60))  # fmt: skip
@example("ääää".encode(), 3)
@example("😀😀".encode(), 5)
def test_an_excerpt_is_a_beginning(data: bytes, limit: int) -> None:
    shown = excerpt(data, limit)
    if len(data) <= limit:
        assert shown == data.decode("utf-8", "backslashreplace")
    else:
        assert shown.endswith("…")
        assert data.decode("utf-8", "backslashreplace").startswith(shown[:-1][: limit // 4])


def test_an_excerpt_does_not_cut_a_character() -> None:
    assert excerpt("ääää".encode(), 3) == "ä…"
    assert excerpt("😀😀".encode(), 7) == "😀…"


@given(texts, st.integers(1, 20))
def test_short_means_short(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://u:p@h/x@y", "https://h/x@y"),
        ("https://u@h", "https://h"),
        ("https://u:p@q@h/", "https://h/"),
        ("https://h/a@b", "https://h/a@b"),
        ("nothing", "nothing"),
    ],
)
def test_logins_are_left_out(url: str, told: str) -> None:
    assert without_login(url) == told


@given(st.floats())
def test_any_number_is_a_moment_and_a_duration(number: float) -> None:
    assert rfc3339(number).endswith("Z")
    assert duration(number)


@pytest.mark.parametrize(
    ("span", "told"),
    [(0.0042, "4 ms"), (3.21, "3.2 s"), (75, "1 min 15 s"), (3 * 3600 + 120, "3 h 2 min")],
)
def test_durations_are_for_people(span: float, told: str) -> None:
    assert duration(span) == told
