"""Sound decoders of other builds: `messages` and `headers` blame none of them; and what is told of broken ones."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import pytest

from growing import grown
from sliceproof.conformance.decoders.sound.steps import Sound
from sliceproof.conformance.harness.contract import Decoder, of_callable
from sliceproof.fuzz.framing import difference, expected
from sliceproof.fuzz.fuzz_headers import Headers
from sliceproof.fuzz.fuzz_messages import Messages
from sliceproof.fuzz.target import Options
from sliceproof.fuzz.wire_edit import Piece, taken_apart
from sliceproof.fuzz.wire_to_stream import WRONG_CHECKSUMS
from sliceproof.wire.events import EXTRA_HEADERS, exception, part_header_block
from sliceproof.wire.headers import Timestamp, encode_header, encode_headers
from sliceproof.wire.messages import Limits, Message, MessageDecoder
from sliceproof.wire.stream import Stream

PLAIN = part_header_block("plain")
BAD = Piece(b"", total=12).wire()
SPECIAL = [
    b"",
    Piece(PLAIN + encode_headers(EXTRA_HEADERS), b"x").wire(),
    Piece(PLAIN + encode_headers({"When": Timestamp(1), "WHERE": True, "where": False}), b"x").wire(),
    Piece(PLAIN + b"\x01a\x06\x80\x00" + b"x" * 0x8000, b"x").wire(),
    Piece(PLAIN + b"".join(encode_header(f"{n}", b"x" * 32767) for n in range(5)), b"x").wire(),
    Piece(PLAIN + b"\x01a\x06\x80\x00" + b"x" * 0x8000, b"x").wire() + BAD,
    exception("ModelStreamError", "late").encode() + BAD,
    Stream("tgi-sse", ("x", "y")).wire + BAD,
    Stream("tgi-sse", ("x" * 3000,)).wire + BAD,
]
WIRES = [*SPECIAL, *grown(6, 1500)]


def framed(chunks: Iterable[bytes]) -> Iterator[Message]:
    decoder = MessageDecoder(Limits())
    for chunk in chunks:
        yield from decoder.feed(chunk)
    decoder.close()


def ignoring_case(chunks: Iterable[bytes]) -> Iterator[Any]:
    for message in framed(chunks):
        yield {name.lower(): value for name, value in message.headers.items()}, message.payload


def skipping_unknown_headers(chunks: Iterable[bytes]) -> Iterator[Any]:
    for message in framed(chunks):
        yield {name: value for name, value in message.headers.items() if name[0] == ":"}, memoryview(message.payload)


def telling_values_otherwise(chunks: Iterable[bytes]) -> Iterator[Any]:
    for message in framed(chunks):
        told_otherwise = {
            name: str(message.headers[name]).upper() for name in message.headers if name in ("uuid", "timestamp")
        }
        yield {**message.headers, **told_otherwise}, message.payload


def ending_with_an_exception(chunks: Iterable[bytes]) -> Iterator[Any]:
    for message in framed(chunks):
        yield message.headers, message.payload
        if message.headers.get(":message-type") in ("exception", "error"):
            return


async def with_a_deadline(chunks: Any) -> AsyncIterator[Any]:
    async with asyncio.timeout(5):
        given = [chunk async for chunk in chunks]
    for message in framed(given):
        yield message.headers, message.payload


async def waiting(chunks: Any) -> AsyncIterator[Any]:
    given = []
    async for chunk in chunks:
        await asyncio.sleep(0)
        given.append(chunk)
    for message in framed(given):
        yield message.headers, message.payload


class EndingWithTheFinish(Sound):
    """Reads nothing after the record that repeats the text, and gives each character by itself."""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        for chunk in chunks:
            for message in self.messages(chunk):
                for text in self.part(self.payload(message)):
                    yield from text
                if b'"generated_text":"' in message.payload:
                    return
        yield from self.end()


def ending_with_the_finish(chunks: Iterable[bytes]) -> Iterator[str]:
    return EndingWithTheFinish("tgi-sse").decode(chunks)


@pytest.mark.parametrize(
    "build",
    [
        ignoring_case,
        skipping_unknown_headers,
        telling_values_otherwise,
        ending_with_an_exception,
        with_a_deadline,
        waiting,
    ],
)
def test_a_sound_framing_decoder_of_any_build_is_never_suspect(build: Callable[[Any], Any]) -> None:
    decoder = of_callable(build, build.__name__, dialects=("text",), yields="messages")
    assert [wire for wire in WIRES if difference(decoder, wire, expected(wire))] == []


def test_a_text_decoder_need_not_read_on_after_the_finish() -> None:
    decoder = of_callable(ending_with_the_finish, "finish", dialects=("tgi-sse",))
    assert [wire for wire in WIRES if difference(decoder, wire, expected(wire))] == []


def misreading(change: Callable[[Message], Iterator[Any]]) -> Decoder:
    def decode(chunks: Iterable[bytes]) -> Iterator[Any]:
        for message in framed(chunks):
            yield from change(message)

    return of_callable(decode, "misreading", dialects=("text",), yields="messages")


def strings_as_numbers(message: Message) -> Iterator[Any]:
    yield {name: 1 if value == "é" else value for name, value in message.headers.items()}, message.payload


def later_timestamps(message: Message) -> Iterator[Any]:
    yield {n: int(v) + 1 if isinstance(v, Timestamp) else v for n, v in message.headers.items()}, message.payload


def without_longs(message: Message) -> Iterator[Any]:
    yield {name: value for name, value in message.headers.items() if name != "long"}, message.payload


def other_uuids(message: Message) -> Iterator[Any]:
    yield {name: b"" if name == "uuid" else value for name, value in message.headers.items()}, message.payload


@pytest.mark.parametrize("change", [strings_as_numbers, later_timestamps, without_longs, other_uuids])
def test_a_header_that_is_misread_is_suspect(change: Callable[[Message], Iterator[Any]]) -> None:
    found = difference(misreading(change), SPECIAL[1], expected(SPECIAL[1]))
    assert found is not None
    assert (found.requirement, found.what) == ("F5", "headers")


def test_one_that_takes_what_is_malformed_is_suspect_also_after_sound_messages() -> None:
    def taking_all(chunks: Iterable[bytes]) -> Iterator[Any]:
        for chunk in chunks:
            for message in expected(chunk).messages:
                yield message.headers, message.payload

    decoder = of_callable(taking_all, "taking", dialects=("text",), yields="messages")
    for before in (b"", exception("ModelStreamError", "late").encode(), Piece(PLAIN, b"x").wire()):
        assert difference(decoder, before + BAD, expected(before + BAD)) is not None


def test_a_decoder_is_asked_too_where_one_before_it_fails() -> None:
    target = Messages(Options(("botocore", "sound:messages", "botocore")))
    assert [suspect.decoder.name for suspect in target.run(BAD)] == ["botocore"] * 2
    target = Headers(Options(("botocore", "botocore")))
    assert len(list(target.run(b"\x01a\x07\x00\x01"))) == 2


def test_a_decoder_that_fails_only_now_and_then_is_no_crash() -> None:
    calls = iter(range(1000))

    def fickle(chunks: Iterable[bytes]) -> Iterator[Any]:
        if next(calls):
            yield from ((message.headers, message.payload) for message in framed(chunks))

    target = Messages(Options(("sound:messages",)))
    target.decoders = [of_callable(fickle, "fickle", dialects=("text",), yields="messages")]
    (suspect,) = target.run(BAD)
    assert target.settle(suspect) is None


def refusing(when: Callable[[str], object]) -> Decoder:
    def change(message: Message) -> Iterator[Any]:
        if any(map(when, message.headers)):
            raise ValueError
        yield message.headers, message.payload

    return misreading(change)


def losing_lines(chunks: Iterable[bytes]) -> Iterator[Any]:
    for message in framed(chunks):
        if 0x0A not in len(message.encode()).to_bytes(4):
            yield message.headers, message.payload


@pytest.mark.parametrize(
    "decoder",
    [
        refusing(lambda name: len(name) > 127),
        refusing(lambda name: len(name) == 255),
        refusing(lambda name: not name.isascii() and name.isalpha()),
        of_callable(losing_lines, "losing", dialects=("text",), yields="messages"),
    ],
    ids=["names over 127 bytes", "names of 255 bytes", "names beyond ASCII", "a length that has a line feed"],
)
def test_what_is_wrong_only_at_an_edge_is_reached_from_nothing(decoder: Decoder) -> None:
    wires = grown(7, 12000)
    assert any(one and one.requirement == "F5" for one in (difference(decoder, wire, expected(wire)) for wire in wires))


def settled(decoder: Decoder, wire: bytes) -> Any:
    target = Messages(Options(("sound:messages",)))
    target.decoders = [decoder]
    (suspect,) = target.run(wire)
    return target.settle(suspect)


def test_a_checksum_that_nobody_looks_at_is_told_by_an_empty_message() -> None:
    def looking_at_no_checksum(chunks: Iterable[bytes]) -> Iterator[Any]:
        for chunk in chunks:
            yield from ((None, b"") for piece in taken_apart(chunk) if isinstance(piece, Piece))

    decoder = of_callable(looking_at_no_checksum, "looking", dialects=("text",), yields="messages")
    wire = Piece(PLAIN, b"payload").wire()[:-4] + b"1234"
    assert settled(decoder, wire).result.finding.stream.fault.hex == WRONG_CHECKSUMS[0].hex()


def test_a_header_that_is_misread_is_told_by_few_bytes() -> None:
    small = settled(misreading(later_timestamps), SPECIAL[1])
    assert isinstance(small, bytes)
    assert len(small) < len(SPECIAL[1])


def test_one_fault_that_shows_in_two_ways_is_one() -> None:
    def with_a_payload(message: Message) -> Iterator[Any]:
        if message.payload:
            yield message.headers, message.payload

    empty, full = Piece(PLAIN).wire(), Piece(PLAIN, b"x").wire()
    keys = [settled(misreading(with_a_payload), wire).key for wire in (empty, empty + full)]
    assert keys == ["F6", "F6"]
