"""What was found, shown by each package's own API alone: ten lines, and no word of sliceproof.

A test here asserts the wrong behaviour of the versions that were judged, and is skipped for others.
"""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import pytest

Judged = Callable[..., None]


@pytest.fixture
def judged() -> Judged:
    """`judged("package", "1.2", "1.3")` skips the test unless one of these versions is installed."""

    def or_skip(package: str, *versions: str) -> None:
        try:
            found = version(package)
        except PackageNotFoundError:
            pytest.skip(f"{package} is not installed")
        if found not in versions:
            pytest.skip(f"{package} {found} is not what was judged: {', '.join(versions)}")

    return or_skip
