"""Reads YAML 1.2 event by event, with the line on which each value stands.

`yaml.compose` recurses in C and keeps a kilobyte for each value, so that depth and size could do
harm before anything is known of them. Nothing is built here but plain values, and every value
counts each time an alias repeats it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

from conformance.compare import core_schema
from conformance.compare.identifiers import OF_NAMES
from conformance.compare.spots import COLUMNS, DEEPEST, MOST, Spot, Text, measure
from conformance.errors import UsageError

MERGE: Final = "<<"
"""What YAML 1.1 has for fields that are taken over from another object."""
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COLLECTIONS: Final = (None, "!", f"{core_schema.TAG}map", f"{core_schema.TAG}seq")
_NO_BREAKS: Final = {0x85: 0xF8E0, 0x2028: 0xF8E1, 0x2029: 0xF8E2}
"""Line breaks of YAML 1.1 that YAML 1.2 has no more, and what stands for them meanwhile."""
_BREAKS: Final = {instead: character for character, instead in _NO_BREAKS.items()}


class NotYaml(UsageError):
    """The file breaks the syntax of YAML."""


def read_yaml(text: str, name: str) -> Text:
    """What the YAML text of the file `name` says. Raises UsageError."""
    try:
        return _Builder(name, text).build()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "no document"
        raise NotYaml(f"{name} is neither JSON nor YAML{where}: {problem}") from None


@dataclass(slots=True)
class _Anchored:
    """What an anchor stands for; `text` is that of a scalar, which may be a key."""

    value: Any
    size: int
    members: list[int | Spot] | None = None
    text: str | None = None


@dataclass(slots=True)
class _Open:
    """A list or an object that is being read; `key` is the name that waits for its value.

    `tag` is that of another program.
    """

    value: Any
    begins: int
    anchor: str | None
    members: list[int | Spot] = field(default_factory=list)
    key: str | None = None
    key_begins: int = 0
    may_merge: bool = False
    tag: str = ""
    merged: list[Any] = field(default_factory=list)


class _Builder:
    """Builds plain values from the events of a YAML document."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.has_breaks = any(chr(character) in text for character in _NO_BREAKS)
        self.text = text.translate(_NO_BREAKS) if self.has_breaks else text
        self.open: list[_Open] = []
        self.anchors: dict[str, _Anchored] = {}
        self.keys: dict[str, str] = {}
        self.notes: list[str] = []
        self.result: Any = None
        self.begins: int | Spot = 0
        self.count = 0

    def build(self) -> Text:
        """The one document of the text."""
        documents = 0
        for event in yaml.parse(self.text, Loader=_LOADER):
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        self._refuse("holds several YAML documents; give one", event)
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.AliasEvent():
                    self._alias(event)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._begin(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._end()
        return Text(self.result, self.begins, tuple(self.notes))

    def _refuse(self, problem: str, event: Any = None) -> NoReturn:
        where = f" (line {event.start_mark.line + 1})" if event is not None else ""
        raise UsageError(f"{self.name}{where} {problem}")

    def _counted(self, number: int, event: Any) -> None:
        self.count += number
        if self.count > MOST:
            self._refuse(f"holds more than {MOST:,} values, those of aliases included", event)

    def _awaits_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and not self._has_key()

    def _has_key(self) -> bool:
        return self.open[-1].key is not None

    def _key(self, text: str, event: Any, *, is_plain: bool) -> None:
        """Take the name of a member. Keys are the texts that they are written with (OpenAPI)."""
        parent = self.open[-1]
        parent.may_merge = is_plain and text == MERGE
        if text in parent.value:
            earlier = parent.members[list(parent.value).index(text)]
            first = (earlier if isinstance(earlier, int) else earlier.begins) // COLUMNS
            line = event.start_mark.line + 1
            raise UsageError(
                f"{self.name} has the duplicate key {quoted(text)} (lines {first} and {line}); "
                "remove one"
            )
        parent.key = self.keys.setdefault(text, text)
        parent.key_begins = _begins(event)

    def _scalar(self, event: Any) -> None:
        self._counted(1, event)
        text = event.value.translate(_BREAKS) if self.has_breaks else event.value
        if self._awaits_key():
            if event.anchor:
                self.anchors[event.anchor] = _Anchored(text, 1, text=text)
            self._key(text, event, is_plain=event.implicit[0] and event.tag is None)
            return
        value = self._value(event, text)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(value, 1, text=text)
        self._put(value, _begins(event), None)

    def _value(self, event: Any, text: str) -> Any:
        try:
            if event.tag is None:
                return core_schema.plain(text) if event.implicit[0] else text
            if event.tag == "!":
                return text
            return core_schema.tagged(event.tag, text)
        except KeyError:
            if self._is_remark(event):
                return str(event.tag)
            kind = f"the kind {event.tag[:60]!r}, which JSON does not have"
            self._refuse(f"has a value of {kind}", event)
        except ValueError:
            self._refuse(
                f"has a value that is no JSON value, or a number of too many digits: {text[:40]!r}",
                event,
            )

    def _is_remark(self, event: Any) -> bool:
        """Whether a value stands in an extension, and no alias can bring it elsewhere.

        What the tag of another program makes of it is not known: the tag stands for the value.
        """
        keys = [each.key or "" for each in self.open]
        is_extension = any(
            key.startswith("x-") and around not in OF_NAMES
            for around, key in zip(["", *keys], keys, strict=False)
        )
        return is_extension and not event.anchor and not any(each.anchor for each in self.open)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            self._refuse(f"has the alias *{event.anchor[:40]} inside or before its anchor", event)
        anchored = self.anchors[event.anchor]
        self._counted(anchored.size, event)
        if not self._awaits_key():
            self._put(anchored.value, _begins(event), anchored.members)
        elif anchored.text is None:
            self._refuse("has an object or a list for a name", event)
        else:
            self._key(anchored.text, event, is_plain=False)

    def _begin(self, event: Any) -> None:
        if len(self.open) >= DEEPEST:
            self._refuse(f"is nested too deep (more than {DEEPEST} levels)", event)
        if self._awaits_key():
            self._refuse("has an object or a list for a name", event)
        is_known = event.tag in _COLLECTIONS
        if not is_known and not self._is_remark(event):
            self._refuse(f"has the tag {event.tag[:60]!r}, which OpenAPI does not have", event)
        self._counted(1, event)
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        tag = "" if is_known else event.tag
        self.open.append(_Open(value, _begins(event), event.anchor, tag=tag))
        if event.anchor:
            self.anchors.pop(event.anchor, None)

    def _end(self) -> None:
        done = self.open.pop()
        for other in done.merged:
            for key, value in other.items():
                done.value.setdefault(key, value)
        if done.anchor:
            size = measure(done.value)
            if size is None:
                self._refuse(f"repeats too much under the anchor &{done.anchor[:40]}")
            self._counted(size, None)
            self.anchors[done.anchor] = _Anchored(done.value, size, done.members)
        self._put(done.tag or done.value, done.begins, done.members)

    def _put(self, value: Any, begins: int, members: list[int | Spot] | None) -> None:
        """Put a value where it belongs; an object or a list has `members`."""
        parent = self.open[-1] if self.open else None
        if parent is not None and parent.key is not None:
            begins = parent.key_begins
        spot = Spot(begins, members) if members else begins
        if parent is None:
            self.result, self.begins = value, spot
        elif parent.key is None:
            parent.value.append(value)
            parent.members.append(spot)
        elif parent.may_merge and _mergeable(value):
            parent.merged += value if isinstance(value, list) else [value]
            self._note_merge(begins)
            parent.key = None
        else:
            parent.value[parent.key] = value
            parent.members.append(spot)
            parent.key = None

    def _note_merge(self, begins: int) -> None:
        if not self.notes:
            told = "is no merge key in YAML 1.2, which OpenAPI asks for; its fields were taken over"
            self.notes.append(f"line {begins // COLUMNS}: `{MERGE}` {told}, as most tools do")


def _begins(event: Any) -> int:
    mark = event.start_mark
    return int((mark.line + 1) * COLUMNS + mark.column + 1)


def _mergeable(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(each, dict) for each in values)


def quoted(text: str) -> str:
    """A key as it is told."""
    return f"`{text[:60]}`"
