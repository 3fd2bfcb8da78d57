"""Implementations that all conform, and differ in everything that the document leaves open.

``VARIANTS`` has them by name. Each is a small subclass of ``Service`` whose docstring says how it
differs; the modules group them by theme. Importing this package loads no web framework.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from conformance.emulator.variants import (  # noqa: F401  (each registers its variants)
    answers,
    backup_lists,
    errors,
    fronts,
    http_forms,
    ids_in_answers,
    inputs,
    json_forms,
    lenient_json,
    objects,
    order,
    paths,
    state,
    throttling,
    times,
    weather,
    wire,
)
from conformance.emulator.variants.registry import REGISTERED, Variant, variant

__all__ = ["VARIANTS", "Variant", "variant"]

VARIANTS: Final[Mapping[str, Variant]] = MappingProxyType(REGISTERED)
"""Every variant by its name, grouped by theme."""
