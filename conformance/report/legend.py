"""The legend of a picture: how things look in it, and the words that say what that means."""

from __future__ import annotations

from enum import Enum


class Look(Enum):
    """How a thing looks: `slug` is its class in the style sheet, `words` are those of the legend.

    Each picture has its own members.
    """

    def __init__(self, slug: str, words: str) -> None:
        self.slug = slug
        self.words = words
