"""What the vectors show beyond our own broken decoders: faults written into a small decoder that is right."""

import base64
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from variety import kinds, lettered, swept

from sliceproof.conformance.engine.vectors import vectors, written, wrong
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.strategies.hazards import BENIGN
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

SOUND = (Path(__file__).parents[2] / "examples" / "vendor" / "pytest" / "sound.py").read_text("utf-8")
Decode = Callable[[Iterator[bytes]], Iterator[str]]

FAULTS = {
    "checks no message": ("if crc32(message[:-4]) !=", "if False and crc32(message[:-4]) !=", "F2"),
    "reads each header as a string": ("if kind in (6, 7):", "if True:", "F5"),
    "knows no error messages": (
        'if found.get(":message-type") != "event"',
        'if found.get(":message-type") == "exception"',
        "E1",
    ),
    "takes an empty payload for the end": (
        'if found.get(":event-type") == "PayloadPart":',
        "if not payload:\n                return\n            if True:",
        "F6",
    ),
    "removes </s> from texts": ('yield token["text"]', 'yield token["text"].replace("</s>", "")', "S1"),
    "raises at a text that says error": ('if "error" in record', "if '{\"error\"' in str(record)", "S1"),
    "takes a character for replaced": ('yield token["text"]', 'yield token["text"].replace("\\x7f", "")', "U6"),
}
"""What is written in the place of what, and the requirement that must tell of it."""

UTF8 = """
class UTF8:
    held = b""

    def __call__(self):
        return self

    def decode(self, part, final=False):
        self.held += part
        for back in range({most} + 1):
            try:
                cut = len(self.held) - back
                text = self.held[:cut].decode()
            except UnicodeDecodeError:
                continue
            self.held = self.held[cut:]
            return text
        text, self.held = self.held.decode("utf-8", "replace"), b""
        return text
"""


def decoder(source: str) -> Decode:
    """The decoder of that source."""
    names: dict[str, Any] = {}
    exec(source, names)  # the example of this project, with one line changed
    decode: Decode = names["decode"]
    return decode


@cache
def file() -> list[dict[str, Any]]:
    """What a runner asks of a decoder of one dialect."""
    found: list[dict[str, Any]] = json.loads(written("2026.1", vectors("2026.1", ("tgi-sse",)), 500_000).text)[
        "vectors"
    ]
    return [fields for fields in found if fields["level"] == "must"]


def failed(decode: Decode) -> dict[str, str]:
    """The requirements of the vectors on which a decoder fails, and what is wrong with the first of each."""
    found = dict[str, str]()
    for fields in file():
        text, error = "", None
        try:
            for delta in decode(_source(fields)):
                text += delta
        except Exception as raised:
            error = f"{raised}"
        if told := wrong(fields, text, error):
            found.setdefault(fields["requirement"], told)
    return found


def _source(fields: dict[str, Any]) -> Iterator[bytes]:
    yield from map(base64.b64decode, fields["chunks"])
    if fields["error"] == "source-error":
        raise ConnectionResetError("the connection broke")


def test_the_right_one_fails_nowhere() -> None:
    assert failed(decoder(SOUND)) == {}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_another_kind_is_told(name: str) -> None:
    before, after, id_ = FAULTS[name]
    assert SOUND.count(before) == 1
    assert id_ in failed(decoder(SOUND.replace(before, after)))


@pytest.mark.parametrize("most", [0, 1, 2])
def test_a_character_that_is_cut_behind_any_byte_is_told(most: int) -> None:
    """Of one who holds no more than so many bytes; 3 are enough."""
    line = 'UTF8 = codecs.getincrementaldecoder("utf-8")\n'
    assert SOUND.count(line) == 1
    of = {each: decoder(SOUND.replace(line, UTF8.format(most=each) + "\n\nUTF8 = UTF8()\n")) for each in (most, 3)}
    assert "U1" in failed(of[most])
    assert failed(of[3]) == {}


def test_equal_deltas_are_told() -> None:
    """Of one who drops a second delta, of more than one character, that equals the one before it."""

    def once(chunks: Iterator[bytes]) -> Iterator[str]:
        before = ""
        for delta in decoder(SOUND)(chunks):
            if len(delta) == 1 or delta != before:
                yield delta
            before = delta

    assert [*failed(once)] == ["D2"]


class TestLetters:
    @pytest.mark.parametrize("id_", ["U1", "S1", "S4", "J2", "P4", "F2", "E1", "F5", "U6"])
    @pytest.mark.parametrize("dialect", ["tgi-sse", "openai-sse"])
    def test_each_is_in_a_stream(self, id_: str, dialect: str) -> None:
        requirement, found = REQUIREMENTS[id_], list(lettered(REQUIREMENTS[id_], DIALECTS[dialect]))
        said = "\n".join("".join(stream.tokens) for stream in found)
        letters = [letter for letter in requirement.alphabet(DIALECTS[dialect]) if letter not in BENIGN]
        assert letters
        assert len(found) <= len(letters) + 4
        for letter in letters:
            assert letter.token is None or str(letter.token) in said
            assert letter.fault is None or any(
                stream.fault and stream.fault.name == letter.fault.name for stream in found
            )
            assert not letter.headers or any(stream.headers == letter.headers for stream in found)

    def test_a_character_of_each_width_is_cut_behind_each_byte(self) -> None:
        found = set().union(*map(kinds, lettered(REQUIREMENTS["U1"], DIALECTS["tgi-sse"])))
        cut = {(kind[1], kind[2]) for kind in found if kind[0] == "character"}
        assert {(0xC, 1), (0xE, 1), (0xE, 2), (0xF, 1), (0xF, 2), (0xF, 3)} <= cut

    def test_a_flip_is_in_each_field_of_a_message(self) -> None:
        found = set().union(*map(kinds, lettered(REQUIREMENTS["F2"], DIALECTS["tgi-sse"])))
        places = {kind[1] for kind in found if kind[0] == "corrupt"}
        assert {"edge", "headers' length", "prelude's checksum", "headers", "payload", "joined chunks"} <= places


class TestKinds:
    def test_of_a_plain_stream_are_only_how_much_it_says(self) -> None:
        assert kinds(Stream("tgi-sse", ("x",))) == {("tokens", 1), ("token", 1)}

    @pytest.mark.parametrize(
        ("stream", "kind"),
        [
            (Stream("tgi-sse", ("x", "y"), part_cuts=()), ("joined parts",)),
            (Stream("tgi-sse", ("x",), headers="reversed"), ("headers", "reversed")),
            (Stream("tgi-sse", ("x", "x")), ("again", 1)),
            (Stream("tgi-sse", ("x",), fault=Fault("exception", 0)), ("exception", 0, False)),
            (Stream("tgi-sse", ("x",), chunk_cuts=(3,)), ("chunk", "length")),
        ],
        ids=str,
    )
    def test_say_what_it_is_about(self, stream: Stream, kind: tuple[object, ...]) -> None:
        assert kind in kinds(stream)

    def test_few_streams_have_all(self) -> None:
        streams = list(REQUIREMENTS["F2"].sweep(DIALECTS["tgi-sse"]))
        few = list(swept(streams, (), [len(stream.wire) for stream in streams]))
        assert set().union(*map(kinds, few)) == set().union(*map(kinds, streams))
        assert len(few) < len(streams) / 10
        assert list(swept(streams, set().union(*map(kinds, streams)), [1] * len(streams))) == []
