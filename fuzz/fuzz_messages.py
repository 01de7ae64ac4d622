"""Wires of any bytes through every framing decoder, each compared with ours.

A mutator keeps lengths and checksums right, so that mutation goes past them; some of the time it does not.
"""

from collections.abc import Iterator
from contextlib import suppress

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.harness.contract import TargetError
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.fuzz.framing import Difference, difference, expected
from sliceproof.fuzz.shrink_wire import small_wire, within
from sliceproof.fuzz.target import Options, Settled, Suspect, result
from sliceproof.fuzz.wire_to_stream import plainest, streams


class Messages:
    """The target `messages`: an input is a wire."""

    modules = ("sliceproof.wire.messages", "sliceproof.wire.headers")
    mutates = True

    def __init__(self, options: Options) -> None:
        self.decoders = options.loaded(installed)
        for decoder in self.decoders:
            if decoder.accepts != "chunks":
                raise TargetError(
                    f"{decoder.name} accepts {decoder.accepts} and never sees the wire; `streams` can fuzz it"
                )

    def run(self, data: bytes) -> Iterator[Suspect]:
        """Compare each decoder with ours."""
        sound = expected(data)
        for decoder in self.decoders:
            found = difference(decoder, data, sound)
            if found:
                yield Suspect(decoder, frozenset({_key(found)}), data)

    def settle(self, suspect: Suspect) -> Settled | bytes | None:
        """Shrink the wire, and tell it as a stream."""
        decoder, wire = suspect.decoder, suspect.input

        def again(tried: bytes) -> bool:
            found = difference(decoder, tried, expected(tried))
            return found is not None and _key(found) in suspect.keys

        soon = within(again)  # one that hangs takes seconds each time
        wire = next(filter(soon, plainest()), None) or small_wire(wire, soon)
        found = difference(decoder, wire, expected(wire))
        if found is None:
            return None  # it differs only now and then
        for id_, stream in streams(decoder, wire, found):
            requirement = REQUIREMENTS[id_]
            broken = requirement.check(decoder, stream)
            if broken:
                key = _key(found) if id_ == found.requirement else id_
                return Settled(key, result(decoder, requirement, broken))
        return wire


def _key(found: Difference) -> str:
    return f"{found.requirement} {found.what}"


def installed() -> list[str]:
    """The registered framing decoders that can be loaded here, and one of ours."""
    names = []
    for name in (name for name, dialect in DECODERS.items() if dialect.framing):
        with suppress(ImportError):
            DECODERS[name].load()
            names.append(name)
    return [*names, "sound:messages"]


if __name__ == "__main__":
    from sliceproof.fuzz.engine import script

    script("messages", __file__)
