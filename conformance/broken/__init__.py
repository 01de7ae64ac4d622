"""Decoders that break one requirement each, as proof that it can fail: `sliceproof check broken:NAME`.

They are miniatures: the sound decoder of `sound` with one step done wrong, named for what it does,
after mistakes that were made in the field.
"""

from sliceproof.conformance.broken import content, errors, frames, lines, state, utf8
from sliceproof.conformance.broken.sound import Broken, Registry, Sound

__all__ = ["BROKEN", "Broken", "Sound", "content", "errors", "frames", "lines", "state", "utf8"]

BROKEN: dict[str, Broken] = Registry.found
