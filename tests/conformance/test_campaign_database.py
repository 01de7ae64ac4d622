"""Which database is meant, and what is said where it cannot be had; a folder is one as well."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from servers import NEEDS_REDIS, Server, server, start
from sliceproof.conformance.engine.campaign.database import DatabaseError, opened

__all__ = ["server", "start"]  # fixtures

Sliceproof = Callable[..., tuple[int, str, str]]

QUICK = ("check", "own.py:halves", "--accepts", "parts", "--dialect", "text", "--requirement", "U1", "--examples", "3")


def silent(line: str) -> None:
    raise AssertionError(line)


class TestURL:
    @pytest.mark.parametrize(
        ("url", "told"),
        [
            ("http://127.0.0.1", "knows no http://"),
            ("REDIS//host", "cannot keep anything in the folder"),
            ("redis:127.0.0.1", "neither a folder nor a URL; write redis://HOST:PORT/DB"),
            ("127.0.0.1:6379", "neither a folder nor a URL"),
            ("localhost:6379/0", "neither a folder nor a URL"),
            ("redis://", "names no server"),
            ("redis:///0", "names no server"),
            ("unix://", "names no server"),
            ("redis://127.0.0.1:port/0", "cannot be read"),
            ("redis://127.0.0.1:99999/0", "cannot be read"),
            ("redis://127.0.0.1/first", "DB a number"),
            ("redis://[::1/0", "cannot be read"),
            ("redis://127.0.0.1:1/0?decode_responses=true", "no option decode_responses"),
            ("redis://127.0.0.1:1/0?protocol=x", "none that the redis client knows"),
            ("redis://127.0.0.1:1/0", "(Error 111 connecting to 127.0.0.1:1. Connection refused)"),
            ("redis://host.invalid/0", "redis://host.invalid:6379/0"),
            ("redis://[::1]:1/0", "redis://[::1]:1/0"),
            ("unix:///no/such/socket", "cannot keep anything in unix:///no/such/socket"),
        ],
    )
    def test_that_is_wrong_is_one_line_and_exit_2(
        self, sliceproof: Sliceproof, tmp_path: Path, url: str, told: str
    ) -> None:
        (tmp_path / "REDIS").write_text("no folder")
        code, out, err = sliceproof(*QUICK, "--database", url)
        assert (code, out) == (2, "")
        assert told in err
        assert len(err.splitlines()) == 1

    @pytest.mark.parametrize(
        "url",
        [
            "redis://:hush@127.0.0.1:1/0",
            "redis://me:hush@127.0.0.1:x/0",
            "redis://:hush#1@127.0.0.1/0",
            "http://me:hush@127.0.0.1",
            "redis:hush@127.0.0.1",
            "redis://:hush@/0",
            "redis://:hush@127.0.0.1/x",
        ],
    )
    def test_that_is_wrong_tells_no_password(self, sliceproof: Sliceproof, url: str) -> None:
        code, out, err = sliceproof(*QUICK, "--database", url)
        assert code == 2
        assert "hush" not in out + err

    @NEEDS_REDIS
    @pytest.mark.parametrize(("given", "name"), [("/", "/0"), ("", "/0"), ("/3", "/3"), ("?db=0", "/0")])
    def test_is_named_in_full(self, server: Server, tmp_path: Path, given: str, name: str) -> None:
        url = server.url.removesuffix("/0")
        assert opened(f"{url}{given}", str(tmp_path / "local"), silent).name == f"{url}{name}"

    @NEEDS_REDIS
    def test_of_a_database_that_there_is_not_is_an_error(self, server: Server, tmp_path: Path) -> None:
        with pytest.raises(DatabaseError, match="DB index is out of range"):
            opened(server.url + "99", str(tmp_path / "local"), silent)

    @NEEDS_REDIS
    def test_of_a_socket_is_one_too(self, start: Callable[..., Server], tmp_path: Path) -> None:
        path = tmp_path / "s"
        start("--unixsocket", str(path))
        assert opened(f"unix://{path}", str(tmp_path / "local"), silent).name == f"unix://{path}"


def test_without_the_package_says_what_to_install(sliceproof: Sliceproof, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sliceproof.conformance.engine.campaign.redis_mirror", "hypothesis.extra.redis"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "redis", None)
    code, _, err = sliceproof(*QUICK, "--database", "redis://127.0.0.1:1/0")
    assert code == 2
    assert "pip install 'sliceproof[redis]'" in err
    assert len(err.splitlines()) == 1


class TestFolder:
    def test_keeps_what_fails_and_shows_it_first(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        command = (*QUICK, "--database", "kept", "--json", "-")
        first, again = (json.loads(sliceproof(*command)[1]) for _ in range(2))
        (one,), (other,) = first["results"], again["results"]
        assert "replayed" not in one
        assert other["replayed"]
        assert other["streams"] == 1
        assert one["finding"] == other["finding"]
        assert first["campaign"]["database"] == "kept"
        assert not (tmp_path / ".sliceproof").exists()

    def test_is_told_to_people_too(self, sliceproof: Sliceproof) -> None:
        command = (*QUICK, "--database", "kept")
        assert "found before" not in sliceproof(*command)[1]
        _, out, _ = sliceproof(*command)
        assert "1 of 1 task; shares what fails through kept" in out
        assert "in text, found before" in out

    def test_that_cannot_be_written_is_an_error_from_the_start(self, sliceproof: Sliceproof) -> None:
        code, _, err = sliceproof(*QUICK, "--database", "own.py")
        assert code == 2
        assert "cannot keep anything in the folder own.py" in err

    def test_before_redis_goes_with_redis_alone(self, sliceproof: Sliceproof) -> None:
        for database in ((), ("--database", "kept")):
            code, _, err = sliceproof(*QUICK, *database, "--local", "l")
            assert code == 2
            assert "--local is the folder before a database in Redis" in err

    def test_can_be_opened_by_several_processes_at_once(self, tmp_path: Path) -> None:
        code = "from sliceproof.conformance.engine.campaign.database import opened\n"
        code += "for _ in range(200): opened('kept', '', print)"
        started = [subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path) for _ in range(3)]
        assert [process.wait(60) for process in started] == [0, 0, 0]

    @NEEDS_REDIS
    def test_before_redis_that_cannot_be_written_is_an_error(self, sliceproof: Sliceproof, server: Server) -> None:
        code, _, err = sliceproof(*QUICK, "--database", server.url, "--local", "own.py")
        assert code == 2
        assert "cannot keep anything in the folder own.py" in err


def test_without_a_database_nothing_is_kept(sliceproof: Sliceproof, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    data = json.loads(sliceproof(*QUICK, "--json", "-")[1])
    assert "campaign" not in data
    assert sorted(path for path in tmp_path.iterdir() if path.name != "__pycache__") == before
