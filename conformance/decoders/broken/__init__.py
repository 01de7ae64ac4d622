"""Decoders that break one requirement each, as proof that it can fail: `sliceproof check broken:NAME`.

They are miniatures: a sound decoder (`conformance/decoders/sound`) with one step done wrong, named for what it does,
after mistakes that were made in the field.
"""

from sliceproof.conformance.decoders.broken import (
    channels,
    clients,
    consumers,
    content,
    crossing,
    errors,
    frames,
    lengths,
    lines,
    meeting,
    state,
    tool_calls,
    utf8,
    without_text,
)
from sliceproof.conformance.decoders.broken.registry import Broken, Registry

__all__ = [
    "BROKEN",
    "Broken",
    "channels",
    "clients",
    "consumers",
    "content",
    "crossing",
    "errors",
    "frames",
    "lengths",
    "lines",
    "meeting",
    "state",
    "tool_calls",
    "utf8",
    "without_text",
]

_OF_DELTAS = (channels.__name__, tool_calls.__name__)
BROKEN: dict[str, Broken] = dict(sorted(Registry.found.items(), key=lambda found: found[1].module in _OF_DELTAS))
"""By name; those of channels last, as their requirements are."""
