"""The incremental readers: the same text, then the same error at the same place, wherever a body is cut."""

import gc
import tracemalloc
from collections.abc import Iterator, Sequence
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sliceproof.wire.dialects import (
    DIALECTS,
    BodyError,
    ModelError,
    RecordError,
    UnfinishedError,
    dialect,
    encode,
    reader,
)
from sliceproof.wire.dialects.reader import MAX_RECORD
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.headers import Limits
from sliceproof.wire.slicing import cut

SSE, LINES, DJL, JSON = "triton-sse", "djl-outputs", "djl-jsonlines", "djl-json"
BOM = "\ufeff"
FIRST = b'data: {"text_output":"a"}\n\n'  # 27 bytes
DELTA = '{"token": {"text": "é"}}\n'
END = '{"token": {"text": "b"}, "generated_text": "éb"}\n'
LINE = b'{"outputs": ["a"]}\n'  # 19 bytes
DOCUMENT = '{"generated_text": "'  # 20 bytes


def triton(*lines: str, end: str = "\n") -> bytes:
    """SSE lines, and `@x` for a data line that says x."""
    told = [f'data: {{"text_output":"{line[1:]}"}}' if line[:1] == "@" else line for line in lines]
    return end.join([*told, ""]).encode()


# What the body is, in which dialect, and the text it says.
SOUND: list[tuple[str, str, bytes, str]] = [
    ("events end at LF", SSE, triton("@a", "", "@é", ""), "aé"),
    ("events end at CR LF", SSE, triton("@a", "", "@é", "", end="\r\n"), "aé"),
    ("events end at CR", SSE, triton("@a", "", "@é", "", end="\r"), "aé"),
    ("events end at all three", SSE, triton("@a") + b"\r\r\n" + triton("@b", end="\r") + b"\n\n", "ab"),
    ("CR and LF take turns", SSE, b"event: x\r" + triton("@a", "") + b"event: x\r\n" + triton("@b", ""), "ab"),
    ("line separators end nothing", SSE, triton("@a\u2028\x85\u2029", ""), "a\u2028\x85\u2029"),
    ("comments stand anywhere", SSE, triton(":", "", "@a", ": x", "", ":", ":"), "a"),
    ("unknown fields", SSE, triton("event: x", "id", "@a", "retry: 1", "datas: x", "", "x"), "a"),
    ("data on two lines", SSE, triton("data: {", 'data:"text_output":', 'data: "a"}', ""), "a"),
    ("data lines that are empty", SSE, triton("data", "", "data: ", "", "data:", "@a", ""), "a"),
    ("blank lines", SSE, triton("", "", "@a", "", "", ""), "a"),
    ("an event that the end of the body ends", SSE, triton("@a", "", "@b"), "ab"),
    ("a last line that the end of the body ends", SSE, triton("@a", "", "@b")[:-1], "ab"),
    ("a byte order mark before events", SSE, BOM.encode() + FIRST, "a"),
    ("a byte order mark in the text", SSE, triton(f"@{BOM}a", ""), f"{BOM}a"),
    ("no events", SSE, b"", ""),
    ("a byte order mark and nothing else", LINES, BOM.encode(), ""),
    ("a sentinel instead of a finish reason", "openai-sse", b'data: {"choices":[]}\n\ndata: [DONE]\n\n', ""),
    (
        "text after the finish reason",
        "openai-sse",
        b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}'
        b'\n\ndata: {"choices":[{"delta":{"content":"b"},"finish_reason":null}]}\n\ndata: [DONE]\n\n',
        "ab",
    ),
    (
        "no choices and usage before the text",
        "openai-sse",
        b'data: {"choices":[]}\n\ndata: {"choices":[],"usage":{}}\n\n'
        b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}],"usage":{}}\n\n',
        "a",
    ),
    (
        "named events",
        "openai-sse",
        b'event: x\ndata: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n'
        b'event: sglext_ids\ndata: {"choices":[],"sglext":{}}\n\n',
        "a",
    ),
    ("records end at LF", DJL, (DELTA + END).encode(), "éb"),
    ("records end at CR LF", DJL, (DELTA + END).replace("\n", "\r\n").encode(), "éb"),
    ("a last record without its terminator", DJL, (DELTA + END)[:-1].encode(), "éb"),
    ("blank lines between records", DJL, f"\n{DELTA}\r\n \n{END}\n\n".encode(), "éb"),
    ("a byte order mark before records", DJL, (BOM + DELTA + END).encode(), "éb"),
    ("numbers that are none", LINES, b'{"outputs": ["a"], "p": [NaN, -Infinity]}\n', "a"),
    ("escapes", LINES, b'{"outputs": ["\\ud83d\\ude00\\n\\\\n\\u0000"]}\n', "😀\n\\n\0"),
    ("a document", JSON, f'{DOCUMENT}é你😀"}}'.encode(), "é你😀"),
    ("escapes in it", JSON, rf'{DOCUMENT}\ud83d\ude00\n\\n\"\u0041\\\\"}}'.encode(), '😀\n\\n"A\\\\'),
    ("lone surrogates in it", JSON, rf'{DOCUMENT}\ude00\ud83da\ud83d"}}'.encode(), "\ude00\ud83da\ud83d"),
    ("one before a pair", JSON, rf'{DOCUMENT}\ud83d\ud83d\ude00"}}'.encode(), "\ud83d😀"),
    ("details after it", JSON, rf'{DOCUMENT}a", "details": {{"x": "}}"}}}}'.encode(), "a"),
    ("white space and a list around it", JSON, b'\n [ { "generated_text" : "a" } ] \n', "a"),
    ("another key before it", JSON, b'{"x": {"generated_text": "no }"}, "generated_text": "a"}', "a"),
    ("an escaped quote in a key before it", JSON, b'{"\\"x\\\\": [1, {}], "y": -1.5e3 , "generated_text": "a"}', "a"),
    ("keys after it", JSON, f'{DOCUMENT}a", "x": [], "x": {{"y": null}}, "": "\\u0041"}}'.encode(), "a"),
    ("an escape in its key", JSON, b'{"generated\\u005ftext": "a"}', "a"),
    ("much white space before it", JSON, f'{" " * 70}{DOCUMENT}a"}}'.encode(), "a"),
    ("white space of every kind around everything", JSON, b'\t[\r\n{ "generated_text"\t:\n"a"\r}\t]\n', "a"),
    (
        "a token as LMI writes it",
        "lmi-jsonlines",
        b'{"index": 0, "token": {"id": 1, "text": "a", "logprob": -0.5}, '
        b'"generated_text": null, "details": null}\n{"index": 0, "token": {"id": 1, "text": "b", "logprob": -0.5}, '
        b'"generated_text": "ab", "details": null}\n\n\n',
        "ab",
    ),
    ("a byte order mark before it", JSON, f'{BOM}{DOCUMENT}a"}}'.encode(), "a"),
    ("nothing in it", JSON, f'{DOCUMENT}"}}'.encode(), ""),
    ("plain text", "text", "aé你😀\r\n\u2028".encode(), "aé你😀\r\n\u2028"),
]

