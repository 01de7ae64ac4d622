"""The mutator: most of what it makes gets past the checksums, and everything that the framing forbids is reached."""

from random import Random

from growing import bytes_changed, grown
from sliceproof.fuzz.framing import expected
from sliceproof.fuzz.mutation import repaired
from sliceproof.wire.errors import MessageChecksumError, PreludeChecksumError


def test_most_wires_get_past_the_checksums() -> None:
    errors = [expected(wire).error for wire in grown(1, 2000)]
    stopped = sum(isinstance(error, PreludeChecksumError | MessageChecksumError) for error in errors)
    assert stopped < len(errors) / 4


def test_every_kind_of_malformed_message_is_reached_from_nothing() -> None:
    reasons = " ".join(str(expected(wire).error) for wire in grown(2, 4000))
    for reason in (
        "at least 16",
        "left in the message",
        "past the header block",
        "is empty",
        "types are 0 to 9",
        "twice",
    ):
        assert reason in reasons, reason
    assert "checksum" in reasons


def test_sound_wires_of_several_messages_are_reached_too() -> None:
    sound = [expected(wire) for wire in grown(3, 2000)]
    assert any(len(one.messages) > 2 and one.error is None for one in sound)


def test_no_wire_is_longer_than_allowed() -> None:
    assert max(map(len, grown(4, 2000, most=100))) <= 100


def test_the_same_seed_makes_the_same_wire() -> None:
    wires = [repaired(b"", 512, 7, bytes_changed(Random(0))) for _ in range(2)]
    assert wires[0] == wires[1]
