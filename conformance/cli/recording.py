"""What `sliceproof record` does: it makes a case of each event stream that a client gets through the proxy."""

import hashlib
import threading
from datetime import date
from itertools import accumulate
from pathlib import Path

from sliceproof.conformance.decoders.endpoint.recording import LARGEST, Proxy, Taken, Upstream
from sliceproof.conformance.engine.case_files import asked_about
from sliceproof.conformance.engine.wording import count
from sliceproof.conformance.reporting.terminal import Terminal
from sliceproof.corpus import Case, CaseError, save
from sliceproof.corpus.redacting import redacted
from sliceproof.corpus.saving import write_whole
from sliceproof.wire.dialects import dialect
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.recorded import dialect_of
from sliceproof.wire.stream import Stream


class NotACaseError(SliceproofError):
    """What was recorded cannot be judged, and why."""


class Recording:
    """Saves what is taken in a folder, and tells of each in a line; several connections may do so at once."""

    def __init__(self, host: str, folder: Path, dialect_id: str | None, redact: bool, terminal: Terminal) -> None:
        if dialect_id is not None:
            dialect(dialect_id)  # there is no such one: now, and not with the first stream
        self._host, self._folder, self._dialect, self._redact = host, folder, dialect_id, redact
        self._terminal, self._alone = terminal, threading.Lock()

    def take(self, taken: Taken) -> None:
        """Make a case of it; what cannot be one is kept as bytes, unless it is to be redacted."""
        with self._alone:
            try:
                case = self.case_of(taken)
                path = save(case, self._folder)
            except SliceproofError as error:
                self._terminal.line(f"no case of {taken.path}: {error}{self._kept(taken, error)}", "bold magenta")
                return
            stream = case.stream
            sizes = ((len(stream.parts), "part"), (len(stream.chunks), "chunk"), (len(stream.text), "character"))
            counts = ", ".join(count(number, word) for number, word in sizes)
            ends = f", {stream.fault.words}" if stream.fault is not None else ""
            self._terminal.line(f"recorded {path}: {stream.dialect}, {counts}{ends}")

    def case_of(self, taken: Taken) -> Case:
        """The case of a stream as it came; SliceproofError where it cannot be one."""
        if taken.lost:
            raise NotACaseError(taken.lost)
        wire = b"".join(taken.chunks)
        found = dialect_of(wire) if self._dialect is None else dialect(self._dialect)
        if self._redact:
            wire = redacted(found, wire)
        cuts = tuple(accumulate(map(len, taken.chunks[:-1])))
        title = f"recorded{' and redacted' if self._redact else f' from {self._host}'} on {date.today().isoformat()}"
        stream = Stream.of_wire(found.id, wire, cuts, taken.broken)
        return Case(asked_about(stream), title, stream)

    def _kept(self, taken: Taken, error: SliceproofError) -> str:
        if self._redact or isinstance(error, NotACaseError | CaseError):
            return ""
        wire = b"".join(taken.chunks)
        path = self._folder / f"unread-{hashlib.sha256(wire).hexdigest()[:12]}.wire"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, wire)
        except OSError as other:
            return f"; its bytes cannot be written either: {other.strerror}"
        return f"; its bytes are in {path}"


def recorded(
    url: str, host: str, port: int, folder: Path, dialect_id: str | None, redact: bool, sign: bool | None
) -> None:
    """Record until a signal ends it."""
    terminal, upstream = Terminal(), Upstream(url, sign)
    recording = Recording(upstream.host, folder, dialect_id, redact, terminal)
    with Proxy((host, port), upstream, recording.take) as proxy:
        how = "signed anew with your AWS credentials" if upstream.signs else "as they come"
        terminal.line(f"{proxy.url} hands requests on to {url}, {how}", "bold")
        terminal.line(f"event streams of at most {LARGEST >> 20} MiB become cases in {folder}")
        for service in ("SAGEMAKER", "BEDROCK"):
            terminal.line(f"AWS_ENDPOINT_URL_{service}_RUNTIME={proxy.url}")
        terminal.line(f"then: sliceproof check TARGET --corpus {folder}")
        proxy.serve_forever()
