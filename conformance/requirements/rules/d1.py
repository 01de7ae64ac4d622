"""D1: the full text once more."""

from sliceproof.conformance.requirements.judge import exactly
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.letters import Letter, letters
from sliceproof.wire.dialects import Dialect


def _repeated(dialect: Dialect) -> list[Letter]:
    if dialect.repeats:
        return letters(["x", "y", "z"]) + (letters(["x"], special=True) if dialect.special else [])
    forms = [form for form in dialect.written if dialect.repeats_in(form)]
    return [letter for form in forms for letter in letters(["x", "y", "z"], form=form)]


REQUIREMENT = Requirement(
    id="D1",
    title="the full text once more",
    rule="The full text that the last record repeats is not text a second time.",
    source="TGI, DJL and LMI write `generated_text` into the last record",
    level=MUST,
    why="the containers always write it",
    seen=("sgl-project/sglang-omni#406",),
    letters=_repeated,
    contains=("R4",),
    judge=exactly,
    blames="JSON",
    shows=lambda stream: stream.format.repeats_in(stream.style.form),
)
