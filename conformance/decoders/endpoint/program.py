"""`run:COMMAND`: a whole client that is a program in any language, with nothing of ours in it but two HTTP calls.

It is started once, with SLICEPROOF_URL, AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME and AWS_ENDPOINT_URL_BEDROCK_RUNTIME,
credentials that are none and a region. It asks for the next stream, asks the endpoint of that name, and reports what it
got; then it asks for the next one:

    GET  $SLICEPROOF_URL/next             {"name": ..., "dialect": ..., "form": ..., "invoke_url": ...}
    POST $SLICEPROOF_URL/report/NAME      {"text": "..."}, and "error": "..." where the client told one

A program that ends is started again for the next stream, and one that hangs is ended; either is a finding. What it has
begun ends with it.
"""

import atexit
import json
import os
import shlex
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import unquote

from sliceproof.conformance.decoders.endpoint.client import Answering, client
from sliceproof.conformance.decoders.endpoint.environment import variables
from sliceproof.conformance.decoders.endpoint.routes import path_of
from sliceproof.conformance.decoders.endpoint.server import Page, Request, Server
from sliceproof.conformance.decoders.subprocess import process_groups
from sliceproof.conformance.harness.contract import Call, Decoder, Mode, TargetError
from sliceproof.conformance.harness.feeds import Feed
from sliceproof.conformance.harness.watchdog import Hang, watching
from sliceproof.wire.dialects import DIALECTS

LOOK = 0.05  # seconds between two looks at whether the program still runs
STARTING = 30.0  # seconds in which it must ask for its first stream, before the supervisor's patience ends
PART = STARTING / 40  # of SLICEPROOF_SILENCE, where that gives a slow machine more
ENDING = 60.0  # seconds in which it must be gone once it is killed
LONGEST = 20.0  # seconds that GET /next waits for a stream; then 204, and the program asks again
LARGEST = 16 << 20  # characters of a report, each of six bytes at most where all are escaped


class ReportedError(Exception):
    """The error that the program's client told."""


class EndedError(Exception):
    """The program ended in the middle of a stream."""


class Program:
    """A command that is started when the first stream is there for it; its process group ends when we do."""

    def __init__(self, target: str, command: Sequence[str]) -> None:
        self._target, self._command = target, command
        self._server = Server(pages=self._page, most=6 * LARGEST + (1 << 20))
        self._waiting: SimpleQueue[dict[str, str]] = SimpleQueue()
        self._reports: dict[str, dict[str, Any]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._asks = self._asked = False  # whether it has asked for a stream since it was started, or ever
        self._owner, self._condition = os.getpid(), threading.Condition()
        atexit.register(self.end)

    def texts(self, feed: Feed, dialect: str, form: str) -> Iterator[str]:
        """What the program reports of a stream; its error is raised behind the text."""
        with Answering(feed, dialect, self._server) as answering:
            url, name = self._server.url, answering.name
            value = {"name": name, "dialect": dialect, "form": form, "url": url}
            self._waiting.put(value | {"invoke_url": f"{url}{path_of(dialect, name)}"})
            try:
                report = self._report(name)
            except BaseException:
                self.end()  # what it was in the middle of is no part of the next stream
                self._forget()
                raise
        if text := report["text"]:
            yield text
        if report.get("error"):
            raise ReportedError(report["error"])

    def end(self) -> None:
        """End the program, and what it began."""
        process, self._process = self._process, None
        if process is not None:
            with watching(ENDING):  # a Hang of the stream that it is ended for must not interrupt this
                process_groups.end(process, self._owner)

    def _report(self, name: str) -> dict[str, Any]:
        """The report, waiting for it; EndedError if the program ends instead."""
        process = self._started()
        if not self._asks:
            patience = _starting()
            try:
                with watching(patience):
                    self._wait(process, lambda: self._asks)
            except (Hang, EndedError) as error:
                if self._asked:
                    raise
                why = str(error) or f"it did not in {patience:.0f} s"
                raise TargetError(f"{self._target} never asked for a stream with GET /next: {why}") from None
        self._wait(process, lambda: name in self._reports)
        return self._reports.pop(name)

    def _wait(self, process: "subprocess.Popen[bytes]", until: Callable[[], bool]) -> None:
        with self._condition:
            while not until():
                if not self._condition.wait(LOOK) and (code := process.poll()) is not None and not until():
                    raise EndedError(f"the program ended with code {code}, and reported nothing of this stream")

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self.end()
            self._asks = False
            env = {**os.environ, **variables(self._server.url), "SLICEPROOF_URL": self._server.url}
            env.pop("SLICEPROOF_DATABASE", None)  # its URL may hold a password
            try:
                self._process = subprocess.Popen(
                    self._command, env=env, stdin=subprocess.DEVNULL, stdout=2, start_new_session=True
                )
            except OSError as error:
                raise TargetError(f"{self._target} cannot be started: {error.strerror}") from None
            process_groups.GUARDIAN.began(self._process.pid)
        return self._process

    def _forget(self) -> None:
        """Let nobody be given a stream that is over."""
        with suppress(Empty):
            while True:
                self._waiting.get_nowait()
        self._reports.clear()

    def _page(self, request: Request) -> Page | None:
        if request.path == "/next" and request.method == "GET":
            with self._condition:
                self._asks = self._asked = True
                self._condition.notify_all()
            with suppress(Empty):
                return _json(200, self._waiting.get(timeout=LONGEST))
            return Page(204, b"")
        name = request.path.removeprefix("/report/")
        if name != request.path and request.method == "POST":
            return self._reported(unquote(name), request.body)
        return None

    def _reported(self, name: str, body: bytes) -> Page:
        try:
            report = json.loads(body)
        except (ValueError, RecursionError):
            report = None
        if not isinstance(report, dict) or not isinstance(report.get("text"), str):
            return _json(400, {"error": 'a report is {"text": "..."}, with "error": "..." if the client told one'})
        if not isinstance(report.get("error", ""), str | None) or len(report["text"]) > LARGEST:
            return _json(400, {"error": "the error of a report is a string; the text has 16 Mi characters at most"})
        if name not in self._server.answers:
            return _json(404, {"error": f"no stream is called {name}, or it is over"})
        with self._condition:
            self._reports[name] = report
            self._condition.notify_all()
        return _json(200, {})


def _starting() -> float:
    """How long a program may take to ask for its first stream: gateways and virtual machines do take long."""
    try:
        return max(STARTING, PART * float(os.environ["SLICEPROOF_SILENCE"]))
    except (KeyError, ValueError):
        return STARTING


def _json(status: int, value: dict[str, Any]) -> Page:
    return Page(status, json.dumps(value).encode())


def decoder(target: str, *, dialects: tuple[str, ...] | None = None) -> Decoder:
    """The decoder that `run:COMMAND` is; TargetError for a command that is none."""
    try:
        command = shlex.split(target.partition(":")[2])
    except ValueError as error:
        raise TargetError(f"the command of {target!r} cannot be split into words: {error}") from None
    if not command:
        raise TargetError(f'{target!r} names no command; write one after the colon, as in "run:node client.mjs"')
    program = Program(target, command)

    def opened(dialect: str, form: str) -> Call:
        return partial(program.texts, dialect=dialect, form=form)

    return client(target, {"program": Mode(opened)}, dialects or tuple(DIALECTS), builtin=False)
