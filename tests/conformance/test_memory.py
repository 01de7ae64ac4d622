"""What failed is kept at once, replayed first, made smaller by whoever comes next, and forgotten only when tried."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis.database import ExampleDatabase, InMemoryExampleDatabase

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.engine.evaluation import Judging
from sliceproof.conformance.engine.memory import Memory
from sliceproof.conformance.engine.plan import PROFILES, Plan, Task
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.engine.search import Budget, letters_of, search
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.stream import Stream

U1, MIX, TGI = REQUIREMENTS["U1"], replace(REQUIREMENTS["MIX"], more=None), DIALECTS["tgi-sse"]
SMALLEST = Stream("tgi-sse", ("é",), part_cuts=(43,))


def alone() -> Decoder:
    """The decoder that decodes parts alone, under a name that a sound one can have too."""
    return replace(BROKEN["decodes_parts_alone"].decoder(), name="own")


def sound() -> Decoder:
    return replace(DECODERS["reference"].load(), name="own", version=alone().version)


def judging(decoder: Decoder, database: ExampleDatabase | None, examples: int = 40) -> Judging:
    return Judging(decoder, Plan([U1, MIX], PROFILES["ci"], examples=examples, database=database))


def stream(result: Result) -> Stream | None:
    return result.finding.stream if result.finding else None


class Killed(BaseException):
    """What ends a process in the middle, as far as one process can show it."""


class KilledAtTheFirst(InMemoryExampleDatabase):
    """A database that is left as it is after the first save of a word."""

    def save(self, key: bytes, value: bytes) -> None:
        super().save(key, value)
        raise Killed


class TestMemory:
    @pytest.fixture
    def memory(self) -> Memory:
        return Memory(InMemoryExampleDatabase(), alone(), U1, TGI)

    def test_gives_the_streams_back_the_shortest_first(self, memory: Memory) -> None:
        longer = Stream("tgi-sse", ("é", "x"), part_cuts=(43,))
        for one in (longer, SMALLEST):
            memory.keep(one)
        assert memory.streams() == [SMALLEST, longer]
        memory.forget(SMALLEST)
        assert memory.streams() == [longer]

    @pytest.mark.parametrize("value", [b"\xff", b"Stream(", b"7", b"Stream('tgi-sse', ['x'], shape=7)", b"", b"\0"])
    def test_leaves_what_it_cannot_read_to_whoever_wrote_it(self, memory: Memory, value: bytes) -> None:
        memory.database.save(memory.key, value)
        assert memory.streams() == []
        assert list(memory.database.fetch(memory.key)) == [value]

    def test_takes_no_stream_of_another_dialect(self, memory: Memory) -> None:
        memory.keep(Stream("text", ("x",)))
        assert memory.streams() == []

    def test_has_a_key_for_each_decoder_version_dialect_and_requirement(self, memory: Memory) -> None:
        others = [
            replace(memory, decoder=replace(memory.decoder, name="other")),
            replace(memory, decoder=replace(memory.decoder, version=lambda: "2")),
            replace(memory, decoder=replace(memory.decoder, accepts="parts")),
            replace(memory, decoder=replace(memory.decoder, yields="lines")),
            replace(memory, dialect=DIALECTS["text"]),
            replace(memory, requirement=MIX),
        ]
        assert len({one.key for one in [memory, *others]}) == 7
        assert len({one.words(()) for one in [memory, *others]}) == 7

    def test_has_another_key_for_the_words_of_another_alphabet(self, memory: Memory) -> None:
        table = letters_of(U1, TGI)
        keys = {memory.words(one) for one in (table, table[::-1], table[:-1], (*table, Letter("new")))}
        assert len(keys) == 4
        assert memory.key not in keys

    def test_has_the_same_keys_in_every_process(self, memory: Memory) -> None:
        """Python's hashes differ from process to process; nothing of a key may hang on one."""
        code = (
            "import sys, json; from hypothesis.database import InMemoryExampleDatabase as D;"
            "from sliceproof.conformance.decoders import DECODERS;"
            "from sliceproof.conformance.engine.memory import Memory;"
            "from sliceproof.conformance.requirements import REQUIREMENTS as R;"
            "from sliceproof.conformance.engine.search import letters_of;"
            "from sliceproof.wire.dialects import DIALECTS;"
            "d = DECODERS['reference'].load();"
            "print(json.dumps([Memory(D(), d, r, k).words(letters_of(r, k)).decode()"
            " for r in R.values() for k in DIALECTS.values()]))"
        )
        lines = [
            subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True,
                check=True,
                text=True,
            ).stdout
            for seed in ("1", "2")
        ]
        assert lines[0] == lines[1]
        assert len(set(json.loads(lines[0]))) == len(REQUIREMENTS) * len(DIALECTS)


