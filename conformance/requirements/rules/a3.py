"""A3: the answer after one that failed."""

from dataclasses import replace

from sliceproof.conformance.decoders.endpoint.answer import Transport
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements.clients import SOURCE, only_clients, plain, reads, travelled
from sliceproof.conformance.requirements.judge import lossless
from sliceproof.conformance.requirements.requirement import MUST, Broken, Requirement
from sliceproof.wire.stream import Stream

BEFORE = (Transport(status=500), Transport(status=429), Transport(breaks_at=2), Transport(breaks_at=0))
"""How the answer before fails: with an error, or reset after two chunks or none."""


def _carries_over(decoder: Decoder, stream: Stream) -> Broken | None:
    for mode in decoder.modes:
        if not reads(decoder, mode, stream):
            continue  # it fails before anything else does
        for transport in BEFORE:
            travelled(decoder, mode, stream, transport)
            outcome = drive(decoder, mode, stream)
            breach = lossless(stream, outcome, decoder.compared)
            if breach is not None:
                how = f"with {transport.status}" if transport.status != 200 else f"after {transport.breaks_at} chunks"
                return Broken(stream, mode, replace(breach, got=f"{breach.got}, after one that broke {how}"), outcome)
    return None


REQUIREMENT = Requirement(
    id="A3",
    title="the answer after one that failed",
    rule="After an answer that failed or broke off the next one comes out whole.",
    source=SOURCE,
    level=MUST,
    why="a pool that hands out a broken connection, or what was read of it, fails one who did nothing wrong",
    letters=lambda dialect: [],
    more=plain,
    compare=_carries_over,
    decoders=only_clients,
    layer="text",
    blames="HTTP",
    searched=False,
    shows=lambda stream: True,
    alone=False,
)
