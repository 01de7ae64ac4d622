"""Cases: what gives them their id, and what they say is expected."""

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case, Expected, Found
from sliceproof.wire.dialects import DIALECTS, Style
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

PLAIN = Stream("tgi-sse", ("é", "y"))

ALIKE = [
    ("cuts that are the records' ends", PLAIN, PLAIN.but(part_cuts=PLAIN.edges[1:-1])),
    ("cuts that are the messages' ends", PLAIN, PLAIN.but(chunk_cuts=PLAIN.frame_stops[:-1])),
    ("the order of unknown events", PLAIN.but(unknown=(0, 1)), PLAIN.but(unknown=(1, 0))),
    (
        "what a fault does not say",
        PLAIN.but(fault=Fault("silence", 1)),
        PLAIN.but(fault=Fault("silence", 1, "error", "unsaid", None)),
    ),
    (
        "the code of an error record",
        PLAIN.but(fault=Fault("error-record", 1)),
        PLAIN.but(fault=Fault("error-record", 1, code=None)),
    ),
]

OTHERS = [
    PLAIN.but(tokens=("é", "z")),
    PLAIN.but(tokens=("éy",)),
    PLAIN.but(dialect="djl-sse"),
    PLAIN.but(style=Style(space=False)),
    PLAIN.but(part_cuts=(3,)),
    PLAIN.but(part_cuts=()),
    PLAIN.but(chunk_cuts=()),
    PLAIN.but(headers="reversed"),
    PLAIN.but(unknown=(1,)),
    PLAIN.but(fault=Fault("exception", 1)),
    PLAIN.but(fault=Fault("exception", 1, code=None)),
    PLAIN.but(fault=Fault("exception", 2)),
]


class TestTheId:
    @pytest.mark.parametrize(("what", "one", "other"), ALIKE, ids=lambda value: value if isinstance(value, str) else "")
    def test_is_the_same_for_streams_of_the_same_bytes(self, what: str, one: Stream, other: Stream) -> None:
        assert one != other
        assert (one.chunks, one.parts) == (other.chunks, other.parts)
        assert Case("U1", "cut", one) == Case("U1", "cut", other)
        assert Case("U1", "cut", one).id == Case("U1", "cut", other).id

    def test_is_another_for_every_other_stream(self) -> None:
        ids = [Case("U1", "cut", stream).id for stream in (PLAIN, *OTHERS)]
        assert len(set(ids)) == len(ids)

    def test_is_another_for_another_requirement_and_the_same_for_another_title_or_decoder(self) -> None:
        case = Case("U1", "cut", PLAIN)
        assert case.id != Case("R1", "cut", PLAIN).id
        assert case.id == Case("U1", "sliced", PLAIN, (Found("own", "1", "2026-01-02"),)).id

    def test_does_not_change_from_release_to_release(self) -> None:
        """Whoever wrote an id down must find the case again."""
        assert Case("U1", "", Stream("text", ("é",), part_cuts=(1,))).name == "U1-e117b93b94aa"
        broken = Stream("tgi-sse", ("x",), Style(asides=((0, "comment"),)), fault=Fault("exception", 1))
        assert Case("E1", "", broken).name == "E1-38c260741d0a"

    def test_of_no_part_at_all_is_not_that_of_an_empty_one(self) -> None:
        none, empty = Stream("text", ()), Stream("text", (), part_cuts=())
        assert (none.parts, empty.parts) == ((), (b"",))
        assert Case("F6", "", none).id != Case("F6", "", empty).id


EXPECTED = [
    (Stream("tgi-sse", ("x", "é")), Expected("xé")),
    (Stream("tgi-sse", ()), Expected("")),
    (Stream("tgi-sse", ("x",), Style(special=True)), Expected("x")),
    (
        PLAIN.but(fault=Fault("exception", 1, "ModelStreamError", "gone", "Code")),
        Expected(
            "é",
            {
                "kind": "exception",
                "what": "an exception message after 1 tokens",
                "name": "ModelStreamError",
                "message": "gone",
                "code": "Code",
            },
        ),
    ),
    (
        PLAIN.but(fault=Fault("error-record", 1, message="gone")),
        Expected(
            "é", {"kind": "error-record", "what": "the container's error record after 1 tokens", "message": "gone"}
        ),
    ),
    (
        PLAIN.but(fault=Fault("silence", 1)),
        Expected("é", {"kind": "silence", "what": "the body ends after 1 tokens, without a finish mark"}),
    ),
    (Stream("text", ("x", "y"), fault=Fault("silence", 1)), Expected("x")),
    (Stream("text", ("xé",), fault=Fault("broken-off", 1)), Expected("x")),
    (
        Stream("text", ("x", "é"), fault=Fault("broken-off", 2)),
        Expected("x", {"kind": "broken-off", "what": "the body ends at its byte 2"}),
    ),
    (Stream("text", ("x", "y"), fault=Fault("truncated", 106)), Expected("x")),
    (
        Stream("text", ("x", "y"), fault=Fault("truncated", 107)),
        Expected("x", {"kind": "truncated", "what": "the wire ends at its byte 107"}),
    ),
    (
        Stream("text", ("x", "y"), fault=Fault("corrupt", 110)),
        Expected("x", {"kind": "corrupt", "what": "byte 110 of the wire is flipped"}),
    ),
    (
        Stream("text", ("x",), fault=Fault("oversized", 1)),
        Expected("x", {"kind": "oversized", "what": "after 1 tokens, a message that declares 2 GiB"}),
    ),
]


class TestWhatIsExpected:
    @pytest.mark.parametrize(("stream", "due"), EXPECTED, ids=lambda value: repr(value)[:60])
    def test_is_the_text_and_the_error_of_the_fault(self, stream: Stream, due: Expected) -> None:
        assert Case("MIX", "", stream).expected == due

    @pytest.mark.parametrize("dialect", DIALECTS)
    def test_is_what_the_reference_decoder_does(self, dialect: str) -> None:
        reference, known = DECODERS["reference"].load(), DIALECTS[dialect]
        for requirement in REQUIREMENTS.values():
            if requirement.id in ("Q1", "Q2") or requirement.inapplicable(reference, known):
                continue
            for stream in list(requirement.sweep(known))[:300:7]:
                outcome, due = drive(reference, "sync", stream), Case(requirement.id, "", stream).expected
                text = "".join(outcome.items)
                assert outcome.ended == ("end" if due.error is None else "error"), stream
                assert text == due.text if due.error is None else text.startswith(due.text), stream
