"""Sound decoders of different build: none is blamed, whatever way it has of reading, but for what it really does."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import pytest
from botocore.eventstream import EventStream
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import EventStreamJSONParser

from sliceproof.conformance.broken import Sound
from sliceproof.conformance.broken.sound import stepped
from sliceproof.conformance.decoder import Decoder, Mode
from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.reference import decode
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.runner import PROFILES, Plan, run
from sliceproof.wire.dialects import DIALECTS, dialect, reader

MODEL = ServiceModel(Loader().load_service_model("sagemaker-runtime", "service-2"))
SHAPE = MODEL.shape_for("InvokeEndpointWithResponseStreamOutput").members["Body"]

Decode = Callable[[str], Callable[[Any], Any]]


def whole_body(id_: str) -> Callable[[Iterable[bytes]], Iterator[str]]:
    """Reads to the end before it gives anything, and gives all there was before it raises."""

    def decoded(chunks: Iterable[bytes]) -> Iterator[str]:
        kept, error = "", None
        items = decode(chunks, id_)
        while True:
            try:
                kept += next(items)
            except StopIteration:
                break
            except Exception as raised:
                error = raised
                break
        yield kept
        if error is not None:
            raise error

    return decoded


def by_character(id_: str) -> Callable[[Iterable[bytes]], Iterator[str]]:
    return lambda chunks: (character for text in decode(chunks, id_) for character in text)


def with_empty_deltas(id_: str) -> Callable[[Iterable[bytes]], Iterator[str]]:
    return lambda chunks: (piece for text in decode(chunks, id_) for piece in ("", text, ""))


def in_larger_pieces(id_: str) -> Callable[[Iterable[bytes]], Iterator[str]]:
    """Gives what a chunk completes as one piece, also what came before a fault in it."""

    def decoded(chunks: Iterable[bytes]) -> Iterator[str]:
        decoding = Sound(id_)
        for chunk in chunks:
            yield from one_piece(decoding.chunk(chunk))
        yield from one_piece(decoding.end())

    return decoded


def one_piece(items: Iterator[str]) -> Iterator[str]:
    """All of *items* joined; an error comes after what came before it."""
    kept = ""
    try:
        for text in items:
            kept += text
    except Exception:
        if kept:
            yield kept
        raise
    if kept:
        yield kept


def awaiting(id_: str) -> Callable[[Any], AsyncIterator[str]]:
    """Really waits before each chunk."""

    async def late(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            await asyncio.sleep(0)
            yield chunk

    return lambda chunks: stepped(Sound(id_), late(chunks))


class RawDecoding(Sound):
    """Finds JSON documents with raw_decode, whatever stands between them; blind to lines."""

    def text(self, text: str) -> Iterator[str]:
        if not self.started and text:
            self.started, text = True, text.removeprefix("\ufeff")
        self.rest += text
        while (start := self.rest.find("{")) >= 0:
            try:
                record, stop = json.JSONDecoder().raw_decode(self.rest, start)
            except json.JSONDecodeError:
                return
            self.rest = self.rest[stop:]
            yield from self.record(record)

    def last(self) -> Iterator[str]:
        yield from self.text(self.utf8.decode(b"", True))


class ByLine(Sound):
    """Buffers bytes up to a line feed and decodes whole lines, so that no character is ever cut."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.bytes = b""

    def part(self, payload: bytes) -> Iterator[str]:
        *lines, self.bytes = (self.bytes + payload).split(b"\n")
        for line in lines:
            yield from self.text(line.decode() + "\n")

    def last(self) -> Iterator[str]:
        yield from self.text(self.bytes.decode())
        yield from super().last()


def by_botocore(id_: str) -> Callable[[Iterable[bytes]], Iterator[str]]:
    """botocore's EventStream for the frames, a reader of records for the rest."""

    class Body:
        def __init__(self, chunks: Iterable[bytes]) -> None:
            self.stream = lambda: chunks

    def decoded(chunks: Iterable[bytes]) -> Iterator[str]:
        records = reader(dialect(id_))
        events = EventStream(Body(chunks), SHAPE, EventStreamJSONParser(), "InvokeEndpointWithResponseStream")
        for event in events:
            yield from records.feed(event["PayloadPart"]["Bytes"])
        yield from records.close()

    return decoded


