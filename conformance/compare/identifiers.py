"""What the identifiers of schemas in a document name: `$id`, `$anchor` and `$dynamicAnchor`.

JSON Schema 2020-12, section 8.2; OpenAPI has them from 3.1 on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urldefrag, urljoin

from conformance.compare.pointers import escaped, unescaped
from conformance.lazily import lazily

NO_NAME: Final = "https://document.invalid/"
"""The base of a document that says nothing of its own URI."""
_NO_SCHEMAS: Final = frozenset(("example", "examples", "default", "enum", "const"))
"""Keywords with values in which `$id` is a name as any other."""
OF_NAMES: Final = frozenset(("properties", "patternProperties", "$defs", "schemas"))
"""Keywords of objects whose keys are names rather than keywords."""
_Steps = tuple["_Steps", str | int] | tuple[()]
"""The way to a value: the way to what is around it, and one step more."""


@dataclass
class Identifiers:
    """The identifiers of one document."""

    document: dict[str, Any]
    _resources: dict[str, _Steps] = field(default_factory=dict)
    _anchors: dict[tuple[str, str], _Steps] = field(default_factory=dict)
    _dynamic: dict[str, list[_Steps]] = field(default_factory=dict)

    @lazily
    def base(self) -> str:
        """The URI of the document, as far as it says so; its identifiers are read by then."""
        own = self.document.get("$self", self.document.get("$id"))
        base = _joined(NO_NAME, own) if isinstance(own, str) else NO_NAME
        self._read(base)
        return base

    def base_of(self, pointer: str) -> str:
        """The URI against which references at a pointer are resolved."""
        value: Any = self.document
        base = self.base
        for step in pointer.split("/")[1:]:
            value = value[int(step)] if isinstance(value, list) else value[unescaped(step)]
            if isinstance(value, dict) and isinstance(value.get("$id"), str):
                base = _joined(base, value["$id"])
        return base

    def located(self, reference: str, pointer: str) -> tuple[str, str] | None:
        """Where in this document a reference at a pointer leads: to a pointer, and on from there.

        The second part is a JSON pointer, or the name of an anchor that does not exist. None where
        the reference leads to another document.
        """
        uri, fragment = urldefrag(_joined(self.base_of(pointer), reference))
        fragment = unquote(fragment)
        is_own = uri == self.base and (reference.startswith("#") or uri != NO_NAME)
        if uri not in self._resources and not is_own:
            return None
        if (uri, fragment) in self._anchors:
            return _pointer(self._anchors[uri, fragment]), ""
        return _pointer(self._resources.get(uri, ())), fragment

    def anchor(self, name: str) -> str | None:
        """The pointer of an anchor at the top of the document; None where there is none."""
        steps = self._anchors.get((self.base, name))
        return None if steps is None else _pointer(steps)

    def dynamic(self, reference: str) -> str | None:
        """The pointer of the only dynamic anchor that a `$dynamicRef` can lead to; else None."""
        _ = self.base
        named = self._dynamic.get(reference.removeprefix("#"), [])
        return _pointer(named[0]) if len(named) == 1 else None

    def _read(self, base: str) -> None:
        level = [self._inside(self.document, (), base, has_names=False)]
        while level:
            inner = next(level[-1], None)
            if inner is None:
                level.pop()
            else:
                level.append(inner)

    def _inside(
        self, value: Any, steps: _Steps, base: str, *, has_names: bool
    ) -> Iterator[Iterator[Any]]:
        """Note the identifiers of a value; what follows are the same for each of its members."""
        if isinstance(value, dict):
            base = self._note(value, steps, base)
        for step, inner in _members(value):
            if inner and isinstance(inner, dict | list) and (has_names or step not in _NO_SCHEMAS):
                names = step in OF_NAMES and not has_names
                yield self._inside(inner, (steps, step), base, has_names=names)

    def _note(self, schema: dict[str, Any], steps: _Steps, base: str) -> str:
        """Note the identifiers of what may be a schema; returns the base inside."""
        own = schema.get("$id")
        if isinstance(own, str):
            base = _joined(base, own)
            self._resources.setdefault(base, steps)
        for keyword in ("$anchor", "$dynamicAnchor"):
            name = schema.get(keyword)
            if isinstance(name, str):
                self._anchors.setdefault((base, name), steps)
                if keyword == "$dynamicAnchor":
                    self._dynamic.setdefault(name, []).append(steps)
        return base


def _members(value: Any) -> Iterator[tuple[str | int, Any]]:
    yield from value.items() if isinstance(value, dict) else enumerate(value)


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference).removesuffix("#")
    except ValueError:
        return reference


def _pointer(steps: _Steps) -> str:
    told: list[str] = []
    while steps:
        steps, step = steps
        told.append(f"/{escaped(step)}")
    return "".join(reversed(told))
