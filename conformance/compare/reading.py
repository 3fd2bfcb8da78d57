"""Reads a text of any origin as JSON or YAML, with the line on which each value stands.

YAML is read event by event, so that neither depth nor aliases nor tags can do harm: nothing is
built but plain values, and every value counts each time an alias repeats it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

from conformance.compare.pointers import escaped
from conformance.errors import UsageError

DEEPEST: Final = 200
"""Levels of objects and lists."""
MOST: Final = 1_000_000
"""Values in a document, with those that aliases repeat."""
_CORE: Final = "tag:yaml.org,2002:"
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALARS: Final = yaml.SafeLoader("")
_resolve: Final[Any] = _SCALARS.resolve
_PLAIN: Final = frozenset(f"{_CORE}{kind}" for kind in ("str", "int", "float", "bool", "null"))

Lines = Mapping[str, tuple[int, int]]
"""Where values begin, line and column, by JSON pointer."""


class NotYaml(UsageError):
    """The file breaks the syntax of YAML."""


def read_text(text: str, name: str) -> tuple[Any, Lines]:
    """The value of the text of the file `name`, and its lines. Raises UsageError."""
    is_json = text.lstrip()[:1] in ("{", "[")
    return _json(text, name) if is_json else _yaml(text, name)


def measure(document: Any) -> int | None:
    """How many values a document has, or None where that, or its depth, is beyond the limits."""
    level, count = [document], 0
    for _ in range(DEEPEST):
        count += len(level)
        if not level or count > MOST:
            break
        level = [child for value in level for child in _children(value)]
    return None if level else count


def _json(text: str, name: str) -> tuple[Any, Lines]:
    """JSON, or YAML that begins like JSON; the lines come from reading it as YAML."""
    try:
        document = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise UsageError(f"{name} is nested too deep (more than {DEEPEST} levels)") from None
    except ValueError as error:
        try:
            return _yaml(text, name)
        except NotYaml:
            raise NotYaml(f"{name} is neither JSON nor YAML: {error}") from None
    if measure(document) is None:
        raise UsageError(f"{name} is too large or nested too deep to be an OpenAPI document")
    try:  # tabs are white space in JSON, and nothing else
        return document, _yaml(text.replace("\t", " "), name)[1]
    except UsageError:
        return document, {}


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _yaml(text: str, name: str) -> tuple[Any, Lines]:
    try:
        return _Composer(name).compose(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "no document"
        raise NotYaml(f"{name} is neither JSON nor YAML{where}: {problem}") from None


@dataclass
class _Open:
    """A list or an object that is being read; `key` is the name that waits for its value."""

    value: Any
    pointer: str
    anchor: str | None
    key: str | None = None
    merged: list[Any] = field(default_factory=list)

    @property
    def next_pointer(self) -> str:
        step = len(self.value) if isinstance(self.value, list) else self.key
        return f"{self.pointer}/{escaped(step)}"


class _Composer:
    """Builds plain values from the events of a YAML document."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.lines: dict[str, tuple[int, int]] = {}
        self.result: Any = None
        self.count = 0

    def compose(self, text: str) -> tuple[Any, Lines]:
        """The first document of `text`, and where its values begin."""
        documents = 0
        for event in yaml.parse(text, Loader=_LOADER):
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        self._refuse("holds several YAML documents; give one")
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.AliasEvent():
                    self._alias(event)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._begin(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._end()
        return self.result, self.lines

    def _refuse(self, problem: str, event: Any = None) -> NoReturn:
        where = f" (line {event.start_mark.line + 1})" if event is not None else ""
        raise UsageError(f"{self.name}{where} {problem}")

    def _counted(self, number: int, event: Any) -> None:
        self.count += number
        if self.count > MOST:
            self._refuse(f"holds more than {MOST:,} values, those of aliases included", event)

    def _is_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and not self._has_key()

    def _has_key(self) -> bool:
        return self.open[-1].key is not None

    def _scalar(self, event: Any) -> None:
        self._counted(1, event)
        if self._is_key():
            self.open[-1].key = event.value
            mark = event.start_mark
            self.lines[self.open[-1].next_pointer] = (mark.line + 1, mark.column + 1)
            return
        value = self._plain(event)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self._put(value, event)

    def _plain(self, event: Any) -> Any:
        """The value of a scalar. Dates stay texts, as JSON has none."""
        tag = event.tag
        if tag is None or tag == "!":
            tag = _resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag == f"{_CORE}timestamp":
            return event.value
        if tag not in _PLAIN:
            self._refuse(
                f"has a value of the kind {str(tag)[:60]!r}, which JSON does not have", event
            )
        try:
            value = _SCALARS.yaml_constructors[tag](_SCALARS, yaml.ScalarNode(tag, event.value))
            json.dumps(value, allow_nan=False)
        except (ValueError, KeyError, yaml.YAMLError):
            self._refuse(f"has a value that is no JSON value: {event.value[:40]!r}", event)
        return value

    def _alias(self, event: Any) -> None:
        if self._is_key():
            self._refuse("has an alias for a name", event)
        if event.anchor not in self.anchors:
            self._refuse(f"has the alias *{event.anchor[:40]} inside or before its anchor", event)
        value, size = self.anchors[event.anchor]
        self._counted(size, event)
        self._put(value, event)

    def _begin(self, event: Any) -> None:
        if len(self.open) >= DEEPEST:
            self._refuse(f"is nested too deep (more than {DEEPEST} levels)", event)
        if self._is_key():
            self._refuse("has an object or a list for a name", event)
        if event.tag not in (None, "!", f"{_CORE}map", f"{_CORE}seq"):
            self._refuse(f"has the tag {event.tag[:60]!r}, which OpenAPI does not have", event)
        self._counted(1, event)
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        pointer = self.open[-1].next_pointer if self.open else ""
        mark = event.start_mark
        self.lines.setdefault(pointer, (mark.line + 1, mark.column + 1))
        self.open.append(_Open(value, pointer, event.anchor))
        if event.anchor:
            self.anchors.pop(event.anchor, None)

    def _end(self) -> None:
        done = self.open.pop()
        for other in reversed(done.merged):
            for key, value in other.items():
                done.value.setdefault(key, value)
        if done.anchor:
            size = measure(done.value)
            if size is None:
                self._refuse(f"repeats too much under the anchor &{done.anchor[:40]}")
            self._counted(size, None)
            self.anchors[done.anchor] = (done.value, size)
        self._put(done.value, None)

    def _put(self, value: Any, event: Any) -> None:
        if not self.open:
            self.result = value
            return
        parent = self.open[-1]
        if isinstance(parent.value, list):
            if event is not None:
                mark = event.start_mark
                self.lines[parent.next_pointer] = (mark.line + 1, mark.column + 1)
            parent.value.append(value)
        elif parent.key == "<<" and _mergeable(value):
            parent.merged += value if isinstance(value, list) else [value]
            parent.key = None
        elif parent.key is not None:
            parent.value[parent.key] = value
            parent.key = None


def _mergeable(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(each, dict) for each in values)
