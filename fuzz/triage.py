"""What the fuzzer calls with each input: a new fault is settled once, and then told or kept.

Without a folder a fault is raised, which libFuzzer takes for a crash. With one it becomes a case there and
the fuzzer goes on; the same fault is not looked at again. Several processes may share a folder.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sliceproof.conformance.engine.case_files import case_of
from sliceproof.conformance.engine.finding import Finding
from sliceproof.corpus import save
from sliceproof.fuzz.target import Suspect, Target

LOG = "found.jsonl"
OFTEN = 3  # times that what may be a new fault comes to one that is known, before it is taken for that


class FoundError(Exception):
    """A decoder breaks a requirement: says which, on which stream, and how to see it again."""


class UnsettledError(Exception):
    """A decoder reads a wire otherwise than the format says, and no case can hold that wire."""


class Hunt:
    """Runs inputs, and remembers which faults are known."""

    def __init__(self, target: Target, folder: Path | None = None, known: Iterable[tuple[str, str]] = ()) -> None:
        self.target, self.folder = target, folder
        self.known = set(known)
        self.again: Counter[tuple[str, str]] = Counter()
        self.runs, self.began = 0, time.monotonic()

    def __call__(self, data: bytes) -> None:
        """Try one input; FoundError or UnsettledError for a new fault if there is no folder to keep it in."""
        self.runs += 1
        for suspect in self.target.run(data):
            if not self._knows(suspect):
                self._settle(suspect, data)

    def _knows(self, suspect: Suspect) -> bool:
        """Whether one of the faults that it may be is known, or all faults of that requirement are."""
        name = suspect.decoder.name
        return any({(name, key), (name, key.split()[0])} & self.known for key in suspect.keys)

    def _settle(self, suspect: Suspect, data: bytes) -> None:
        runs, seconds = self.runs, time.monotonic() - self.began
        settled = self.target.settle(suspect)
        keys, name = {(suspect.decoder.name, key) for key in suspect.keys}, suspect.decoder.name
        if settled is None or isinstance(settled, bytes):
            self.known |= keys
            self._unsettled(suspect, data, settled, runs, seconds)
            return
        if (name, settled.key) in self.known:
            self.again.update(keys)  # the same fault, by other letters: which may still be those of another
            self.known |= {key for key in keys if self.again[key] >= OFTEN}
            return
        self.known.add((name, settled.key))
        finding = settled.result.finding
        assert finding is not None  # a settled suspect has one
        if self.folder is None:
            raise FoundError(_in_words(finding))
        case = save(case_of(finding), self.folder).stem
        self._log(case=case, decoder=name, key=settled.key, runs=runs, seconds=seconds)

    def _unsettled(self, suspect: Suspect, data: bytes, small: bytes | None, runs: int, seconds: float) -> None:
        text = f"{', '.join(sorted(suspect.keys))}: {(data if small is None else small).hex()}"
        if self.folder is None:
            raise UnsettledError(text)
        name = f"unsettled-{hashlib.sha256(data).hexdigest()[:12]}"
        (self.folder / name).write_bytes(data)
        self._log(unsettled=name, decoder=suspect.decoder.name, key=text, runs=runs, seconds=seconds)

    def _log(self, **value: object) -> None:
        assert self.folder is not None
        with (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(value) + "\n")


def _in_words(finding: Finding) -> str:
    requirement, breach = finding.requirement, finding.broken.breach
    first = f"{finding.decoder.name} breaks {requirement.id} ({requirement.title}): {breach.what}"
    return "\n".join(
        (
            first,
            f"  stream    {finding.stream!r}",
            f"  expected  {breach.expected}",
            f"  got       {breach.got}",
            f"  replay    {finding.replay}",
        )
    )