def of_parts(id_: str) -> Callable[[Iterable[bytes]], Iterator[str]]:
    def decoded(parts: Iterable[bytes]) -> Iterator[str]:
        records = reader(dialect(id_))
        for part in parts:
            yield from records.feed(part)
        yield from records.close()

    return decoded


def of_events(id_: str) -> Callable[[Iterable[Any]], Iterator[str]]:
    return lambda events: of_parts(id_)(event["PayloadPart"]["Bytes"] for event in events)


def lines_of_parts(id_: str) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
    """Gives lines, as a line iterator over the parts does."""

    def decoded(parts: Iterable[bytes]) -> Iterator[bytes]:
        rest = b""
        for part in parts:
            *lines, rest = (rest + part).split(b"\n")
            yield from lines
        if rest:
            yield rest

    return decoded


def sound(kind: type[Sound]) -> Decode:
    return lambda id_: kind(id_).decode


def adapter(name: str, decoding: Decode, mode: str = "sync", **declared: str) -> Decoder:
    opened = Mode(lambda id_, form: decoding(id_), mode == "async")
    return Decoder(name, {mode: opened}, **declared)  # type: ignore[arg-type]


LINES = ("tgi-sse", "djl-jsonlines")
SOME = ("djl-outputs", "djl-sse", "text")

BUILDS: list[tuple[Decoder, tuple[str, ...], set[str]]] = [
    (adapter("incremental codec", sound(Sound)), ("tgi-sse", "openai-sse", "text"), set()),
    (adapter("whole body", whole_body), SOME, {"W1"}),
    (adapter("one character at a time", by_character), SOME, set()),
    (adapter("empty deltas between", with_empty_deltas), SOME, set()),
    (adapter("pieces larger than tokens", in_larger_pieces), SOME, set()),
    (adapter("real awaits", awaiting, "async"), ("triton-sse",), set()),
    (adapter("raw_decode", sound(RawDecoding)), ("tgi-sse", "lmi-jsonlines"), {"S3"}),
    (adapter("lines of bytes", sound(ByLine)), ("djl-jsonlines", "triton-sse"), set()),
    (adapter("botocore's frames", by_botocore), ("triton-sse", "djl-3p"), {"T2"}),
    (adapter("parts", of_parts, accepts="parts"), SOME, set()),
    (adapter("events", of_events, accepts="events"), SOME, set()),
    (adapter("lines of parts", lines_of_parts, accepts="parts", yields="lines"), LINES, set()),
]

EXAMPLES = 2


def blamed(decoder: Decoder, dialects: tuple[str, ...], ids: tuple[str, ...] = ()) -> dict[str, str]:
    """The requirements that *decoder* breaks, each with the stream that shows it."""
    chosen = [one for one in REQUIREMENTS.values() if (one.id in ids if ids else one.id != "Q1")]
    plan = Plan(chosen, PROFILES["ci"], examples=EXAMPLES)
    results = list(run(decoder, plan, dialects))
    assert [result for result in results if result.verdict == "error"] == []
    return {
        one.requirement.id: f"{one.finding.stream!r}: {one.finding.broken.breach}" for one in results if one.finding
    }


@pytest.mark.parametrize(("decoder", "dialects", "its_own"), BUILDS, ids=lambda value: getattr(value, "name", ""))
def test_a_sound_decoder_is_blamed_for_nothing_but_what_it_does(
    decoder: Decoder, dialects: tuple[str, ...], its_own: set[str]
) -> None:
    found = blamed(decoder, dialects)
    assert set(found) == its_own, found


@pytest.mark.parametrize("id_", DIALECTS)
def test_the_reference_conforms_in_every_dialect(id_: str) -> None:
    assert blamed(DECODERS["reference"].load(), (id_,)) == {}


def test_the_reference_costs_the_same_a_byte_however_long_the_stream_is() -> None:
    assert blamed(DECODERS["reference"].load(), ("tgi-sse",), ("Q1",)) == {}


def test_botocore_ignores_half_a_message_and_nothing_else() -> None:
    found = blamed(DECODERS["botocore"].load(), ("tgi-sse",))
    assert set(found) == {"T2"}, found


def test_botocore_copies_what_it_has_not_read_yet_for_each_message() -> None:
    assert set(blamed(DECODERS["botocore"].load(), ("tgi-sse",), ("Q1",))) == {"Q1"}
