"""Mutants brought to life in a process: from the start, or in functions that are there already."""

from __future__ import annotations

import gc
import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FunctionType

from tools.mutants.drawing import Mutant

ROOT = Path(__file__).parents[2]


def path_of(mutant: Mutant) -> Path:
    """The file of the module that a mutant takes the place of."""
    return ROOT / "conformance" / mutant.module


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self.name = f"conformance.{mutant.module.removesuffix('.py').replace('/', '.')}"
        self._mutant = mutant

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        place = str(path_of(self._mutant))
        code = compile(self._mutant.source, place, "exec", dont_inherit=True)
        return spec_from_file_location(name, place, loader=_Loader(name, place, code))


def import_instead(mutant: Mutant) -> None:
    """Import a mutant in the place of its module, which this process has not imported yet.

    At once: later, pytest would come first with the module as it is. Raises what the import does.
    """
    finder = _Finder(mutant)
    assert finder.name not in sys.modules
    sys.meta_path.insert(0, finder)
    importlib.import_module(finder.name)


def swap(mutant: Mutant) -> bool:
    """Give the functions that this process has the code of a mutant; whether that can be done.

    It cannot where more than the inside of functions is different: a constant, a decorator.
    """
    place = str(path_of(mutant))
    old = compile(path_of(mutant).read_text(encoding="utf-8"), place, "exec", dont_inherit=True)
    new = compile(mutant.source, place, "exec", dont_inherit=True)
    if not _is_alike_outside(old, new):
        return False
    codes = _numbered(new)
    keys = {(code.co_qualname, code.co_firstlineno): key for key, code in _numbered(old).items()}
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename == place:
            key = keys[each.__code__.co_qualname, each.__code__.co_firstlineno]
            if key not in codes or codes[key].co_freevars != each.__code__.co_freevars:
                return False
            each.__code__ = codes[key]
    return True


def _numbered(code: CodeType) -> dict[tuple[str, int], CodeType]:
    """All code in some code, by its qualified name and which of that name it is."""
    found: Counter[str] = Counter()
    numbered = {}
    for each in _all(code):
        numbered[each.co_qualname, found[each.co_qualname]] = each
        found[each.co_qualname] += 1
    return numbered


def _all(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _all(each)


def _is_alike_outside(old: CodeType, new: CodeType) -> bool:
    """Whether two pieces of code differ at most inside of functions."""
    if old.co_flags & CO_OPTIMIZED and old.co_flags == new.co_flags:
        return True
    if old.co_code != new.co_code or old.co_names != new.co_names:
        return False
    if len(old.co_consts) != len(new.co_consts):
        return False
    return all(
        _is_alike_outside(one, other)
        if isinstance(one, CodeType) and isinstance(other, CodeType)
        else (type(one), one) == (type(other), other)
        for one, other in zip(old.co_consts, new.co_consts, strict=True)
    )
