"""Tasks are dealt evenly, each to one worker, the same by every process; what a share came to is told as such."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.engine.campaign.sharding import Worker, WorkerError, worker
from sliceproof.conformance.engine.plan import PROFILES, Plan, Task
from sliceproof.conformance.reporting.report import schema
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS

Sliceproof = Callable[..., tuple[int, str, str]]

REFERENCE = DECODERS["reference"].load()
PLAN = Plan(list(REQUIREMENTS.values()), PROFILES["ci"])
ALL = [task for task in PLAN.tasks(REFERENCE, DIALECTS, 3) if not task.reason]
QUICK = ("--dialect", "text", "--examples", "3", "--requirement", "U1", "--requirement", "D2", "--requirement", "C1")


class TestTasks:
    def test_are_each_requirement_in_each_dialect_with_each_seed(self) -> None:
        assert len(set(ALL)) == len(ALL)
        turns = Counter(task.pair for task in ALL)
        assert turns["tgi-sse", "U1"] == turns["text", "MIX"] == 3
        assert {task.turn for task in ALL} == {0, 1, 2}

    def test_are_of_the_first_seed_alone_where_nothing_is_drawn(self) -> None:
        assert {task.turn for task in ALL if not task.requirement.searched} == {0}

    def test_hold_nothing_that_does_not_apply(self) -> None:
        assert not [task for task in ALL if task.requirement.inapplicable(REFERENCE, task.dialect)]

    def test_ask_in_one_dialect_what_depends_on_none(self) -> None:
        dialects = {task.dialect.id for task in ALL if task.requirement.once}
        assert len(dialects) == 1


class TestShare:
    @pytest.mark.parametrize("of", [1, 2, 3, 7, 100])
    def test_is_one_worker_s_and_of_one_size_give_or_take_one(self, of: int) -> None:
        shares = [Worker(index, of).share(ALL) for index in range(of)]
        assert Counter(chain(*shares)) == Counter(ALL)
        assert max(map(len, shares)) - min(map(len, shares)) <= 1

    @pytest.mark.parametrize("of", [2, 3, 7])
    def test_has_as_much_of_what_takes_longest(self, of: int) -> None:
        longest = [sum(task.requirement.id == "MIX" for task in Worker(index, of).share(ALL)) for index in range(of)]
        assert max(longest) - min(longest) <= 1

    def test_begins_with_the_first_seed_and_ends_that_with_what_takes_longest(self) -> None:
        mine = Worker(0, 2).share(ALL)
        order = [(task.turn, task.requirement.id == "MIX") for task in mine]
        assert order == sorted(order)

    def test_goes_on_dealing_from_decoder_to_decoder(self) -> None:
        """So that no worker gets the odd task of each of many decoders."""
        few = ALL[:1]
        given = [[len(Worker(index, 3).share(few, dealt)) for index in range(3)] for dealt in range(3)]
        assert given == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]

    def test_of_one_is_everything(self) -> None:
        assert sorted(Worker().share(ALL), key=ALL.index) == ALL


class TestWorker:
    @pytest.mark.parametrize(
        ("given", "expected"), [("0/1", Worker()), ("0/2", Worker(0, 2)), ("11/12", Worker(11, 12))]
    )
    def test_is_read(self, given: str, expected: Worker) -> None:
        assert worker(given) == expected
        assert str(expected) == given

    @pytest.mark.parametrize(
        "given", ["2/2", "0/0", "1", "-1/2", "1/2/3", "a/b", "", "/2", "1/", "0/1000000000", "٠/٢"]
    )
    def test_that_cannot_be_says_how_one_is_written(self, given: str) -> None:
        with pytest.raises(WorkerError, match="of two, 0/2 and 1/2"):
            worker(given)


class TestCheck:
    def rows(self, text: str) -> dict[str, Any]:
        report = json.loads(text)
        jsonschema.validate(report, schema())
        return {row["requirement"]: row for row in report["results"]}

    def test_three_workers_together_judge_what_one_does(self, sliceproof: Sliceproof) -> None:
        command = ("check", "own.py:halves", "--accepts", "parts", *QUICK, "--json", "-")
        alone = self.rows(sliceproof(*command)[1])
        shares = [self.rows(sliceproof(*command, "--worker", f"{index}/3")[1]) for index in range(3)]
        assert sorted(chain(*shares)) == sorted(alone)
        for id_, row in chain(*(share.items() for share in shares)):
            assert row.pop("seeds") == [0]
            assert row == alone[id_]

    def test_a_worker_fails_by_what_it_judged(self, sliceproof: Sliceproof) -> None:
        command = ("check", "own.py:halves", "--accepts", "parts", *QUICK)
        codes = [sliceproof(*command, "--worker", f"{index}/3")[0] for index in range(3)]
        assert sorted(codes) == [0, 0, 1]

    def test_more_seeds_judge_more_streams_but_sweep_once(self, sliceproof: Sliceproof) -> None:
        command = ("check", "own.py:sound", *QUICK, "--json", "-")
        one, three = (self.rows(sliceproof(*command, "--seeds", seeds)[1]) for seeds in ("1", "3"))
        assert three["U1"]["streams"] == one["U1"]["streams"] + 2 * 3
        assert three["U1"]["seeds"] == [0, 1, 2]
        assert three["C1"]["streams"] == one["C1"]["streams"]
        assert three["C1"]["seeds"] == [0]

    def test_a_seed_given_is_the_first_of_them(self, sliceproof: Sliceproof) -> None:
        told = sliceproof("check", "own.py:sound", *QUICK, "--json", "-", "--seeds", "2", "--seed", "40")[1]
        assert json.loads(told)["campaign"]["seeds"] == [40, 41]
        assert self.rows(told)["D2"]["seeds"] == [40, 41]

    def test_several_decoders_are_shared_as_one_lot(self, sliceproof: Sliceproof) -> None:
        command = ("check", "own.py:sound", "own.py:asound", *QUICK, "--json", "-", "--worker")
        lines = [json.loads(sliceproof(*command, f"{index}/2")[1]) for index in range(2)]
        assert [one["campaign"]["tasks"] for one in lines] == [3, 3]
        assert [one["campaign"]["tasks_of_all"] for one in lines] == [6, 6]

    def test_what_applies_to_nobody_is_an_error_for_every_worker(self, sliceproof: Sliceproof) -> None:
        command = ("check", "own.py:sound", "--dialect", "text", "--requirement", "S2", "--worker")
        for share in ("0/2", "1/2"):
            code, _, err = sliceproof(*command, share)
            assert code == 2
            assert "nothing of own.py:sound was judged" in err

    def test_known_failures_are_known_to_every_worker(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        command = ("check", "own.py:halves", "--accepts", "parts", *QUICK, "--baseline", "known.toml")
        assert sliceproof(*command, "--update-baseline")[0] == 0
        for index in range(3):
            assert sliceproof(*command, "--worker", f"{index}/3", "--database", str(tmp_path / "kept"))[0] == 0

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("--worker", "2/2"), "of two, 0/2 and 1/2"),
            (("--worker", "0/2", "--baseline", "b.toml", "--update-baseline"), "--worker gives a share"),
            (("--seeds", "0"), "--seeds"),
        ],
    )
    def test_says_in_one_line_what_cannot_be(
        self, sliceproof: Sliceproof, arguments: tuple[str, ...], told: str
    ) -> None:
        code, _, err = sliceproof("check", "own.py:sound", *QUICK, *arguments)
        assert code == 2
        assert told in err
        assert len(err.splitlines()) == 1


def test_a_task_s_pair_is_the_same_for_all_seeds() -> None:
    task = Task(REQUIREMENTS["U1"], DIALECTS["text"])
    assert task.pair == task._replace(turn=5).pair == ("text", "U1")
    assert replace(Worker(1, 2), of=3) == Worker(1, 3)
