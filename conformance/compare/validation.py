"""What openapi-spec-validator says of a vendor's document: remarks, which decide nothing.

The library would fetch what references lead to; here it gets the files that `files` reads, and
nothing else.
"""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from conformance.compare.files import other_file
from conformance.compare.model import Inconclusive, Note
from conformance.compare.patience import TooSlow, can_limit, limited
from conformance.compare.source import Source
from conformance.compare.vendor import Vendor, Version
from conformance.errors import UsageError

MOST_REMARKS: Final = 100
LARGEST: Final = 20_000
"""Values of a document that is looked at as a whole; of a larger one it is the operation's path."""
MOST_VALUES: Final = 100_000
"""Values of a document that is held against the JSON Schema of OpenAPI."""
PATIENCE: Final = 5.0
"""Seconds for one part of the checks: nested `allOf` double their time with each level."""
LONGEST: Final = 240
_VALIDATORS: Final = {
    Version.V2: "OpenAPIV2SpecValidator",
    Version.V30: "OpenAPIV30SpecValidator",
    Version.V31: "OpenAPIV31SpecValidator",
    Version.V32: "OpenAPIV32SpecValidator",
}


def remarks(vendor: Vendor, path: str) -> list[Note]:
    """Where a document is no valid OpenAPI; `path` is that of its operation, empty without one."""
    source, version = vendor.source, vendor.version.value
    every = (_form(vendor), _meaning(vendor, path)) if can_limit() else (_form(vendor),)
    found: dict[tuple[str, str], None] = {}
    for errors in every:
        try:
            with limited(PATIENCE):
                for steps, told in islice(errors, MOST_REMARKS):
                    told = f"not valid OpenAPI {version}: {told}"
                    found.setdefault((_pointer(vendor, steps), told))
        except TooSlow:
            found.setdefault(
                ("", f"not checked further as OpenAPI {version}: {PATIENCE:g} s passed")
            )
        except Exception as error:  # whatever a foreign document makes the library raise
            found.setdefault(("", f"not checked further as OpenAPI {version}: {_why(error)}"))
    return [Note(told, source.place(pointer)) for pointer, told in islice(found, MOST_REMARKS)]


def _why(error: BaseException) -> str:
    """What ended the checks: what this suite says, or the kind of an error of the library.

    The library's own words may be a large part of the document, or of its code.
    """
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, UsageError):
        return _brief(str(error))
    return f"openapi-spec-validator gave up ({type(error).__name__})"


def _pointer(vendor: Vendor, steps: Iterable[Any]) -> str:
    """The pointer that some steps lead to, behind references, as far as there is something."""
    node = vendor.root
    for step in steps:
        try:
            inner = vendor.follow(node).child(step)
        except (Inconclusive, UsageError):
            break
        if inner is None:
            break
        node = inner
    return node.pointer


def _form(vendor: Vendor) -> Iterator[tuple[tuple[Any, ...], str]]:
    """What breaks the JSON Schema of OpenAPI: the steps to it, and the problem."""
    if vendor.source.values > MOST_VALUES:  # an error holds a copy of what it is about
        raise UsageError(f"it has more than {MOST_VALUES:,} values")
    for error in _class(vendor).schema_validator.iter_errors(vendor.source.document):
        yield tuple(error.absolute_path), _brief(error.message)


def _meaning(vendor: Vendor, path: str) -> Iterator[tuple[tuple[Any, ...], str]]:
    """What breaks a rule that its JSON Schema does not say."""
    from jsonschema_path.paths import SchemaPath

    kind = _class(vendor)
    source = vendor.source
    base = source.path.resolve().as_uri() if source.path else ""
    whole = SchemaPath.from_dict(source.document, base_uri=base, handlers=_Files(source))
    validators = {name: _locating(each) for name, each in kind.keyword_validators.items()}
    validator = type(kind.__name__, (kind,), {"keyword_validators": validators})(whole)
    if source.values <= LARGEST:
        errors = validator.root_validator(whole)
    elif path:
        item = whole / "paths" / path
        errors = validator.keyword_validators_registry["path"](path, item)
    else:
        errors = ()
    for error in errors:
        yield getattr(error, "spot", ()), _brief(error.message)


def _class(vendor: Vendor) -> Any:
    from openapi_spec_validator.validation import validators

    return getattr(validators, _VALIDATORS[vendor.version])


def _locating(kind: Any) -> Any:
    """A validator of the library that notes in its errors where in the document they are."""
    from jsonschema_path.paths import SchemaPath

    def located(self: Any, *arguments: Any, **options: Any) -> Iterator[Any]:
        for error in kind.__call__(self, *arguments, **options):
            if not hasattr(error, "spot"):
                spots = (each.parts for each in arguments if isinstance(each, SchemaPath))
                error.spot = next(spots, ())
            yield error

    return type(kind.__name__, (kind,), {"__call__": located})


class _Files(dict[str, Callable[[str], Any]]):
    """How the library reads what a URI names: the same way for every scheme, and never fetched."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source

    def __contains__(self, scheme: object) -> bool:
        return True

    def __getitem__(self, scheme: str) -> Callable[[str], Any]:
        return self._read

    def _read(self, uri: str) -> Any:
        parts = urlsplit(uri)
        if parts.scheme != "file" or self.source.path is None:
            raise UsageError(f"{uri[:80]} is not fetched")
        directory = self.source.path.resolve().parent
        name = os.path.relpath(Path(unquote(parts.path)), directory)
        other, _, _ = self.source.located(other_file(self.source, name, ""))
        return other.document


def _brief(text: str) -> str:
    """The first line of a message, which begins with the value at fault, without its middle."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 3]} … {line[-LONGEST // 2 :]}"
