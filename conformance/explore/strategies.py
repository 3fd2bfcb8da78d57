"""What exploration sends: requests in which one place, at times two, holds something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from conformance.credentials.placeholders import Derivation, placeholder
from conformance.explore.bodies import Bodies, Change
from conformance.explore.texts import LONGEST_IN_PATH, Texts, identifiers, token_texts
from conformance.explore.values import unknown_fields
from conformance.explore.writing import CHARSETS, LAYOUTS, as_bytes, layouts, not_json, plain
from conformance.model import Request, Token
from conformance.page.permitted import leads_away
from conformance.plan.domains import kind as domains
from conformance.plan.domains.open_points import MEDIA_TYPES
from conformance.plan.domains.table import table
from conformance.plan.drafting import JSON_MEDIA_TYPE, Drafts

Sequences = st.SearchStrategy[list[Request]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where requests differ from valid ones.

    `share` is how often it is visited in a round through all places, which are about a hundred;
    `executes` says that a conforming target may execute what is sent.
    """

    name: str
    share: int
    sequences: Sequences
    executes: bool = False


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
        return [
            *(Place(name, share, self._changed(one)) for name, (share, one) in changes.items()),
            Place("two places", 3, self._changed(*in_bodies)),
            Place("bytes", 6, self._bytes()),
            Place("kinds", 4, self._kinds()),
            Place("token", 9, self._tokens()),
            Place("project", 4, self._elsewhere("project", self.drafts.project_id)),
            Place("provider", 4, self._elsewhere("provider", self.drafts.fixtures.provider_id)),
            Place("valid", 12, self._valid(), executes=True),
            Place("open", 4, self._open(), executes=True),
            Place("history", 4, self._histories(), executes=True),
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
        if Token.GOOD in self.drafts.fixtures.tokens:
            given = [*given, *(derivation.placeholder for derivation in Derivation)]
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

    def _histories(self) -> Sequences:
        """A few kinds of requests, each once or several times, and one more: what came before
        must make no difference.
        """
        moves = self._moves()
        bodies = [self.drafts.body(**parameters) for parameters in self.bodies.parameters]
        finals = [self.drafts.request(as_bytes(plain(body))) for body in bodies]
        runs = st.tuples(st.sampled_from(moves), st.integers(1, 3))

        def sequence(before: list[tuple[Request, int]], last: Request) -> list[Request]:
            return [*(request for move, times in before for request in [move] * times), last]

        earlier = st.lists(runs, min_size=1, max_size=2)
        return st.builds(sequence, earlier, st.sampled_from([*finals, *moves]))

    def _moves(self) -> list[Request]:
        """Two valid requests, one for every place where something can be wrong, and one for every
        way in which a token can be.
        """
        drafts = self.drafts
        valid = [drafts.body(), drafts.body(**drafts.full_parameters)]
        broken: dict[str, Request] = {}
        for kind in table(drafts):
            name = kind.clause if kind.place is domains.Place.TOKEN else kind.place
            broken.setdefault(name, kind.requests[0])
        return [*map(drafts.request, valid), *broken.values()]
