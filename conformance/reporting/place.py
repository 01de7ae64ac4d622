"""Where a decoder of one's own is defined."""

import inspect
from functools import partial
from pathlib import Path
from typing import Any

from sliceproof.conformance.harness.contract import Decoder


def place(decoder: Decoder, root: Path) -> tuple[str, int] | None:
    """The file, relative to *root*, and the line; None for a decoder that is not ours to look into, or not in there."""
    if decoder.builtin or decoder.name.startswith(("exec:", "run:")):
        return None
    try:
        found = _defined(next(iter(decoder.modes.values())).open("tgi-sse", ""))
        file, (_, line) = inspect.getsourcefile(found), inspect.getsourcelines(found)
    except (TypeError, OSError, ValueError):
        return None
    path = Path(file or "").resolve()
    if not path.is_relative_to(root.resolve()):
        return None
    return path.relative_to(root.resolve()).as_posix(), line


def _defined(target: Any) -> Any:
    """The function or class behind a callable, whatever was wrapped around it."""
    found = inspect.unwrap(target)
    while isinstance(found, partial):
        found = inspect.unwrap(found.func)
    return found if inspect.isroutine(found) or inspect.isclass(found) else type(found)
