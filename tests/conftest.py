"""What a test of the evidence confirms is in the JUnit report, where the matrix reads it."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`@pytest.mark.confirms("strands-agents", "U1", "E1-record")`: a target and what it breaks."""
    for item in items:
        for mark in item.iter_markers("confirms"):
            target, *requirements = mark.args
            item.user_properties += [("confirms", f"{target} {id_}") for id_ in requirements]
