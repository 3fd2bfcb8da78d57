"""A catalogue of faulty implementations: each breaks one line of the document, as teams really do.

``CATALOGUE["status-in-capitals"].make(world)`` is a service. Every fault names the clause that it
breaks, so that the suite can be held against the whole catalogue. The modules follow the sections
of the document; ``conditions`` and ``history`` have faults that show only now and then, ``odd``
those that no planned request meets.
"""

from collections.abc import Mapping
from types import MappingProxyType

from conformance.emulator.faults import (  # noqa: F401  (each declares its faults)
    authentication,
    body_forms,
    codings,
    conditions,
    crashes,
    error_codes,
    extensions,
    forms,
    function,
    history,
    objects,
    odd,
    odd_answers,
    other_logins,
    read_as_another,
    remembered,
    status_codes,
    table_4,
    table_4_items,
    table_5,
    table_6_fields,
    table_6_status_and_time,
    table_7,
    table_8,
    tables_2_and_3,
    uri,
)
from conformance.emulator.faults.registry import FAULTS, Fault

CATALOGUE: Mapping[str, Fault] = MappingProxyType(FAULTS)
"""Every fault by its name."""

__all__ = ["CATALOGUE", "Fault"]
