"""Pages of a list, as the linked pages ask for them: ``limit``, ``marker`` and ``offset``."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from conformance.emulator.refusals import Refusals

_LONGEST_NUMBER = 9
_T = TypeVar("_T")


class Paging(Refusals):
    """The steps that cut a page out of a list; each may raise Refusal."""

    def page_of(
        self,
        listed: Sequence[_T],
        query: dict[str, str],
        id_of: Callable[[_T], str],
        default_limit: int,
    ) -> Sequence[_T]:
        """Return the page that the query asks for.

        ``marker`` is the id of the item before the first one; an unknown one leaves none.
        """
        if marker := query.get("marker"):
            places = [place for place, each in enumerate(listed, 1) if id_of(each) == marker]
            listed = listed[places[0] :] if places else []
        offset = self.whole_number(query, "offset", default=0)
        limit = self.whole_number(query, "limit", default=default_limit)
        return listed[offset : offset + limit]

    def whole_number(self, query: dict[str, str], name: str, default: int) -> int:
        """Return the parameter's value; refuse anything but a few decimal digits."""
        text = query.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
            raise self.bad_query(name, "a whole number")
        return int(text)
