"""A real redis-server on a free port of the loopback, and workers as processes of their own, for the tests."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

REDIS = shutil.which("redis-server")
NEEDS_REDIS = pytest.mark.skipif(REDIS is None, reason="redis-server is not installed (Debian: redis-server)")
LONG = 120.0
"""Seconds after which what was waited for is taken to come no more."""


def wait_for(what: Callable[[], object], text: str) -> None:
    """Return when *what* holds; fail if it never does."""
    until = time.monotonic() + LONG
    while not what():
        assert time.monotonic() < until, f"waited in vain for {text}"
        time.sleep(0.05)


class Server:
    """A redis-server without files of its own; `start` after `kill` is an empty one on the same port."""

    def __init__(self, folder: Path, *options: str, password: str = "") -> None:
        from redis import Redis

        self._folder, self._options = folder, (*options, *(("--requirepass", password) if password else ()))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        for _ in range(10):  # the port may be taken between looking and starting
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            self.client = Redis("127.0.0.1", self.port, password=password or None)
            if self.start():
                return
        raise AssertionError("no redis-server starts on any port")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> bool:
        lines = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        command = [str(REDIS), *lines, *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: self._answers() or self._ended(), "redis-server")
        return not self._ended()

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _answers(self) -> bool:
        from redis.exceptions import RedisError

        with suppress(RedisError, OSError):
            return bool(self.client.ping())
        return False

    def stall(self) -> None:
        """It takes what is sent, and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(LONG)
            self._process = None

    def kept(self) -> set[str]:
        """The keys under which something is kept."""
        return {key.decode().removeprefix("sliceproof:") for key in self.client.keys("sliceproof:[[]*")}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers, and ends them."""
    started: list[Server] = []

    def begin(*options: str, password: str = "") -> Server:
        started.append(Server(tmp_path, *options, password=password))
        return started[-1]

    yield begin
    for one in started:
        one.kill()


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    return start()


class Process:
    """`sliceproof check` as a process of its own."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        code = "from sliceproof.conformance.cli.main import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, "check", *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ended(self) -> tuple[int, str, str]:
        """Exit code, stdout and stderr, when it is through."""
        try:
            out, err = self._process.communicate(timeout=LONG)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return self._process.returncode, out, err

    def kill(self) -> int:
        """SIGKILL, and what it ended with."""
        self._process.kill()
        self._process.communicate()
        return self._process.returncode

    def running(self) -> bool:
        return self._process.poll() is None
