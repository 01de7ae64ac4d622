"""Wires as a fuzzer grows them, without one: each is a mutation of one before, beginning with nothing."""

from random import Random

from sliceproof.fuzz.mutation import Mutate, repaired


def bytes_changed(random: Random) -> Mutate:
    """In the place of libFuzzer's own mutation, which only it can call: a byte changed, added or left out."""

    def mutate(data: bytes, most: int) -> bytes:
        at = random.randrange(len(data) + 1)
        kept = data[at + random.randrange(2) :]
        return (data[:at] + bytes([random.randrange(256)] * random.randrange(3)) + kept)[:most]

    return mutate


def grown(seed: int, times: int, most: int = 512) -> list[bytes]:
    """So many wires."""
    random, found = Random(seed), [b""]
    for number in range(times):
        found.append(repaired(random.choice(found), most, number, bytes_changed(random)))
    return found