# What is wrong, where, the text before it, the error, and the offset of the offending record if it has one.
FAULTY: list[tuple[str, str, bytes, str, type[SliceproofError], int | None]] = [
    ("bad JSON", SSE, FIRST + triton("data: {", "", "@b", ""), "a", RecordError, 27),
    ("bad JSON after CR LF", SSE, triton("@a", "", "data: {", "", end="\r\n"), "a", RecordError, 29),
    ("bad JSON on two lines", SSE, triton("data: {", "data: x", ""), "", RecordError, 0),
    ("bad JSON after a mark", SSE, BOM.encode() + FIRST + triton("data: {", ""), "a", RecordError, 30),
    ("bad UTF-8", SSE, FIRST + FIRST.replace(b'"a"', b'"\xff"'), "a", RecordError, 27),
    ("no object", SSE, FIRST + triton("data: 5", "", "@b", ""), "a", RecordError, 27),
    ("another schema", SSE, FIRST + triton('data: {"text": "x"}', ""), "a", RecordError, 27),
    ("no text in the text", SSE, FIRST + triton('data: {"text_output": 5}', ""), "a", RecordError, 27),
    ("an event cut short", SSE, FIRST + FIRST[:-5], "a", UnfinishedError, 27),
    ("half a byte order mark", LINES, b"\xef\xbb", "", UnfinishedError, 0),
    ("no finish reason", "openai-sse", b'data: {"choices":[]}\n\n', "", UnfinishedError, 22),
    ("an error record", SSE, FIRST + triton('data: {"error": "no"}', ""), "a", ModelError, None),
    ("bad line", LINES, LINE + b"x\n" + LINE, "a", RecordError, 19),
    ("bad line after a mark", LINES, BOM.encode() + LINE + b"x\n", "a", RecordError, 22),
    ("bad UTF-8 in a line", LINES, LINE + LINE.replace(b"a", b"\xe4\xbd"), "a", RecordError, 19),
    ("a line that is no object", LINES, LINE + b'["a"]\n', "a", RecordError, 19),
    ("a line without text", LINES, LINE + b'{"outputs": []}\n', "a", RecordError, 19),
    ("a text that is null", DJL, b'{"token": {"text": null}}\n', "", RecordError, 0),
    ("a line cut short", LINES, LINE + LINE[:-4], "a", UnfinishedError, 19),
    ("a line cut in a code point", DJL, DELTA.encode()[:21], "", UnfinishedError, 0),
    ("no full text", DJL, DELTA.encode(), "é", UnfinishedError, 26),
    ("an error line", LINES, LINE + b'{"code": 400, "error": "no"}\n', "a", ModelError, None),
    ("bad UTF-8 in a document", JSON, f'{DOCUMENT}a\xff"}}'.encode("latin-1"), "a", RecordError, None),
    ("a raw line feed in it", JSON, f'{DOCUMENT}a\nb"}}'.encode(), "a", RecordError, None),
    ("an escape that is none", JSON, rf'{DOCUMENT}a\xb"}}'.encode(), "a", RecordError, None),
    ("another key alone", JSON, b'{"text": "a"}', "", RecordError, 0),
    ("another key cut short", JSON, b'{"text": "' + b"x" * 70, "", UnfinishedError, None),
    ("another key as long as all", JSON, b'{"text": "' + b"x" * 1100, "", RecordError, 0),
    ("a list that does not end", JSON, f'[{DOCUMENT}a"}}'.encode(), "a", UnfinishedError, None),
    ("a list that did not begin", JSON, f'{DOCUMENT}a"}}]'.encode(), "a", RecordError, 0),
    ("a list in a list", JSON, f'[[{DOCUMENT}a"}}]]'.encode(), "", RecordError, 0),
    ("a list that ends twice", JSON, f'[{DOCUMENT}a"}}]]'.encode(), "a", RecordError, 0),
    ("two documents in a list", JSON, f'[{DOCUMENT}a"}}, {DOCUMENT}b"}}]'.encode(), "a", RecordError, 0),
    ("two documents", JSON, f'{DOCUMENT}a"}}{DOCUMENT}b"}}'.encode(), "a", RecordError, 0),
    ("an empty list", JSON, b"[]", "", RecordError, 0),
    ("an empty object", JSON, b"{}", "", RecordError, 0),
    ("a comma too many", JSON, f'{DOCUMENT}a",}}'.encode(), "a", RecordError, 0),
    ("a comma before it", JSON, b'{,"generated_text": "a"}', "", RecordError, 0),
    ("no comma", JSON, f'{DOCUMENT}a" "details": null}}'.encode(), "a", RecordError, 0),
    ("no colon", JSON, b'{"generated_text" "a"}', "", RecordError, 0),
    ("no value", JSON, b'{"x":, "generated_text": "a"}', "", RecordError, 0),
    ("a key without quotes", JSON, b'{generated_text: "a"}', "", RecordError, 0),
    ("a key that is no text", JSON, b'{"\\x": 1, "generated_text": "a"}', "", RecordError, 0),
    ("a value that is none", JSON, b'{"x": nul, "generated_text": "a"}', "", RecordError, 0),
    ("brackets that do not match", JSON, b'{"x": [}, "generated_text": "a"}', "", RecordError, 0),
    ("another white space before it", JSON, f'\xa0{DOCUMENT}a"}}'.encode(), "", RecordError, 0),
    ("another white space in it", JSON, f'{{\u2028{DOCUMENT[1:]}a"}}'.encode(), "", RecordError, 0),
    ("another white space after it", JSON, f'{DOCUMENT}a"}}\xa0'.encode(), "a", RecordError, 0),
    ("a byte order mark after white space", JSON, f' {BOM}{DOCUMENT}a"}}'.encode(), "", RecordError, 0),
    ("the text twice", JSON, f'{DOCUMENT}a", "generated_text": "b"}}'.encode(), "a", RecordError, 0),
    ("no text and then one", JSON, b'{"generated_text": null, "generated_text": "b"}', "", RecordError, 0),
    ("a text that is null in it", JSON, b'{"generated_text": null}', "", RecordError, 0),
    ("a text that is a number", JSON, b'{"generated_text": 5}', "", RecordError, 0),
    ("an error in it", JSON, b'{"generated_text": null, "error": "no", "code": 400}', "", ModelError, None),
    ("an error before it", JSON, b'{"error": "no", "generated_text": "a"}', "a", ModelError, None),
    ("nested beyond all measure", JSON, b'{"x": ' + b"[" * 1018, "", UnfinishedError, None),
    ("the texts of two completions", LINES, LINE + b'{"outputs": ["Hi", "Bonjour"]}\n', "a", RecordError, 19),
    ("a failure's message", LINES, LINE + b'{"outputs": "CUDA out of memory"}\n', "a", ModelError, None),
    (
        "an empty finish reason",
        "openai-text-sse",
        b'data: {"choices":[{"text":"a","finish_reason":""}]}\n\n',
        "a",
        UnfinishedError,
        53,
    ),
    ("details that are none", JSON, f'{DOCUMENT}a", "details": "x"}}'.encode(), "a", RecordError, None),
    ("no closing quote", JSON, f"{DOCUMENT}aé".encode(), "aé", UnfinishedError, None),
    ("no closing brace", JSON, f'{DOCUMENT}a"'.encode(), "a", UnfinishedError, None),
    ("half an escape", JSON, rf"{DOCUMENT}a\ud83d\u".encode(), "a", UnfinishedError, None),
    ("half a code point", JSON, f"{DOCUMENT}aé".encode()[:-1], "a", UnfinishedError, None),
    ("half of one after it", JSON, f'{DOCUMENT}a"}}'.encode() + b"\xe4", "a", UnfinishedError, None),
    ("nothing at all", JSON, b"", "", UnfinishedError, 0),
    ("bad UTF-8 in plain text", "text", b"ab\xffcd", "ab", RecordError, 2),
    ("a code point without its end", "text", b"ab\xe4\xbdcd", "ab", RecordError, 2),
    ("plain text cut in a code point", "text", b"ab\xe4", "ab", UnfinishedError, 2),
]

