"""What exploration sends: requests in which one place, at times two, holds something else, and
histories of several requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from conformance.credentials.placeholders import Derivation, placeholder
from conformance.explore.bodies import Bodies, Change
from conformance.explore.histories import Histories, History, histories, one_by_one, walk
from conformance.explore.texts import LONGEST_IN_PATH, Texts, identifiers, token_texts
from conformance.explore.values import unknown_fields
from conformance.explore.writing import CHARSETS, LAYOUTS, as_bytes, layouts, not_json, plain
from conformance.model import Request, Token
from conformance.page.permitted import leads_away
from conformance.plan.domains.open_points import MEDIA_TYPES
from conformance.plan.domains.table import table
from conformance.plan.drafting import JSON_MEDIA_TYPE, Drafts

Sequences = st.SearchStrategy[list[Request]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where requests differ from valid ones.

    `share` is how often it is visited in a round through all places, which are about a hundred;
    `executes` says that a conforming target may execute what is sent. A `walk` is not drawn: its
    parts are sent in turn, one on each visit, without what no executions are left for.
    """

    name: str
    share: int
    histories: Histories
    executes: bool = False
    walk: tuple[History, ...] = ()


def _is_no_segment(text: str) -> bool:
    return not text.strip(".") or leads_away(quote(text, safe=""))


def places(drafts: Drafts) -> list[Place]:
    """All places of the requests to one target, with what is put there."""
    return Places(drafts).all()


