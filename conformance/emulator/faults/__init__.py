"""A catalogue of faulty implementations: each breaks one line of the document, as teams really do.

``CATALOGUE["status-in-capitals"].make(world)`` is a service. Every fault names the clause that it
breaks, so that the suite can be held against the whole catalogue. The modules follow the sections
of the document; ``conditional_answers``, ``conditional_refusals`` and ``history`` have faults that
show only now and then, ``odd`` those that no planned request meets.
"""

from collections.abc import Mapping
from types import MappingProxyType

from conformance.emulator.faults import (  # noqa: F401  (each declares its faults)
    asked_again,
    authentication,
    body_forms,
    clients,
    codings,
    conditional_answers,
    conditional_refusals,
    crashes,
    denials,
    error_codes,
    extensions,
    forms,
    function,
    history,
    odd,
    odd_answers,
    other_logins,
    policies,
    read_as_another,
    remembered,
    servers,
    sessions,
    shortcuts,
    status_codes,
    table_2,
    table_3,
    table_4_auto_trigger,
    table_4_items,
    table_4_resources,
    table_5,
    table_6_fields,
    table_6_status_and_time,
    table_7,
    table_8,
    uri,
)
from conformance.emulator.faults.registry import FAULTS, Fault

CATALOGUE: Mapping[str, Fault] = MappingProxyType(FAULTS)
"""Every fault by its name."""

__all__ = ["CATALOGUE", "Fault"]