CASES = [*((*case, None, None) for case in SOUND), *FAULTY]
Outcome = tuple[str, type[SliceproofError] | None, int | None, str]


def outcome(id_: str, slices: Sequence[bytes], max_record: int = 1024) -> Outcome:
    """The text that comes out of a reader, and the error after it: class, offset, words."""
    reading, told = reader(dialect(id_), max_record), []
    try:
        for text in chain(chain.from_iterable(map(reading.feed, slices)), reading.close()):
            told.append(text)
    except SliceproofError as error:
        return "".join(told), type(error), getattr(error, "offset", None), str(error)
    return "".join(told), None, None, ""


def slicings(body: bytes) -> Iterator[tuple[bytes, ...]]:
    """The body byte by byte, cut in two everywhere, and between empty slices."""
    yield cut(body, range(1, len(body)))
    yield from (cut(body, [offset]) for offset in range(len(body) + 1))
    yield cut(body, sorted([*range(len(body) + 1)] * 2))


class TestEverySlicing:
    @pytest.mark.parametrize(
        ("id_", "body", "text", "error", "offset"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
    )
    def test_gives_the_same_text_and_error(
        self, id_: str, body: bytes, text: str, error: type[SliceproofError] | None, offset: int | None
    ) -> None:
        whole = outcome(id_, [body])
        assert whole[:2] == (text, error)
        assert offset is None or whole[2] == offset
        for slices in slicings(body):
            assert outcome(id_, slices) == whole

    @settings(max_examples=200, deadline=None)
    @given(st.sampled_from(SOUND), st.data())
    def test_gives_the_same_text_in_several_cuts(self, case: tuple[str, str, bytes, str], data: st.DataObject) -> None:
        _, id_, body, text = case
        slices = cut(body, sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=6))))
        assert outcome(id_, slices) == (text, None, None, "")

    @pytest.mark.parametrize(("id_", "code"), [(LINES, "400"), (SSE, None)])
    def test_a_model_error_says_what_the_container_said(self, id_: str, code: str | None) -> None:
        reading = reader(dialect(id_))
        with pytest.raises(ModelError) as caught:
            list(reading.feed(encode(dialect(id_), (), stop=0, error="out of é").data))
        assert (caught.value.message, caught.value.code) == ("out of é", code)

    @pytest.mark.parametrize("error", [RecordError, UnfinishedError])
    def test_a_body_error_says_where_and_why(self, error: type[BodyError]) -> None:
        assert str(error("it is odd", 7)) == "body at byte 7: it is odd"

    @pytest.mark.parametrize("id_", [SSE, LINES])
    def test_a_record_nested_beyond_all_measure_is_an_error_too(self, id_: str) -> None:
        body = b"data: " * (id_ == SSE) + b"[" * 200_000 + b"\n\n"
        assert outcome(id_, [body], len(body))[1] == RecordError


