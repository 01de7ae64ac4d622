"""What can be asked of judging, and what it is unless asked for: the command, pytest and `sliceproof.check` read these.

The command spells a field as `--dialect`, `--requirement`, `--level` …, pytest as `--sliceproof-dialects` …, as a line
of its ini file and as a word of the marker, `check` as a parameter.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.frozen import ConformanceError, belonging, demanded
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.engine.project import NARROWING
from sliceproof.conformance.harness.contract import ACCEPTS, ENVELOPES, YIELDS, Decoder
from sliceproof.conformance.requirements import requirements
from sliceproof.conformance.requirements.requirement import MUST, SHOULD
from sliceproof.corpus import Case
from sliceproof.profiles import frozen_set
from sliceproof.wire.dialects import dialect
from sliceproof.wire.errors import SliceproofError


class OptionError(SliceproofError, ValueError):
    """What is asked for is none of what there is; `name` is the field, "" if it is no single one."""

    def __init__(self, reason: str, name: str = "") -> None:
        super().__init__(f"{name} {reason}" if name else reason)
        self.name = name


@dataclass(frozen=True)
class Options:
    """What is to be judged and how far; OptionError, or that of a dialect or requirement, for what there is not.

    Without `dialects` those are judged that a decoder reads; without `requirements` and a `level` all are asked.
    Without a `profile` it is ci, and quick for whole clients.
    `accepts`, `yields` and `envelope` (sagemaker, if not given) are for a callable. `examples` stands in place of the
    profile's, `seconds` ends each search. `conformance` is a frozen set, which is asked whole: what would ask less of
    it is a ConformanceError.
    """

    dialects: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    level: str = ""
    accepts: str = "chunks"
    yields: str = "text"
    envelope: str = ""
    profile: str = ""
    seed: int = 0
    examples: int | None = None
    seconds: float | None = None
    conformance: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "dialects", tuple(dict.fromkeys(dialect(id_).id for id_ in self.dialects)))
        for name, allowed in (
            ("level", ("", MUST, SHOULD)),
            ("accepts", ACCEPTS),
            ("yields", YIELDS),
            ("envelope", ("", *ENVELOPES)),
        ):
            _known(name, getattr(self, name), allowed)
        _known("profile", self.profile, PROFILES)
        if self.conformance:
            self._whole()

    def _whole(self) -> None:
        """ConformanceError if less than a frozen set would be asked, or by other streams than it is for everybody."""
        frozen = frozen_set(self.conformance)
        deeper = self.profile not in ("", "quick")
        fine = {"seed": self.seed == frozen.seed, "profile": deeper}
        less = [name for name in NARROWING if getattr(self, name) not in ("", (), None) and not fine.get(name)]
        if less:
            raise ConformanceError(
                f"conformance {frozen.name} is asked whole, of everybody alike; leave out {' and '.join(less)}"
            )
        if other := next((each for each in self.dialects if each not in frozen.dialects), ""):
            raise ConformanceError(f"conformance {frozen.name} does not have the dialect {other}")

    def plan(self, cases: Sequence[Case] = ()) -> Plan:
        """The plan; *cases* are replayed first."""
        if self.conformance:
            frozen = frozen_set(self.conformance)
            chosen, cases = demanded(frozen), belonging(frozen, cases)
            return Plan(chosen, PROFILES[self.profile], self.seed, None, None, cases, None, frozen.name)
        chosen = [
            requirement for requirement in requirements(self.requirements) if self.level in ("", requirement.level)
        ]
        if not chosen:
            raise OptionError(f"no requirement asked for has level {self.level}; leave the level out")
        return Plan(chosen, PROFILES[self.profile], self.seed, self.examples, self.seconds, cases)

    def decoder(self, target: str) -> Decoder:
        """The decoder that *target* names; TargetError if none can be loaded."""
        made = load(target, accepts=self.accepts, yields=self.yields, dialects=self.dialects or None)
        return made.within(self.envelope)


def _known(name: str, text: str, allowed: Collection[str]) -> None:
    if text not in allowed:
        raise OptionError(f"{text!r} is none of {', '.join(filter(None, allowed))}", name)
