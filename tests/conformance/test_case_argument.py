"""Streams as text: what a finding shows is read back without running it, and nothing else is."""

import ast
import subprocess
import sys
from dataclasses import MISSING, fields
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sliceproof.conformance.engine.case_argument import _value, cases, parse
from sliceproof.conformance.engine.vectors import vector, vectors, written
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.faults import malformed_messages
from sliceproof.corpus import Case, CaseError, save, shipped
from sliceproof.strategies.streams import streams
from sliceproof.wire.dialects import DIALECTS, Delta, Style
from sliceproof.wire.dialects.delta import KINDS
from sliceproof.wire.dialects.style import JSON_WAYS
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.stream import Stream

WRITTEN = [
    Stream("text", ("a",)),
    Stream("text", (), part_cuts=()),
    Stream("tgi-sse", ("x" * 9000, "\u2028", "\ufeff", "'\"\\", "\x00")),
    Stream("tgi-sse", ("x",) * 16000, chunk_cuts=()),
    Stream("tgi-sse", ("é",), part_cuts=(43,)),
    Stream("tgi-sse", ("é",), part_cuts=(0, 1, 2, 3, 4)),
    Stream("tgi-sse", ("é",), part_cuts=(7, 14, 21, 28)),
    Stream("tgi-sse", ("é",), part_cuts=(5, 5, 5, 5, 5, 5, 5, 5, 5)),
    Stream("openai-sse", ("x",), Style(asides=((0, "usage"), (1, "comment")), newline="\r\n")),
    Stream("tgi-sse", ("x",), headers="extra-first", unknown=(0, 1)),
    *(Stream("tgi-sse", ("x", "y"), fault=Fault(kind, 1)) for kind in ("exception", "silence", "truncated")),
    Stream("tgi-sse", ("x",), fault=Fault("exception", 1, "InternalStreamFailure", "it's gone", None)),
    Stream("openai-sse", (Delta("hm", "reasoning"), "x", Delta("{", "tool-call", 1, 2, "a", "f", joined=True))),
    Stream("openai-sse", (Delta("x"),)),
]


class TestReadingBack:
    @pytest.mark.parametrize("stream", WRITTEN, ids=str)
    def test_gives_the_stream_that_was_written(self, stream: Stream) -> None:
        assert parse(repr(stream)) == stream

    @settings(max_examples=150, deadline=None)
    @given(stream=st.sampled_from([*DIALECTS]).flatmap(streams))
    def test_gives_every_drawn_stream(self, stream: Stream) -> None:
        assert parse(repr(stream)) == stream

    @pytest.mark.parametrize("id_", ["E1", "T1", "T2", "F2", "F3", "F5", "L3", "K1"])
    def test_gives_every_swept_stream(self, id_: str) -> None:
        for stream in list(REQUIREMENTS[id_].sweep(DIALECTS["tgi-sse"]))[:100]:
            assert parse(repr(stream)) == stream

    def test_takes_space_and_line_feeds_around(self) -> None:
        assert parse(" Stream('text',\n  ['a'],\n) \n") == Stream("text", ("a",))


