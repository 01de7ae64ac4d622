"""Workers as processes of their own, and a real Redis between them: what one finds all replay, and nothing is lost."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis.database import DirectoryBasedExampleDatabase

from servers import NEEDS_REDIS, Process, Server, server, start, wait_for
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.memory import Memory
from sliceproof.conformance.engine.search import letters_of
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS

__all__ = ["server", "start"]  # fixtures

pytestmark = NEEDS_REDIS

OWN = """
import os, time
from pathlib import Path

HERE = Path(__file__).parent

def decode(parts, name="now"):
    parts = list(parts)
    if len(parts) >= 5 and any(b"data:" in part for part in parts) and (HERE / name).exists():
        time.sleep(float(os.environ.get("SLOW", "0")))
        parts.pop()
    for part in parts:
        yield part.decode("utf-8", "replace")

def later(parts):
    return decode(parts, "then")
"""
"""It decodes parts alone, so it breaks U1; where there is a file `now`, or `then`, it loses the last of five parts if
one is like a field of SSE: so it breaks P2, and no sweep shows it."""

FOUND_U1 = '["streams", 1, "own.py:decode", "", "parts", "text", "text", "U1"]'
FOUND_P2 = FOUND_U1.replace("U1", "P2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(OWN)
    return tmp_path


def check(folder: Path, server: Server | None, text: str, **environment: str) -> Process:
    """A worker that asks U1 and P2 of the decoder, its folder beside Redis named after its report."""
    asked = shlex.split("own.py:decode --accepts parts --dialect text --requirement U1 --requirement P2")
    database = ("--database", server.url) if server else ()
    return Process(folder, *asked, *database, *shlex.split(text), **environment)


def report(folder: Path, name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / name).read_text())
    return told


def rows(folder: Path, name: str) -> dict[str, Any]:
    return {row["requirement"]: row for row in report(folder, name)["results"]}


def memory(folder: Path, local: str, id_: str) -> Memory:
    """What a worker's folder holds."""
    decoder = load(str(folder / "own.py:decode"), accepts="parts", dialects=("text",))
    object.__setattr__(decoder, "name", "own.py:decode")
    database = DirectoryBasedExampleDatabase(folder / local)
    return Memory(database, decoder, REQUIREMENTS[id_], DIALECTS["text"])


class TestTwoWorkers:
    def test_each_replays_what_the_other_finds(self, folder: Path, server: Server) -> None:
        second = check(folder, server, "--worker 1/2 --local l1 --json 1.json --examples 10000000")
        first = check(folder, server, "--worker 0/2 --local l0 --json 0.json")
        assert first.ended()[0] == 1
        assert second.running()  # it finds nothing before there is something to find
        (folder / "now").touch()
        assert second.ended()[0] == 1
        assert check(folder, server, "--worker 0/2 --local l2 --json 2.json --examples 1").ended()[0] == 1

        found, others, again = (rows(folder, name) for name in ("0.json", "1.json", "2.json"))
        assert found.keys() == {"U1"}
        assert ("replayed" in found["U1"], found["U1"]["seeds"]) == (False, [0])
        assert others["P2"]["seeds"] == [0]
        assert (others["U1"]["replayed"], "seeds" in others["U1"]) == (True, False)
        assert again["P2"]["replayed"]
        for one, other in ((others["U1"], found["U1"]), (again["P2"], others["P2"])):
            assert one["verdict"] == "fail"
            assert one["finding"]["stream"] == other["finding"]["stream"]
        assert server.kept() >= {FOUND_P2, FOUND_U1}
        assert report(folder, "1.json")["campaign"] == {
            "worker": 1,
            "of": 2,
            "seeds": [0],
            "tasks": 1,
            "tasks_of_all": 2,
            "database": server.url,
            "database_lost": "",
        }

    def test_one_that_has_no_task_replays_all_the_same(self, folder: Path, server: Server) -> None:
        check(folder, server, "--worker 0/3 --local l0").ended()
        code, out, err = check(folder, server, "--worker 2/3 --local l2 --json 2.json").ended()
        assert (code, err) == (1, "")
        assert "worker 2/3 has no task of its own, of 2 tasks in all" in out
        assert "FAIL  U1  code point cut between parts  in text, found before" in out
        assert rows(folder, "2.json").keys() == {"U1"}

    def test_one_that_has_no_task_and_nothing_to_replay_is_content(self, folder: Path, server: Server) -> None:
        code, out, err = check(folder, server, "--worker 2/3 --local l2").ended()
        assert (code, err) == (0, "")
        assert "no MUST of" not in out


