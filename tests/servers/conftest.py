"""`--newest-release`: ask the release that is installed, whichever it is, for the bodies of the latest that is told."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--newest-release", action="store_true", help="compare bodies with a release newer than theirs")
