"""Names of the tables in another case."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.page.letter_case import in_lower_case

VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3) | st.sampled_from(["plan_id", "x"]), inner, max_size=3
        )
    ),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ({"Checkpoint": 1}, {"checkpoint": 1}),
        ({"checkpoint": {"PLAN_ID": 1, "x": 2}}, {"checkpoint": {"plan_id": 1, "x": 2}}),
        (
            {"CheckPoint": {"Parameters": {"RESOURCES": []}}},
            {"checkpoint": {"parameters": {"resources": []}}},
        ),
        ({"checkpoint": 1, "CHECKPOINT": 2}, {"checkpoint": 2}),
        ({"CHECKPOINT": 2, "checkpoint": 1}, {"checkpoint": 1}),
    ],
)
def test_names_of_the_tables_are_read_in_lower_case(body: Any, read: Any) -> None:
    assert in_lower_case(body) == read


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"plan_id": 1}, {"checkpoint": {"X": {"Plan_Id": 1}}}, {"\u017fheckpoint": 1}],
)
def test_what_has_none_in_another_case_is_the_same_object(body: Any) -> None:
    assert in_lower_case(body) is body


@given(VALUES)
def test_it_changes_nothing_twice(value: Any) -> None:
    read = in_lower_case(value)
    assert in_lower_case(read) is read