REFUSED = [
    ("Stream('text', [open('x')])", "\"open('x')\" is not understood"),
    ("Stream('text', __import__('os').listdir())", "is not understood"),
    ("Stream('text', ['a'].copy())", "is not understood"),
    ("Stream('text', tokens)", "'tokens' is not understood"),
    ("Stream(*['text', ['a']])", "is not understood"),
    ("Stream('text', ['a'], **{'style': 1})", "** is not understood"),
    ("Stream('text', [f'{1}'])", "is not understood"),
    ("Stream('text', [x for x in 'ab'])", "is not understood"),
    ("Stream('text', ['a'] + ['b'])", "is not understood"),
    ("Stream('text', ['a'], part_cuts=[2 ** 9])", "is not understood"),
    ("(lambda: 1)()", "is not understood"),
    ("Stream", "is not understood"),
    ("Fault('exception', 1)", "it is no Stream(...) call"),
    ("'text'", "it is no Stream(...) call"),
    ("", "the stream cannot be read"),
    ("Stream('text', ['a']", "the stream cannot be read"),
    ("Stream('text', ['a']); 1", "the stream cannot be read"),
    ("Stream('text', ['a'])\0", "cannot be"),
    ("Stream('text', ['a'] * -1)", "only text and lists can be repeated"),
    ("Stream('text', ['a' * 2.5])", "only text and lists can be repeated"),
    ("Stream('text', ['a' * 99999999999])", "a repetition may come to"),
    ("Stream()", "missing"),
    ("Stream('text', 5)", "the stream cannot be made"),
    ("Stream('text', ['a'], colour=1)", "colour"),
    ("Stream('txt', ['a'])", "unknown dialect 'txt'"),
    ("Stream('text', ['a'], part_cuts=[9])", "cuts must ascend"),
    ("Stream('text', ['a'], part_cuts=['x'])", "the stream cannot be made"),
    ("Stream('text', ['\\ud800'])", "the stream cannot be made"),
    ("Stream('text', ['a'], fault=Fault('boredom', 1))", "unknown fault 'boredom'"),
    ("Stream('text', ['a'], fault=Fault('corrupt', 999))", "the stream cannot be made"),
    ("Stream('text', ['a'], headers='odd')", "the stream cannot be made"),
    ("Stream('text', [1])", "the stream cannot be made"),
    ("Stream(7, ['a'])", "the stream cannot be made"),
    ("Stream('tgi-sse', ['a'], 3)", "the stream cannot be made"),
    ("Stream('text', ['a'], fault=3)", "the stream cannot be made"),
    ("Stream('tgi-sse', ['a'], Style(asides=[[0, 'odd']]))", "the stream cannot be made"),
    ("Stream('tgi-sse', ['a'], Style(form='odd'))", "the stream cannot be made"),
    ("Stream('text', " + "[" * 5000 + "]" * 5000 + ")", "cannot be"),
    ("Stream('text', ['a'], part_cuts=[" + "-" * 50_000 + "1])", "cannot be"),
    ("Stream('text', " + "'a' * 1 " * 5000 + ")", "cannot be"),
]


@pytest.mark.parametrize(("text", "told"), REFUSED, ids=lambda value: value[:60])
def test_anything_else_is_refused_with_one_clear_line(text: str, told: str) -> None:
    with pytest.raises(CaseError) as refused:
        parse(text)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


HUGE = [
    "Stream('text', ['a'], part_cuts=range(0, 1099511627776))",
    "Stream('text', ['a'], part_cuts=range(0, 99999999999999999999999))",
    "Stream('text', ['x' * 33554432] * 33554432)",
    "Stream('text', [['x' * 33554432] * 1000] * 33554432)",
]