class Places:
    """The places of the requests to one target."""

    def __init__(self, drafts: Drafts) -> None:
        self.drafts = drafts
        self.bodies = Bodies(drafts)
        self.layouts = layouts(1)
        self.media_types = st.sampled_from([JSON_MEDIA_TYPE] * 27 + list(CHARSETS))

    def all(self) -> list[Place]:
        """Every place."""
        changes = self.bodies.changes()
        in_bodies = [change for name, (_, change) in changes.items() if name != "body"]
        refused: dict[str, tuple[int, Sequences]] = {
            **{name: (share, self._changed(one)) for name, (share, one) in changes.items()},
            "two places": (3, self._changed(*in_bodies)),
            "bytes": (6, self._bytes()),
            "kinds": (4, self._kinds()),
            "token": (9, self._tokens()),
            "project": (4, self._elsewhere("project", self.drafts.project_id)),
            "provider": (4, self._elsewhere("provider", self.drafts.fixtures.provider_id)),
        }
        parts = walk(self.drafts)
        return [
            *(Place(name, n, one.map(one_by_one)) for name, (n, one) in refused.items()),
            Place("valid", 12, self._valid().map(one_by_one), executes=True),
            Place("open", 4, self._open().map(one_by_one), executes=True),
            Place("refusals in a row", 2, histories(self.drafts, are_refused=True)),
            Place("history", 4, histories(self.drafts), executes=True),
            Place("walk", len(parts), st.just([]), walk=parts),
        ]

    def _written(self, draw: st.DrawFn, body: Any, **other: Any) -> Request:
        data = as_bytes(draw(self.layouts)(body))
        return self.drafts.request(data, media_type=draw(self.media_types), **other)

    def _changed(self, *changes: Change) -> Sequences:
        """Requests with one change, or with two where there are several to choose from."""
        last = len(changes) - 1
        pairs = st.lists(st.integers(0, last), min_size=min(2, last + 1), max_size=2, unique=True)

        @st.composite
        def drawn(draw: st.DrawFn) -> list[Request]:
            body: Any = self.bodies.valid(draw)
            # The outer place is the last: it may replace what the inner one changed.
            for place in sorted(draw(pairs), reverse=True):
                body = changes[place](draw, body)
            return [self._written(draw, body)]

        return drawn()

    def _bytes(self) -> Sequences:
        def request(body: bytes, media_type: str) -> list[Request]:
            return [self.drafts.request(body, media_type=media_type)]

        return st.builds(request, not_json(self.drafts.body()), self.media_types)

    def _kinds(self) -> Sequences:
        """What the table of kinds has beside what is planned."""
        drawn = [[probe.request] for kind in table(self.drafts) for probe in kind.drawn]
        return st.sampled_from(drawn)

    def _tokens(self) -> Sequences:
        """No token, an empty one, near-misses, one without permission, and any text."""
        weak = [placeholder(Token.FORBIDDEN)]
        given = weak if Token.FORBIDDEN in self.drafts.fixtures.tokens else []
        near = (kind.of(token) for token in self.drafts.resembled for kind in Derivation)
        given = [*given, *near]
        fixed: list[str | None] = [None, "", None, *given]
        made = token_texts()
        kept = st.sampled_from(fixed)

        @st.composite
        def drawn(draw: st.DrawFn) -> list[Request]:
            token = draw(made if draw(st.booleans()) else kept)
            return [self._written(draw, self.bodies.valid(draw), token=token)]

        return drawn()

    def _elsewhere(self, name: str, known: str) -> Sequences:
        """Another project or another provider."""
        ids: Texts = identifiers([known], self.bodies.named, LONGEST_IN_PATH)
        # Segments of dots are left out: clients resolve them, and what may be resolved is not sent.
        segments = ids.map(lambda text: "a" if _is_no_segment(text) else text)

        @st.composite
        def drawn(draw: st.DrawFn) -> list[Request]:
            segment = {name: draw(segments)}
            return [self._written(draw, self.bodies.valid(draw), **segment)]

        return drawn()

    def _valid(self) -> Sequences:
        """Requests that keep every line of the page, in all their forms."""
        forms = st.sampled_from(LAYOUTS)
        triggers = st.sampled_from([None, True, False])
        media_types = st.sampled_from([JSON_MEDIA_TYPE] * 3 + list(CHARSETS))
        orders = st.integers(0, 3)

        @st.composite
        def drawn(draw: st.DrawFn) -> list[Request]:
            parameters: dict[str, Any] = {}
            if (auto_trigger := draw(triggers)) is not None:
                parameters["auto_trigger"] = auto_trigger
            known = bool(self.drafts.fixtures.resources)
            if servers := draw(self.bodies.known_servers) if known else []:
                parameters["resources"] = servers
            order = draw(orders)
            if order % 2:
                parameters = dict(reversed(parameters.items()))
            body = self.drafts.body(**parameters)
            if order > 1:
                body["checkpoint"] = dict(reversed(body["checkpoint"].items()))
            data = as_bytes(draw(forms)(body))
            return [self.drafts.request(data, media_type=draw(media_types))]

        return drawn()

    def _open(self) -> Sequences:
        """Requests that may be executed or refused, but must not crash.

        They differ from the plainest request in that alone, so that the response is about it.
        """
        media_types = st.sampled_from([each for some in MEDIA_TYPES.values() for each in some])
        plan_id, servers = self.drafts.plan_id, self.drafts.servers
        spellings = st.sampled_from([plan_id.upper(), plan_id.replace("-", ""), plan_id.title()])
        fields = unknown_fields()

        @st.composite
        def drawn(draw: st.DrawFn) -> list[Request]:
            body = self.drafts.body()
            checkpoint = body["checkpoint"]
            media_type: str | None = JSON_MEDIA_TYPE
            match draw(st.integers(0, 5)):
                case 0 | 1 | 2:
                    holder = [body, checkpoint, checkpoint["parameters"]][draw(st.integers(0, 2))]
                    name, value = draw(fields)
                    holder[name] = value
                case 3:
                    some = servers[: draw(st.integers(1, len(servers)))]
                    checkpoint["parameters"]["resources"] = some * draw(st.integers(2, 5))
                case 4:
                    checkpoint["plan_id"] = draw(spellings)
                case _:
                    media_type = draw(media_types)
            return [self.drafts.request(as_bytes(plain(body)), media_type=media_type)]

        return drawn()
