"""What the pages that benchmarks write have in common: where they were measured, and tables."""

import os
import platform
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sliceproof import __version__

DOCS = Path(__file__).resolve().parents[1] / "docs"


def facts(packages: Iterable[str]) -> Iterator[str]:
    """Date, machine and versions, as lines of a list."""
    yield f"- {date.today().isoformat()}, {_machine()}"
    versions = (f"Python {platform.python_version()}", f"sliceproof {__version__}", *map(_installed, packages))
    yield "- " + ", ".join(versions)


def _machine() -> str:
    model, info = platform.processor(), Path("/proc/cpuinfo")
    if info.exists() and (named := re.search(r"^model name\s*: (.+)", info.read_text(), re.MULTILINE)):
        model = named[1]
    return f"{os.cpu_count()} cores ({model or platform.machine()}), {platform.system()}"


def _installed(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} not installed"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ("---",) * len(head), *rows))