IN_LITTLE_MEMORY = """
import resource, sys
from sliceproof.conformance.engine.case_argument import CaseError, parse
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
try:
    parse(sys.argv[1])
except CaseError as error:
    print("refused:", error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
@pytest.mark.parametrize("text", HUGE)
def test_what_would_fill_the_memory_is_refused_before_it_does(text: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IN_LITTLE_MEMORY, text], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stdout.startswith("refused:"), ran.stderr[-300:]


class TestCases:
    def test_are_one_call(self) -> None:
        assert cases("Stream('text', ['a'])") == [Case("", "", Stream("text", ("a",)))]

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("", "is neither a case nor a report of sliceproof: JSONDecodeError"),
            ("[]", "is neither a case nor a report of sliceproof"),
            ('{"results": 3}', "is neither a case nor a report of sliceproof"),
            ('{"results": [{"requirement": "U1"}]}', "is neither a case nor a report of sliceproof: KeyError"),
            ('{"results": []}', "holds no finding, so there is nothing to replay"),
            ('{"results": [{"requirement": "U1", "finding": {"stream": "Stream(x)"}}]}', "'x' is not understood"),
            (
                '{"results": [{"requirement": "U1", "finding": {"stream": 7}}]}',
                "is neither a case nor a report of sliceproof",
            ),
        ],
    )
    def test_are_findings_of_a_report_or_a_clear_error(self, tmp_path: Path, content: str, told: str) -> None:
        file = tmp_path / "report.json"
        file.write_text(content)
        with pytest.raises(CaseError) as refused:
            cases(str(file))
        assert told in str(refused.value)

    def test_of_no_file_say_what_to_give(self) -> None:
        with pytest.raises(
            CaseError, match=r"there is no file 'nowhere.json'; give a report .* or a Stream\(...\) call"
        ):
            cases("nowhere.json")

    def test_are_a_case_file_or_a_folder_of_them(self, tmp_path: Path) -> None:
        one, other = (Case("U1", "cut", Stream("text", (text,))) for text in "xy")
        path = save(one, tmp_path)
        assert cases(str(path)) == cases(str(tmp_path)) == [one]
        save(other, tmp_path)
        assert cases(str(tmp_path)) == sorted([one, other], key=lambda case: case.id)

    def test_are_a_shipped_one_by_its_id_or_the_beginning_of_it(self) -> None:
        case = shipped()[0]
        assert cases(case.id) == cases(case.id[:8]) == cases(case.name) == [case]

    @pytest.mark.parametrize("envelope", ["", "http"])
    @pytest.mark.parametrize("dialect", ["tgi-sse", "bedrock-converse"])
    def test_are_the_vector_of_an_id(self, dialect: str, envelope: str) -> None:
        """Of each vector, whether it is shipped as a case too or not; -http says only how it is carried."""
        found = [each for each in vectors("2026.1", (dialect,), envelope) if each["requirement"] in ("U1", "E1")]
        for each in found:
            (case,) = cases(each["id"])
            assert vector(REQUIREMENTS[case.requirement], case.stream, envelope) == each
        assert len(found) > 2 or envelope

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ("0000000", "no shipped case is called '0000000', and no vector; `sliceproof list cases` shows all cases"),
            ("U1-000000000000", "no shipped case is called 'U1-000000000000', and no vector"),
            ("vectors.json", "vectors.json is a file of 2 vectors; give the id of one, such as U1-"),
            ("empty", "there is no case in empty"),
            ("bad.json", "bad.json: format: it is missing"),
            ("linked.json", "linked.json is a symbolic link"),
        ],
    )
    def test_are_refused_in_one_line_that_names_what_was_given(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, told: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "empty").mkdir()
        (tmp_path / "bad.json").write_text('{"id": "000000000000"}')
        (tmp_path / "linked.json").symlink_to("bad.json")
        two = list(islice(vectors("2026.1", ("text",)), 40))
        found = [each for each in two if each["requirement"] == "U1"] + two
        (tmp_path / "vectors.json").write_text(written("2026.1", found[:2], 10_000).text)
        with pytest.raises(CaseError) as refused:
            cases(given)
        assert told in str(refused.value)

    def test_of_an_id_that_begins_several_name_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        alike = [Case("U1", "cut", Stream("text", ("x" * count,))) for count in range(1, 40)]
        monkeypatch.setattr("sliceproof.conformance.engine.case_argument.shipped", lambda: [*alike, *alike])
        with pytest.raises(CaseError, match=f"'{alike[0].id}' is the beginning of 2 ids: {alike[0].name}"):
            cases(alike[0].id)


TEXTS = st.text(max_size=6) | st.integers(1, 40).map("x".__mul__)
NUMBERS = st.integers(0, 60)
CUTS = st.none() | st.lists(NUMBERS, max_size=12).map(sorted) | st.integers(0, 12).map(lambda count: [7] * count)
ASIDES = st.lists(st.tuples(NUMBERS, st.sampled_from(["comment", "role"])), max_size=3) | st.integers(0, 20).map(
    lambda count: [(0, "comment")] * count
)
STYLES = st.builds(
    Style,
    space=st.booleans(),
    ascii=st.none() | st.booleans(),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    tail=st.sampled_from(["full", "line", "bare"]),
    form=st.sampled_from(["", "chat"]),
    done=st.booleans(),
    special=st.booleans(),
    asides=ASIDES,
    nan=st.booleans(),
    reason=st.sampled_from(["", "length", "eos_token"]),
    multiline=st.booleans(),
    data_lines=st.sampled_from([2, 3]),
    fields=st.booleans(),
    bom=st.booleans(),
    json=st.sampled_from(JSON_WAYS),
)
FAULTY = st.sampled_from(list(FaultKind)).flatmap(
    lambda kind: st.builds(
        Fault,
        st.just(kind),
        NUMBERS,
        name=TEXTS,
        message=TEXTS,
        code=st.none() | TEXTS,
        hex=st.sampled_from([fault.hex for fault in malformed_messages()]),
        held=NUMBERS if kind in ("exception", "malformed", "oversized", "silence") else st.just(0),
        json=st.booleans(),
    )
)
DELTAS = st.builds(
    Delta,
    TEXTS,
    st.sampled_from(KINDS),
    st.integers(0, 2),
    st.integers(0, 2),
    id=TEXTS,
    name=TEXTS,
    joined=st.booleans(),
)
CALLS = st.builds(
    Stream,
    st.just("tgi-sse"),
    st.lists(TEXTS, max_size=12)
    | st.integers(0, 20).map(lambda count: ["ab"] * count)
    | st.lists(TEXTS | DELTAS, max_size=8),
    style=STYLES,
    part_cuts=CUTS,
    chunk_cuts=CUTS,
    headers=st.sampled_from(["plain", "reversed", "plain+057472616365070000"]),
    unknown=st.lists(NUMBERS, max_size=3),
    fault=st.none() | FAULTY,
    recorded=st.none() | st.just(Stream("tgi-sse", ["x"]).wire),
)


class TestWhatIsPrinted:
    @given(CALLS)
    def test_is_understood_whatever_is_in_it(self, stream: Stream) -> None:
        """Also of streams that cannot be made: what is read is the same value."""
        assert _value(ast.parse(repr(stream), mode="eval").body) == stream

    def test_is_understood_of_repeated_pairs(self) -> None:
        stream = Stream("tgi-sse", ("x",), Style(asides=((0, "comment"),) * 9))
        assert "asides=[[0, 'comment']] * 9" in repr(stream)
        assert parse(repr(stream)) == stream

    @pytest.mark.parametrize("kind", [Style, Fault, Stream])
    def test_is_drawn_of_every_field(self, kind: type) -> None:
        """A field that is added has to be drawn here too."""
        drawn = {Style: STYLES, Fault: FAULTY, Stream: CALLS}[kind]
        usual = {field.name: None if field.default is MISSING else field.default for field in fields(kind)}
        seen: set[str] = set()

        @settings(max_examples=200, database=None, derandomize=True, phases=[Phase.generate])
        @given(drawn)
        def drawing(made: object) -> None:
            seen.update(name for name, value in usual.items() if getattr(made, name) != value)

        drawing()
        assert seen == set(usual)


@pytest.mark.parametrize(
    "call",
    ["Stream('tgi-sse', ['x'] * 3000000)", "Stream('text', ['x' * 5000000])", "Stream('text', range(300000))"],
)
def test_a_stream_that_would_take_minutes_to_make_is_refused(call: str) -> None:
    with pytest.raises(CaseError, match="at most"):
        parse(call)


@pytest.mark.parametrize("call", ["Stream('text', ['x' * 2097152])", "Stream('text', ['x'] * 8000)"])
def test_the_largest_streams_of_the_suite_are_read(call: str) -> None:
    assert parse(call).text


def test_a_stream_of_our_own_may_be_as_large_as_it_is() -> None:
    """Q1 doubles its streams until what they cost is clear; such a one comes back from the process that judged."""
    assert len(parse("Stream('text', ['x' * 5000000])", bounded=False).text) == 5_000_000