class TestJudging:
    @pytest.fixture
    def database(self) -> ExampleDatabase:
        return InMemoryExampleDatabase()

    @pytest.mark.parametrize("asked", [U1, MIX], ids=["swept", "searched"])
    def test_replays_first_what_failed_before(self, database: ExampleDatabase, asked: Requirement) -> None:
        first = judging(alone(), database).judged(Task(asked, TGI))
        again = judging(alone(), database).judged(Task(asked, TGI))
        assert (first.replayed, again.replayed) == (False, True)
        assert (again.verdict, again.streams, again.examples_to_failure) == ("fail", 1, 1)
        assert stream(again) == stream(first)

    def test_says_the_same_as_without_a_database_when_that_is_empty(self, database: ExampleDatabase) -> None:
        for requirement in (U1, MIX):
            kept, bare = (judging(alone(), one).judged(Task(requirement, TGI)) for one in (database, None))
            assert stream(kept) == stream(bare)
            assert (kept.streams, kept.examples_to_failure) == (bare.streams, bare.examples_to_failure)

    def test_keeps_one_stream_the_smallest(self, database: ExampleDatabase) -> None:
        judging(alone(), database).judged(Task(U1, TGI))
        assert Memory(database, alone(), U1, TGI).streams() == [SMALLEST]

    def test_makes_smaller_what_was_kept_large(self, database: ExampleDatabase) -> None:
        memory = Memory(database, alone(), U1, TGI)
        memory.keep(Stream("tgi-sse", ("é",), part_cuts=(20, 43, 60)))
        result = judging(alone(), database).recall(Task(U1, TGI))
        assert result.replayed
        assert result.verdict == "fail"
        assert memory.streams() == [stream(result)]
        assert len(memory.streams()[0].part_cuts or ()) < 3

    def test_forgets_what_no_longer_fails(self, database: ExampleDatabase) -> None:
        for requirement in (U1, MIX):
            judging(alone(), database).judged(Task(requirement, TGI))
            assert judging(sound(), database).recall(Task(requirement, TGI)).verdict == "pass"
            memory = Memory(database, sound(), requirement, TGI)
            assert memory.streams() == []
            assert not memory.has_words(letters_of(requirement, TGI))

    def test_a_replay_draws_nothing(self, database: ExampleDatabase) -> None:
        result = judging(alone(), database).recall(Task(MIX, TGI))
        assert (result.verdict, result.streams) == ("pass", 0)

    def test_a_search_that_was_killed_at_its_first_failure_has_lost_nothing(self) -> None:
        """Neither swept nor made smaller: another one shrinks the word that Hypothesis kept."""
        database = KilledAtTheFirst()
        with pytest.raises(Killed):
            judging(alone(), database).judged(Task(MIX, TGI))
        kept = InMemoryExampleDatabase()
        kept.data = database.data
        assert Memory(kept, alone(), MIX, TGI).streams() == []
        result = judging(alone(), kept).recall(Task(MIX, TGI))
        assert result.replayed
        assert stream(result) == SMALLEST
        assert judging(alone(), kept).recall(Task(MIX, TGI)).streams == 1

    def test_a_harness_that_fails_in_a_replay_forgets_nothing(self, database: ExampleDatabase) -> None:
        judging(alone(), database).judged(Task(U1, TGI))

        def fails(decoder: Decoder, mode: str, stream: Stream) -> Iterator[object]:
            raise OSError("no child")

        asked = replace(U1, trial=fails)  # type: ignore[arg-type]
        assert judging(alone(), database).recall(Task(asked, TGI)).verdict == "error"
        assert Memory(database, alone(), U1, TGI).streams() == [SMALLEST]


class TestSearch:
    def test_out_of_time_forgets_nothing_untried(self) -> None:
        database = KilledAtTheFirst()
        memory = Memory(database, alone(), MIX, TGI)
        with pytest.raises(Killed):
            search(MIX, alone(), TGI, Budget(300), memory)
        before = {key: set(values) for key, values in database.data.items()}
        found = search(MIX, alone(), TGI, Budget(300, deadline=-1.0), memory, draws=False)
        assert found.broken is None
        assert database.data == before

    def test_whose_time_for_shrinking_is_over_tells_what_it_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sliceproof.conformance.engine.search.SHRINK_SECONDS", 0.0)
        found = search(MIX, alone(), TGI, Budget(300))
        assert found.broken is not None
