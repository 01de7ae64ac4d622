"""Answers of several channels, one hazard at a time: reasoning, tool calls, several choices, all of them in one record.

What a server never writes is not here: tool calls come one after the other, but for those of `turns`, and only
choices are told in turns.
Reasoning may come again behind content, as behind a preamble of gpt-oss (vLLM 0.32.0 vllm/parser/harmony.py), and
content behind a call. Arguments are whole JSON, wherever the deltas cut it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from sliceproof.wire.dialects import Delta, Dialect, Style, UnknownDialectError
from sliceproof.wire.dialects.delta import REASONING, TOOL_CALL
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

Answer = Sequence[str | Delta]
UNCUT = 120  # as many streams of a sweep come before those that are cut, at most
CUT = 3  # one of so many answers is cut too
SMALL = 1200  # bytes of a body that is cut at each third byte


def forms(dialect: Dialect) -> tuple[str, ...]:
    """The forms in which a server writes channels, each in its own way."""
    return tuple([form for form in dialect.answers if form not in dialect.generic | dialect.requested])


def answered(dialect: Dialect, answers: Iterable[Answer], others: Iterable[Answer] = ()) -> Iterator[Stream]:
    """Each answer in each form that a server writes it in, a record a part; *others* in these forms by turns.

    Then some of the answers are cut and joined.
    """
    chosen = []
    for number, answer in enumerate(answers):
        streams = list(written(dialect, answer))
        yield from streams
        if streams and number % CUT == 0:
            chosen.append(streams[number // CUT % len(streams)])
    for number, answer in enumerate(others):
        if streams := list(written(dialect, answer)):
            yield streams[number % len(streams)]
    for stream in chosen:
        yield from cut(stream)


def written(dialect: Dialect, answer: Answer) -> Iterator[Stream]:
    """The answer in each form that a server writes it in, a record a part."""
    for form in forms(dialect):
        stream = Stream(dialect.id, tuple(answer), Style(form=form))  # type: ignore[arg-type]
        with suppress(UnknownDialectError):  # of a channel that its server has not
            if not _parted(stream):
                yield stream


def requested(dialect: Dialect, answers: Iterable[Answer]) -> Iterator[Stream]:
    """Each answer with what a request adds to it, in each form that does."""
    for answer in answers:
        for form in sorted(dialect.requested):
            with suppress(UnknownDialectError):
                stream = Stream(dialect.id, tuple(answer), Style(form=form))  # type: ignore[arg-type]
                if stream.records:
                    yield stream


def _parted(stream: Stream) -> bool:
    """Whether the server writes in records of their own what is joined here."""
    joined_ = sum(delta.joined for delta in stream.deltas)
    return joined_ > len(stream.deltas) - sum(bool(record.deltas) for record in stream.records)


def said_plainly(stream: Stream) -> Stream:
    """The control of what is about channels: an answer of content alone, in the same form."""
    return stream.but(tokens=(Delta("v"),), part_cuts=None, chunk_cuts=None)


def cut(stream: Stream) -> Iterator[Stream]:
    """The stream in one part, in one chunk, and with a part's end inside each of its texts and behind each record."""
    yield stream.but(part_cuts=())
    yield stream.but(chunk_cuts=())
    usual = stream.edges[1:-1]
    for record in stream.records:
        if record.deltas:
            inside = {record.start + 8, record.text_start, record.text_stop, record.text_stop + 1}
            inside |= {(record.text_start + record.text_stop) // 2, record.content_stop - 1}
            for at in sorted(inside):
                yield stream.but(part_cuts=tuple(sorted({*usual, at})))
    size = 3 if len(stream.body) <= SMALL else 61
    yield stream.but(part_cuts=every(size, len(stream.body)))
    yield stream.but(chunk_cuts=every(41, len(stream.wire)))


def thought(text: str, choice: int = 0) -> Delta:
    """A delta of reasoning."""
    return Delta(text, REASONING, choice)


def call(*fragments: str, index: int = 0, choice: int = 0, name: str = "", id_: str = "") -> list[Delta]:
    """A tool call whose first delta has its id and name alone, and the others its arguments."""
    first = Delta("", TOOL_CALL, choice, index, id_, name)
    return [first, *(Delta(fragment, TOOL_CALL, choice, index) for fragment in fragments)]


def whole_call(arguments: str, index: int = 0, choice: int = 0, name: str = "", id_: str = "") -> Delta:
    """A tool call in one delta."""
    return Delta(arguments, TOOL_CALL, choice, index, id_, name)


def joined(*deltas: str | Delta) -> list[str | Delta]:
    """The same deltas in one record."""
    first, *others = deltas
    rest = [Delta(each) if isinstance(each, str) else each for each in others]
    return [first, *(replace(each, joined=True) for each in rest)]


def reasoning() -> Iterator[Answer]:
    """Reasoning before content and behind it, alike with it, and with what is hard in text."""
    yield [thought("hm"), "x"]
    yield [thought("h"), thought("m"), "x", "y"]
    yield ["x", thought("hm")]
    yield [thought("h"), "x", thought("m"), "y"]
    yield [thought("think"), thought("think"), thought("thinkthink"), "x"]
    yield [thought("x"), "x"]
    yield [thought("你"), "é"]
    yield [thought(" "), thought("\n\n"), "x"]
    yield [thought("data: [DONE]"), "x"]
    yield [thought('"}'), "x"]
    yield [thought("a\r\nb"), "x"]
    yield [thought("e\u0301"), "x"]
    yield [thought("\u200b"), "x"]


ARGUMENTS = (
    '{"a": "b"}',
    "{}",
    '{"a": "say \\"hi\\""}',
    '{"a": "\\u00e9\\n\\\\"}',
    '{"a": {"b": [1, "}"]}}',
    '{"a": "你😀"}',
    '{"a": "data: [DONE]"}',
    '{"a": ""}',
    '{"a": "x,}"}',
    '{"a": "it\'s &amp; None"}',
    '{"a": "e\u0301"}',
    '{"a": "\\u0022", "b": "\\\\u0041"}',
    '{"a": "1", "b": "true", "c": "[]", "d": 1.5}',
    '{"p": "x", "bytes": "eA=="}',
)

FRAGMENTS = (
    ('{"a": ', '"b"', "}"),
    ('{"a": ', "null", "}"),
    ('{"a": ', "{}", "}"),
    ('{"a": "', " 1 ", '"}'),
    ('{"', '{": 1}'),
    ('{"a": "x}', 'y"}'),
)
"""Arguments in deltas of which one is JSON by itself, or begins as all before it."""


def arguments() -> Iterator[Answer]:
    """The arguments of one call, in one delta and in several, with content before and behind it."""
    for said in ARGUMENTS:
        yield call(said)
    for fragments in FRAGMENTS:
        yield call(*fragments)
    yield ["x", *call("{", "}")]
    yield ["x\n", *call("{}")]
    yield [*call('{"a": 1}'), " "]
    yield call(*ARGUMENTS[2])


def arguments_in_two() -> Iterator[Answer]:
    """The arguments of one call in two deltas, cut between any two characters."""
    for said in ARGUMENTS[:4]:
        for at in range(1, len(said)):
            yield call(said[:at], said[at:])


def called_whole() -> Iterator[Answer]:
    """The id, the name and all arguments of a call in one delta, also behind content."""
    for said in ARGUMENTS[:4]:
        yield [whole_call(said)]
    yield ["x", whole_call('{"a": 1}')]


def names() -> Iterator[Answer]:
    """Calls whose names, ids or both are alike or long, with and without arguments."""
    yield call("{}", name="f", id_="call_1")
    yield call(name="f", id_="call_1")
    yield call('{"a"', ": 1", "}", name="get_weather", id_="chatcmpl-tool-0123456789abcdef0123456789abcdef")
    yield [*call("{}", name="f", id_="a"), *call("{}", index=1, name="f", id_="b")]
    yield [*call('{"a": 1}', name="f", id_="a"), *call('{"a": 1}', index=1, name="g", id_="b")]
    yield call("{}", name="f.g-h_1", id_="functions.f:0")
    yield joined(whole_call("{}", name="f", id_="a"), whole_call("{}", index=1, name="f", id_="b"))


def names_of_choices() -> Iterator[Answer]:
    """Calls of two choices, told in turns, whose numbers or ids are alike."""
    first, second = call("{", "}", name="f", id_="a"), call("{", "}", choice=1, name="g", id_="b")
    yield [each for pair in zip(first, second, strict=True) for each in pair]
    yield [*call("{}", name="f", id_="a"), *call("{}", index=1, name="g", id_="b"), *second]
    yield [whole_call("{}", choice=choice, name="f", id_="functions.f:0") for choice in (0, 1)]
    yield [*eleven(), *second]


def eleven() -> list[Delta]:
    """As many calls as there are numbers of one digit, and one more."""
    return [whole_call(f'{{"n": {number}}}', number) for number in range(11)]


def parallel() -> Iterator[Answer]:
    """Two and three calls, one after the other, with arguments alike and not."""
    yield [*call('{"a": 1}'), *call('{"b": 2}', index=1)]
    yield [*call('{"a"', ": 1}"), *call('{"a"', ": 1}", index=1)]
    yield [*call("{}"), *call('{"b": 2}', index=1), *call("{", "}", index=2)]
    yield ["x", *call('{"a": 1}'), *call('{"b": 2}', index=1)]
    yield [whole_call('{"a": 1}'), whole_call('{"b": 2}', index=1)]
    yield [*call('{"a": 1}'), *call(index=1)]
    yield [*call(), *call('{"b": 2}', index=1)]
    yield eleven()
    yield ["x", *eleven(), whole_call('{"n": 11}', 11)]


def turns() -> Iterator[Answer]:
    """Two and three calls that begin one after the other and go on in turns, with arguments alike and not."""
    first, second = call('{"a"', ": 1}"), call('{"b"', ": 2}", index=1)
    yield [*call(), *call(index=1), *call('{"a": 1}')[1:], *call('{"b": 2}', index=1)[1:]]
    yield [each for pair in zip(first, second, strict=True) for each in pair]
    yield [each for pair in zip(first, call('{"a"', ": 1}", index=1), strict=True) for each in pair]
    yield [*first[:2], *second, *first[2:]]
    yield [*first[:2], *second[:2], *first[2:], *second[2:]]
    yield [*first[:2], whole_call("{}", index=1), *first[2:]]
    yield ["x", *first[:1], *second, *first[1:]]
    third = call('{"c"', ": 3}", index=2)
    yield [each for three in zip(first, second, third, strict=True) for each in three]
    yield [*first[:1], *second[:1], *third[:1], *third[1:], *second[1:], *first[1:]]


def in_order() -> Iterator[Answer]:
    """Reasoning, content and calls, one after the other."""
    yield [thought("hm"), "x"]
    yield ["x", *call("{}")]
    yield eleven()
    yield [thought("hm"), *call("{}")]
    yield [thought("hm"), "x", *call('{"a": 1}'), *call('{"b": 2}', index=1)]


def together() -> Iterator[Answer]:
    """Two channels in one record: at the end of reasoning, before a call, and two calls at once."""
    yield joined(thought("hm"), "x")
    yield joined(thought("hm"), "hm")
    yield [thought("h"), *joined(thought("m"), "x"), "y"]
    yield joined("x", *call())
    yield [*joined("x", *call()), *call('{"a": 1}')[1:]]
    yield joined("x", whole_call('{"a": 1}'))
    yield joined(thought("hm"), whole_call('{"a": 1}'))
    yield joined(whole_call('{"a": 1}'), whole_call('{"b": 2}', index=1))
    yield joined(*call('{"a": 1}'))
    yield joined("x", *call('{"a"', ": 1}"))
    yield [*joined(*call(), *call(index=1)), *joined(*call('{"a": 1}')[1:], *call('{"b": 2}', index=1)[1:])]


def beside() -> Iterator[Answer]:
    """Content with reasoning or calls before it, behind it, between its deltas and in its record; and without any."""
    yield ["x", *call('{"a": 1}'), "y"]
    yield ["x", *call('{"a"', ": 1}"), *call("{}", index=1)]
    yield ["x", whole_call('{"a": 1}')]
    yield [thought("hm"), "x"]
    yield ["x", thought("hm"), "y"]
    yield [thought("h"), thought("m"), "x", *call('{"a": 1}')]
    yield call('{"a": 1}')
    yield [thought("hm"), *call()]
    yield joined("x", whole_call('{"a": 1}'))
    yield joined("x", *call('{"a": 1}'))
    yield joined(thought("hm"), "x")


def choices() -> Iterator[Answer]:
    """Two and three choices, told in turns; alike, of other lengths, and with reasoning and calls."""
    yield ["x", Delta("y", choice=1)]
    yield [Delta("y", choice=1), "x"]
    yield ["x", Delta("x", choice=1), "x", Delta("x", choice=1)]
    yield ["x", Delta("u", choice=1), "y", Delta("v", choice=1), "z", Delta("w", choice=1)]
    yield ["x", Delta("u", choice=1), Delta("v", choice=1), Delta("w", choice=1)]
    yield ["x", Delta("u", choice=1), Delta("p", choice=2), "y", Delta("q", choice=2)]
    yield ["你", Delta("é", choice=1), "x", Delta("y", choice=1)]


def choices_of_all() -> Iterator[Answer]:
    """Choices with reasoning and with calls of their own, told in turns."""
    yield [thought("h"), thought("k", 1), "x", Delta("y", choice=1)]
    first, second = call('{"a": 1}'), call('{"b": 2}', choice=1)
    yield [each for pair in zip(first, second, strict=True) for each in pair]
    yield ["x", *second]
    yield [*first, *call('{"c": 3}', index=1), *second]


def all_together() -> Iterator[Answer]:
    """Answers with reasoning, content and calls: of one choice, and of several that are told in turns."""
    yield [thought("h"), "x", *call('{"a"', ": 1}"), *call("{}", index=1)]
    yield ["x", *call('{"a"', ": 1}"), *call("{}", index=1)]
    yield [*call('{"a"'), thought("k", 1), Delta(": 1}", TOOL_CALL), Delta("y", choice=1)]
    yield [thought("h"), thought("k", 1), "x", Delta("y", choice=1), whole_call("{}"), whole_call("{}", choice=1)]
    yield ["x", thought("k", 1), *call("{}"), *call('{"b": 2}', choice=1), *call('{"a": 1}', index=1)]
    yield [thought("h"), "x", *call('{"a": 1}'), *call("{}", index=1), Delta("y", choice=1)]
