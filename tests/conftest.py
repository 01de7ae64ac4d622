"""What a test of the evidence confirms is in the JUnit report, where the matrix reads it."""

import pytest

from sliceproof.conformance.harness import watchdog


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`@pytest.mark.confirms("strands-agents", "U1", "E1-record")`: a target and what it breaks."""
    for item in items:
        for mark in item.iter_markers("confirms"):
            target, *requirements = mark.args
            item.user_properties += [("confirms", f"{target} {id_}") for id_ in requirements]


@pytest.fixture(autouse=True)
def brief_hangs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoder that is there to hang does so at once."""
    if "loops_at_a_length_of_nothing" in request.node.name:
        monkeypatch.setattr(watchdog, "PATIENCE", 1.0)
