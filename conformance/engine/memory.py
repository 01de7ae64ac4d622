"""What was found before: streams and drawn words that failed, kept in a database of Hypothesis', to be replayed.

A failing stream is kept as the call that makes it, so whoever reads it judges the same stream, whatever else has
changed. What a search draws is kept by Hypothesis itself, the moment it fails; it means something only with the
alphabet that it was drawn from, so that is part of its key. Nothing is deleted but what was tried and no longer
fails; what cannot be read is left to whoever wrote it.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from hypothesis.database import ExampleDatabase

from sliceproof.conformance.engine.case_argument import CaseError, parse
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream

FORMAT = 1
"""Of what is kept; another number is another key, so that nobody misreads it."""


@dataclass(frozen=True)
class Memory:
    """What was found before, of one decoder, requirement and dialect."""

    database: ExampleDatabase
    decoder: Decoder
    requirement: Requirement
    dialect: Dialect

    @property
    def key(self) -> bytes:
        """Where the streams are."""
        return self._key("streams")

    def _key(self, kind: str) -> bytes:
        judged: tuple[str, ...] = (self.decoder.name, self.decoder.version(), self.decoder.accepts, self.decoder.yields)
        judged += () if self.decoder.envelope == "sagemaker" else (self.decoder.envelope,)
        return json.dumps([kind, FORMAT, *judged, self.dialect.id, self.requirement.id]).encode()

    def words(self, table: Sequence[Letter]) -> bytes:
        """Where Hypothesis keeps the words of letters of *table*; the finished ones are `streams` too."""
        alphabet = sha256(repr(tuple(table)).encode("utf-8", "backslashreplace")).hexdigest()[:16]
        return self._key(f"words of {alphabet}")

    def has_words(self, table: Sequence[Letter]) -> bool:
        """Whether there are any."""
        return next(iter(self.database.fetch(self.words(table))), None) is not None

    def streams(self) -> list[Stream]:
        """The streams that failed, the shortest first."""
        found = []
        for value in self.database.fetch(self.key):
            try:
                stream = parse(value.decode("utf-8"), bounded=False)
            except (CaseError, UnicodeDecodeError):
                continue  # another version's, or no stream at all
            if stream.dialect == self.dialect.id:
                found.append(stream)
        return sorted(found, key=lambda each: (len(each.wire), repr(each)))

    def keep(self, stream: Stream) -> None:
        """Keep a stream that failed."""
        self.database.save(self.key, repr(stream).encode("utf-8"))

    def forget(self, stream: Stream) -> None:
        """Forget a stream that was tried and no longer fails, or that there is a smaller one for."""
        self.database.delete(self.key, repr(stream).encode("utf-8"))


class Words(ExampleDatabase):
    """What Hypothesis keeps of one search: under our key, whatever it calls the test.

    A word is deleted only while there is time to try it: out of time, a search takes every word for one
    that does not fail.
    """

    def __init__(self, database: ExampleDatabase, key: bytes, spent: Callable[[], bool]) -> None:
        super().__init__()
        self._database, self._key, self._spent = database, key, spent

    def _mine(self, key: bytes) -> bytes:
        return self._key + next((end for end in (b".secondary", b".pareto") if key.endswith(end)), b"")

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """All words under a key."""
        return self._database.fetch(self._mine(key))

    def save(self, key: bytes, value: bytes) -> None:
        """Keep a word."""
        self._database.save(self._mine(key), value)

    def delete(self, key: bytes, value: bytes) -> None:
        """Forget a word, if there is time."""
        if not self._spent():
            self._database.delete(self._mine(key), value)
