"""Searching: what is found is as small as a person would make it, and the same each time it is looked for."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.engine.evaluation import Judging, run
from sliceproof.conformance.engine.plan import PROFILES, Plan, Task
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.engine.search import Budget, Found, polished, search, smallest
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.strategies.hazards import BENIGN
from sliceproof.strategies.letters import Letter, letters
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.stream import Stream

SMALLEST = [
    ("decodes_parts_alone", "Stream('tgi-sse', ['é'], part_cuts=[43])"),
    ("decodes_latin1", "Stream('tgi-sse', ['é'])"),
    ("strips_every_byte_order_mark", "Stream('tgi-sse', ['\\ufeff'])"),
    ("undoes_escapes_by_part", "Stream('djl-outputs', ['😀'], style=Style(ascii=True), part_cuts=[20])"),
    ("splits_where_unicode_does", "Stream('tgi-sse', ['x\\u2028y'])"),
    ("ends_lines_at_a_parts_end", "Stream('djl-jsonlines', ['x'], style=Style(newline='\\r\\n'), part_cuts=[76])"),
    ("drops_the_last_line", "Stream('djl-jsonlines', ['x'], style=Style(tail='bare'))"),
    ("reads_one_record_a_part", "Stream('tgi-sse', ['x', 'y'], part_cuts=[])"),
    ("wants_every_record_alike", "Stream('openai-sse', [], style=Style(asides=[[1, 'usage']]))"),
    ("strips_character_sets", "Stream('tgi-sse', ['d'])"),
    ("removes_every_prefix", "Stream('tgi-sse', ['data:'])"),
    ("wants_a_space", "Stream('tgi-sse', ['x'], style=Style(space=False))"),
    ("drops_blank_deltas", "Stream('tgi-sse', [' '])"),
    ("ends_at_any_done", "Stream('openai-sse', ['[DONE]'])"),
    ("chokes_on_comments", "Stream('tgi-sse', [], style=Style(asides=[[0, 'comment']]))"),
    ("drops_repeated_deltas", "Stream('tgi-sse', ['x', 'x'])"),
    ("undoes_escapes_twice", "Stream('tgi-sse', ['\\\\n'])"),
    ("reverses_a_chunk", "Stream('tgi-sse', ['x', 'y'], chunk_cuts=[])"),
    ("wants_headers_in_order", "Stream('tgi-sse', ['x'], headers='reversed')"),
    ("reads_every_event", "Stream('tgi-sse', ['x'], unknown=[1])"),
    ("swallows_exception_messages", "Stream('tgi-sse', [], fault=Fault('exception', 0))"),
    ("takes_any_end_for_success", "Stream('tgi-sse', ['x'], fault=Fault('silence', 1))"),
    ("withholds_text", "Stream('tgi-sse', ['x'], fault=Fault('exception', 1))"),
]


def searched(name: str, id_: str = "", seed: int = 0, examples: int = 300) -> Found:
    broken = BROKEN[name]
    requirement = REQUIREMENTS[id_ or broken.breaks[0]]
    return search(requirement, broken.decoder(), DIALECTS[broken.dialect], Budget(examples, seed))


class TestWhatIsFound:
    @pytest.mark.parametrize(("name", "stream"), SMALLEST, ids=[name for name, _ in SMALLEST])
    @pytest.mark.parametrize("seed", [0, 1])
    def test_is_the_smallest_stream_whatever_was_drawn_first(self, name: str, stream: str, seed: int) -> None:
        found = searched(name, seed=seed)
        assert found.broken is not None
        assert repr(found.broken.stream) == stream

    @pytest.mark.parametrize(
        "name", ["decodes_parts_alone", "reads_one_record_a_part", "wants_whole_messages", "drops_blank_deltas"]
    )
    def test_among_all_hazards_together_is_no_larger(self, name: str) -> None:
        found = searched(name, "MIX")
        assert found.broken is not None
        assert len(found.broken.stream.text) <= 2

    def test_is_nothing_in_a_sound_decoder(self) -> None:
        requirement, reference = REQUIREMENTS["U1"], DECODERS["reference"].load()
        found = search(requirement, reference, DIALECTS["tgi-sse"], Budget(25))
        assert found == Found(25)

    def test_says_how_many_streams_it_took(self) -> None:
        found = searched("decodes_parts_alone")
        assert 1 <= found.first <= found.examples <= 300

    @pytest.mark.parametrize("id_", ["U1", "MIX", "E1"])
    def test_is_the_same_for_the_same_seed(self, id_: str) -> None:
        decoder, known = BROKEN["decodes_parts_alone"].decoder(), DIALECTS["tgi-sse"]

        def streams(seed: int) -> list[Stream]:
            drawn: list[Stream] = []
            watched = replace(REQUIREMENTS[id_], judge=lambda stream, outcome, yields: drawn.append(stream))
            search(watched, decoder, known, Budget(60, seed))
            return drawn

        assert streams(3) == streams(3)
        assert len(set(streams(3))) > 1
        if id_ == "MIX":
            assert streams(3) != streams(4)


def judged(id_: str, **limits: float) -> Result:
    requirement = REQUIREMENTS[id_]
    plan = Plan([requirement], PROFILES["ci"], **limits)  # type: ignore[arg-type]
    return next(iter(run(DECODERS["reference"].load(), plan, ["tgi-sse"])))


class TestTheBudget:
    @pytest.mark.parametrize("examples", [1, 17])
    def test_of_examples_is_added_to_the_sweep(self, examples: int) -> None:
        swept = len(list(REQUIREMENTS["U2"].sweep(DIALECTS["tgi-sse"])))
        assert judged("U2", examples=examples).streams == swept + examples

    def test_of_examples_is_all_that_is_drawn_where_nothing_is_swept(self) -> None:
        searched = replace(REQUIREMENTS["MIX"], more=None)
        judging = Judging(DECODERS["reference"].load(), Plan([searched], PROFILES["ci"], examples=9))
        assert judging.judged(Task(searched, DIALECTS["tgi-sse"])).streams == 9

    def test_of_time_ends_the_sweep_and_the_search(self) -> None:
        result = judged("U2", seconds=1e-9)
        assert (result.verdict, result.streams) == ("pass", 1)

    def test_of_time_draws_no_further(self) -> None:
        calls = []
        watched = replace(REQUIREMENTS["MIX"], judge=lambda stream, outcome, yields: calls.append(stream))
        search(watched, DECODERS["reference"].load(), DIALECTS["text"], Budget(50, deadline=0.0))
        assert calls == []


X, Y, CUT, E_CUT = letters(["x", "y"]) + letters(["xx"], ("text", 1)) + letters(["é"], ("text", 1))
TABLE = (X, Y, CUT, E_CUT)


class TestPolishing:
    @pytest.mark.parametrize(
        ("word", "needs", "left"),
        [
            ([Y, E_CUT, Y], lambda word: E_CUT in word, [E_CUT]),
            ([Y, Y, Y], lambda word: len(word) >= 2, [X, X]),
            ([E_CUT], lambda word: any(letter.marks for letter in word), [CUT]),
            ([Y, CUT, Y, E_CUT], lambda word: word.count(Y) == 1, [Y]),
            ([E_CUT, E_CUT], lambda word: True, [X]),
            ([X], lambda word: True, [X]),
        ],
    )
    def test_leaves_what_is_needed_in_its_plainest_form(
        self, word: list[Letter], needs: object, left: list[Letter]
    ) -> None:
        assert polished(word, TABLE, needs) == left  # type: ignore[arg-type]

    def test_never_tries_an_empty_word(self) -> None:
        tried: list[Sequence[Letter]] = []
        polished([Y, Y], TABLE, lambda word: bool(tried.append(word)))
        assert tried
        assert all(tried)

    def test_leaves_no_simpler_neighbour(self) -> None:
        def breaks(word: Sequence[Letter]) -> bool:
            return sum(len(letter.token or "") for letter in word) >= 3

        word = polished([CUT, E_CUT, CUT, Y], TABLE, breaks)
        shorter = [word[:at] + word[at + 1 :] for at in range(len(word))]
        assert breaks(word)
        assert not any(map(breaks, shorter))


class TestTheSmallest:
    @pytest.mark.parametrize(
        ("name", "stream", "left"),
        [
            (
                "decodes_parts_alone",
                Stream("tgi-sse", ("é",), part_cuts=(10, 43, 80), chunk_cuts=(5, 150)),
                "Stream('tgi-sse', ['é'], part_cuts=[43])",
            ),
            ("strips_character_sets", Stream("tgi-sse", ("d", "x"), part_cuts=(3,)), "Stream('tgi-sse', ['d'])"),
            ("decodes_latin1", Stream("tgi-sse", ("x", "é", "y"), chunk_cuts=()), "Stream('tgi-sse', ['é'])"),
        ],
    )
    def test_has_no_cut_and_no_delta_that_it_does_not_need(self, name: str, stream: Stream, left: str) -> None:
        requirement, decoder = REQUIREMENTS[BROKEN[name].breaks[0]], BROKEN[name].decoder()
        broken = requirement.check(decoder, stream)
        assert broken is not None
        small = smallest(requirement, decoder, broken).stream
        assert requirement.check(decoder, small) is not None
        assert repr(small) == left

    def test_keeps_a_fault_where_it_is(self) -> None:
        requirement, decoder = REQUIREMENTS["E1"], BROKEN["swallows_exception_messages"].decoder()
        stream = next(iter(requirement.sweep(DIALECTS["tgi-sse"])))
        broken = requirement.check(decoder, stream)
        assert broken is not None
        assert smallest(requirement, decoder, broken).stream == stream


def test_benign_letters_come_first_so_that_shrinking_ends_in_plain_text() -> None:
    found = searched("reads_one_record_a_part")
    assert found.broken is not None
    assert set(found.broken.stream.tokens) <= {letter.token for letter in BENIGN}


def test_a_requirement_that_is_not_searched_is_judged_by_its_sweep_alone() -> None:
    requirement: Requirement = REQUIREMENTS["H1"]
    assert not requirement.searched
    assert judged("H1", examples=50).streams == len(list(requirement.sweep(DIALECTS["tgi-sse"])))
