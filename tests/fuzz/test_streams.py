"""The target `streams`: what is found in each broken decoder bears the name of what it breaks, and is small."""

from dataclasses import replace
from random import Random

import pytest

from sliceproof.conformance.decoders.broken import BROKEN, Broken
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.reporting.report import cuts
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.fuzz.fuzz_streams import Streams
from sliceproof.fuzz.target import Options, Settled, Suspect
from sliceproof.fuzz.triage import FoundError, Hunt
from sliceproof.wire.dialects import DIALECTS


def falls_for_a_letter(broken: Broken) -> bool:
    """Whether one letter of its hazard shows it: MIX draws letters, and not what sweeps have besides."""
    requirement, known = REQUIREMENTS[broken.breaks[0]], DIALECTS[broken.dialect]
    words = [requirement.composed(known, (letter,)) for letter in requirement.alphabet(known)]
    return any(requirement.check(broken.decoder(), stream) for stream in words)


REVEALED = [
    name for name, one in BROKEN.items() if one.breaks[0] in REQUIREMENTS["MIX"].contains and falls_for_a_letter(one)
]
LONG = ("F4", "F6")  # what shows these has the length of a line, or of what makes a length of that value


def inputs(seed: int, number: int) -> list[bytes]:
    random = Random(seed)
    return [random.randbytes(random.randrange(1, 26)) for _ in range(number)]


def first_found(name: str) -> Settled:
    """What the first input that fails comes to; libFuzzer, whom its coverage guides, needs fewer."""
    target = Streams(Options((name,)))
    for data in inputs(1, 4000):
        for suspect in target.run(data):
            settled = target.settle(suspect)
            assert settled is not None
            return settled
    raise AssertionError(f"{name} gave back 4,000 streams")


@pytest.mark.parametrize("name", REVEALED)
def test_what_is_found_bears_the_name_of_what_the_decoder_breaks(name: str) -> None:
    settled = first_found(f"broken:{name}")
    finding = settled.result.finding
    assert finding is not None
    assert settled.key == settled.result.requirement.id == BROKEN[name].breaks[0]
    assert settled.result.requirement.check(finding.decoder, finding.stream)
    if settled.key not in LONG:
        word = max(map(len, finding.stream.tokens), default=0)
        assert cuts(finding) <= 1
        assert len(finding.stream.text) <= max(2, word)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_decoder_is_never_suspect(name: str) -> None:
    target = Streams(Options((f"sound:{name}",)))
    assert [data for data in inputs(2, 300) if list(target.run(data))] == []


def test_hypothesis_reads_the_bytes_too() -> None:
    target = Streams(Options(("broken:decodes_parts_alone",), hypothesis=True))
    random = Random(3)
    found = next(suspect for _ in range(2000) for suspect in target.run(random.randbytes(200)))
    settled = target.settle(found)
    assert settled is not None
    assert settled.key == "U1"


def test_the_first_byte_chooses_a_dialect_that_the_decoder_claims() -> None:
    target = Streams(Options(("broken:decodes_parts_alone",)))
    claimed = {dialect.id for dialect in DIALECTS.values() if dialect.id in (target.decoders[0].dialects or ())}
    seen = set()
    for number in range(len(DIALECTS)):
        list(target.asked(number, lambda known: seen.add(known.id) or list(target.tables[known.id][:1])))  # type: ignore[func-returns-value]
    assert seen == claimed


def test_one_fault_is_settled_once_however_many_inputs_show_it() -> None:
    settled = []

    class Counted(Streams):
        def settle(self, suspect: Suspect) -> Settled | None:
            settled.append(suspect)
            return super().settle(suspect)

    hunt, raised = Hunt(Counted(Options(("broken:decodes_parts_alone",)))), []
    for data in inputs(1, 1500):
        try:
            hunt(data)
        except FoundError as error:
            raised.append(str(error))
    assert len(raised) == 1
    assert raised[0].startswith("broken:decodes_parts_alone breaks U1 (code point cut between parts)")
    assert len(settled) < len(REQUIREMENTS["MIX"].contains)  # inputs that show others' hazards are looked at once


def test_a_word_of_what_a_decoder_declines_by_design_is_no_suspicion() -> None:
    target = Streams(Options(("broken:decodes_parts_alone",)))
    data = next(data for data in inputs(1, 4000) if list(target.run(data)))
    (suspect,) = target.run(data)
    target.decoders = [replace(suspect.decoder, by_design=dict.fromkeys(suspect.keys, "never meant to"))]
    assert not list(target.run(data))