class TestLimit:
    @pytest.mark.parametrize(
        ("id_", "body"),
        [
            (LINES, LINE + b'{"outputs": ["%s"]}\n' % (b"x" * 100)),
            (SSE, FIRST + FIRST.replace(b"a", b"x" * 100)),
            (SSE, FIRST + b"data: \n" * 100 + FIRST),
            (SSE, FIRST + b":" * 100),
            (JSON, f'{DOCUMENT}a", "details": {{"x": "{"x" * 100}"}}}}'.encode()),
        ],
        ids=["line", "event", "event of many lines", "comment", "document's end"],
    )
    def test_what_must_be_held_longer_than_the_limit_is_refused(self, id_: str, body: bytes) -> None:
        for slices in ([body], *slicings(body)):
            assert outcome(id_, slices, 64)[:2] == ("a", RecordError)

    @pytest.mark.parametrize(
        ("id_", "record", "longest"),
        [
            (LINES, LINE, 18),
            (SSE, FIRST, 25),
            (SSE, triton("data: {", 'data:"text_output":', 'data: "a"}', ""), 24),
        ],
        ids=["line", "event", "event of three lines"],
    )
    def test_records_as_long_as_the_limit_are_read_and_longer_ones_refused(
        self, id_: str, record: bytes, longest: int
    ) -> None:
        for slices in ([record * 9], *slicings(record * 9)):
            assert outcome(id_, slices, longest)[:2] == ("a" * 9, None)
            assert outcome(id_, slices, longest - 1)[1] == RecordError

    def test_is_the_payload_of_the_largest_message_unless_another_is_given(self) -> None:
        assert Limits().payload == MAX_RECORD

    def test_plain_text_has_no_records_to_limit(self) -> None:
        assert outcome("text", [b"a" * 9], 1)[:2] == ("a" * 9, None)

    def test_what_follows_the_text_of_a_document_may_be_as_long_as_the_limit(self) -> None:
        rest = ', "details": null}'
        body = f'{DOCUMENT}a"{rest}'.encode()
        for slices in ([body], *slicings(body)):
            assert outcome(JSON, slices, len(rest))[:2] == ("a", None)
            assert outcome(JSON, slices, len(rest) - 1)[:2] == ("a", RecordError)

    @pytest.mark.parametrize(("before", "text", "error"), [(1004, "a", None), (1005, "", RecordError)])
    def test_what_stands_before_the_text_of_a_document_may_be_as_long_as_the_limit(
        self, before: int, text: str, error: type[SliceproofError] | None
    ) -> None:
        body = f'{" " * before}{DOCUMENT}a"}}'.encode()
        for slices in ([body], cut(body, range(1, len(body))), cut(body, [before]), cut(body, [before + 9])):
            assert outcome(JSON, slices)[:2] == (text, error)

    def test_a_document_may_begin_with_64_characters_whatever_the_limit_is(self) -> None:
        body = f'{" " * 44}{DOCUMENT}a"}}'.encode()
        for slices in ([body], *slicings(body)):
            assert outcome(JSON, slices, 1)[:2] == ("a", None)
            assert outcome(JSON, [b" ", *slices], 1)[:2] == ("", RecordError)

    @pytest.mark.parametrize("id_", [LINES, SSE, JSON])
    def test_there_is_none_if_none_is_wanted(self, id_: str) -> None:
        body = encode(dialect(id_), ("a" * 100,)).data
        reading = reader(dialect(id_), None)
        assert "".join([*reading.feed(body), *reading.close()]) == "a" * 100

    @pytest.mark.parametrize("id_", DIALECTS)
    def test_what_was_read_is_not_held(self, id_: str) -> None:
        slices = cut(encode(dialect(id_), ("x" * 100,) * 2000, stop=2000).data, range(4096, 200_000, 4096))
        reading = reader(dialect(id_))
        tracemalloc.start()
        try:
            told = sum(len(text) for slice_ in slices[:-1] for text in reading.feed(slice_))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert told > 60_000
        assert peak < 60_000