class TestKilled:
    def test_a_worker_killed_in_the_middle_has_lost_nothing(self, folder: Path, server: Server) -> None:
        """U1 it has found, and it is in the middle of P2."""
        worker = check(folder, server, "--local l0 --json 0.json --examples 10000000")
        wait_for(lambda: FOUND_U1 in server.kept(), "the first failure")
        assert worker.running()
        assert worker.kill() == -9
        assert not (folder / "0.json").exists()
        (kept,) = memory(folder, "l0", "U1").streams()
        assert check(folder, server, "--worker 1/2 --local l1 --json 1.json --examples 1").ended()[0] == 1
        told = rows(folder, "1.json")["U1"]
        assert told["replayed"]
        assert told["finding"]["stream"] == repr(kept)

    def test_one_killed_while_it_makes_a_failure_smaller_leaves_that_to_the_next(
        self, folder: Path, server: Server
    ) -> None:
        """What Hypothesis drew is kept at once; nobody has to draw it again."""
        (folder / "now").touch()
        worker = check(folder, server, "--worker 1/2 --local l1 --examples 100000", SLOW="0.5")
        drawn = memory(folder, "l1", "P2")
        letters = letters_of(REQUIREMENTS["P2"], DIALECTS["text"])
        words = drawn.words(letters).decode()
        wait_for(lambda: words in server.kept(), "the first failing word")
        assert worker.kill() == -9
        assert drawn.has_words(letters)
        assert drawn.streams() == []
        assert FOUND_P2 not in server.kept()
        assert check(folder, server, "--worker 0/2 --local l0 --json 0.json --examples 1").ended()[0] == 1
        told = rows(folder, "0.json")["P2"]
        assert told["replayed"]
        assert told["finding"]["characters"] <= len("data:xxxx")
        assert FOUND_P2 in server.kept()


GOES_AWAY: dict[str, Callable[[Server], object]] = {
    "killed": lambda server: server.kill(),
    "read-only": lambda server: server.client.replicaof("127.0.0.1", "1"),
    "full": lambda server: server.client.config_set("maxmemory", "1"),
    "silent": lambda server: server.stall(),
}
REFUSES = ("read-only", "full")


class TestRedisThatGoesAway:
    @pytest.mark.parametrize("how", GOES_AWAY)
    def test_is_one_warning_and_the_run_goes_on_and_loses_nothing(self, folder: Path, server: Server, how: str) -> None:
        worker = check(folder, server, "--local l0 --json 0.json --examples 10000000")
        wait_for(lambda: FOUND_U1 in server.kept(), "the first failure")
        GOES_AWAY[how](server)
        (folder / "now").touch()
        code, _, err = worker.ended()
        assert code == 1
        assert rows(folder, "0.json").keys() == {"U1", "P2"}
        line, *progress = err.splitlines()
        assert all(told.startswith("own.py:decode: text took ") for told in progress)  # said of each run so slow
        became = "refused a command" if how in REFUSES else "went away"
        assert line.startswith(f"sliceproof: warning: {server.url} {became} (")
        assert "going on with the folder l0 alone" in line
        assert report(folder, "0.json")["campaign"]["database_lost"] in line

        server.kill()
        assert server.start()
        code, _, err = check(folder, server, "--worker 1/2 --local l0 --examples 1").ended()
        assert (code, err) == (1, "")
        assert server.kept() >= {FOUND_P2, FOUND_U1}
        check(folder, server, "--worker 2/3 --local elsewhere --json 2.json").ended()
        assert all(row["replayed"] for row in rows(folder, "2.json").values())

    def test_and_is_back_by_the_end_is_given_what_was_found_meanwhile(self, folder: Path, server: Server) -> None:
        worker = check(folder, server, "own.py:later --local l0 --json 0.json --examples 10000000")
        wait_for(lambda: FOUND_U1 in server.kept(), "the first failure")
        server.kill()
        (folder / "now").touch()
        wait_for(lambda: memory(folder, "l0", "P2").streams(), "what is found meanwhile")
        assert server.start()
        (folder / "then").touch()
        code, _, err = worker.ended()
        gone, back = err.splitlines()
        assert code == 1
        assert "went away" in gone
        assert back == f"sliceproof: {server.url} is back, and is given what was found meanwhile"
        assert server.kept() >= {FOUND_P2, FOUND_U1}
        assert report(folder, "0.json")["campaign"]["database_lost"] == ""


class TestPasswords:
    def test_are_told_nowhere(self, folder: Path, start: Callable[..., Server]) -> None:
        password, quoted = "s3cret/w#rd@:%", "s3cret%2Fw%23rd%40%3A%25"
        server = start(password=password)
        for given, code in ((quoted, 1), (quoted.replace("3", "4"), 2)):
            url = f"redis://:{given}@127.0.0.1:{server.port}/0"
            ended, out, err = check(folder, None, f"--json 0.json --database '{url}' --worker 0/2").ended()
            assert ended == code
            told = out + err + (folder / "0.json").read_text()
            assert "cret" not in told
            assert server.url in told
        assert FOUND_U1 in server.kept()

    def test_may_come_by_the_environment(self, folder: Path, start: Callable[..., Server]) -> None:
        server = start(password="secret")
        url = f"redis://:secret@127.0.0.1:{server.port}/0"
        assert check(folder, None, "--worker 0/2", SLICEPROOF_DATABASE=url).ended()[0] == 1
        assert server.kept() == {FOUND_U1}
        assert memory(folder, ".sliceproof", "U1").streams()


def test_a_server_that_may_not_be_written_to_is_an_error_from_the_start(folder: Path, server: Server) -> None:
    server.client.replicaof("127.0.0.1", "1")
    code, out, err = check(folder, server, "--worker 0/2").ended()
    assert (code, out) == (2, "")
    assert "cannot keep anything in" in err
    assert len(err.splitlines()) == 1
