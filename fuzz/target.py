"""What a fuzz target is: it runs one input, and says what a suspect input comes to.

input ──run──▶ Suspect, …              cheap: this is what the fuzzer calls; one a decoder at most
Suspect ──settle──▶ Settled │ bytes    shrunk and judged as a requirement, as `check` would
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.dialects import dialects_read
from sliceproof.conformance.engine.evaluation import Judging
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder, TargetError
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Broken, Requirement


class FaultOfOursError(Exception):
    """An input that shows sliceproof itself to be wrong: no decoder is to blame."""


class Suspect(NamedTuple):
    """An input on which *decoder* went wrong. *keys* say in what it may be, each a requirement and perhaps more."""

    decoder: Decoder
    keys: frozenset[str]
    input: Any


class Settled(NamedTuple):
    """What a suspect came to: the one key that it is, and the result with its case."""

    key: str
    result: Result


class Target(Protocol):
    """One way of making streams of bytes.

    `modules` are those of ours whose code guides the fuzzer, beside the decoders' own; `mutates` says
    that inputs are wires, for the mutator that keeps them right.
    """

    decoders: Sequence[Decoder]
    modules: tuple[str, ...]
    mutates: bool

    def run(self, data: bytes) -> Iterable[Suspect]:
        """Try one input with each decoder."""

    def settle(self, suspect: Suspect) -> Settled | bytes | None:
        """Shrink and judge; where no requirement tells it, the smallest bytes; None if nothing is wrong after all."""


@dataclass(frozen=True)
class Options:
    """What a target is to try, and how.

    `decoders` as `check` names them (none: the target's own choice), `dialects` (none: all that are
    claimed); `hypothesis`: it reads the bytes; `repair`: the mutator keeps checksums right; `known` are
    faults to pass over, each a decoder and a requirement.
    """

    decoders: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    accepts: str = "chunks"
    yields: str = "text"
    hypothesis: bool = False
    repair: bool = True
    known: tuple[tuple[str, str], ...] = ()

    def loaded(self, default: Callable[[], Sequence[str]]) -> list[Decoder]:
        """The decoders; TargetError for one that cannot be loaded."""
        return [self._loaded(name) for name in self.decoders or default()]

    def _loaded(self, name: str) -> Decoder:
        decoder = load(name, accepts=self.accepts, yields=self.yields, dialects=self.dialects or None)
        claimed = decoder.dialects
        if claimed is None:
            claimed = tuple(dialects_read(decoder)[0])
            if not claimed:
                raise TargetError(
                    f"{name} gives back a plain stream in no dialect; `sliceproof check {name}` shows why"
                )
        chosen = tuple([id_ for id_ in claimed if id_ in (self.dialects or claimed)])
        if not chosen:
            raise TargetError(f"{name} does not claim {', '.join(self.dialects)}; it claims {', '.join(claimed)}")
        return replace(decoder, dialects=chosen)


def result(decoder: Decoder, requirement: Requirement, broken: Broken) -> Result:
    """The result of a requirement broken, as `check` gives it, with the smallest stream near this one."""
    bases = [load(name) for name in decoder.builds_on]
    judging = Judging(decoder, Plan(list(REQUIREMENTS.values()), PROFILES["ci"]), bases)
    return judging.found(requirement, broken)