class TestAbandonedIterators:
    """Half of the body's text is fed, and what feed returned is not used up."""

    TOKENS = ("a", "b", "c", "d")

    @pytest.mark.parametrize("id_", DIALECTS)
    @pytest.mark.parametrize("then", ["feed", "close"])
    @pytest.mark.parametrize(("taken", "kept"), [(0, False), (0, True), (1, False), (1, True)])
    def test_lose_nothing(self, id_: str, then: str, taken: int, kept: bool) -> None:
        body = encode(dialect(id_), self.TOKENS)
        second = [record for record in body.records if record.kind == "delta"][1]
        half = second.stop if then == "feed" else len(body.data)
        reading = reader(dialect(id_))
        abandoned = reading.feed(body.data[:half])
        lines = [next(abandoned) for _ in range(taken)]
        if not kept:
            del abandoned
            gc.collect()
        rest = reading.feed(body.data[half:]) if then == "feed" else ()
        lines += chain(rest, reading.close())
        assert "".join(lines) == "abcd"

    @pytest.mark.parametrize("id_", DIALECTS)
    def test_lose_nothing_however_many_there_are(self, id_: str) -> None:
        reading, body = reader(dialect(id_)), encode(dialect(id_), self.TOKENS).data
        for byte in cut(body, range(1, len(body))):
            reading.feed(byte)
        assert "".join([*reading.feed(b""), *reading.close()]) == "abcd"

    def test_are_not_dropped_with_a_comment_before_them(self) -> None:
        reading = reader(dialect(SSE))
        reading.feed(b":\n\n" + FIRST)
        assert list(reading.close()) == ["a"]
