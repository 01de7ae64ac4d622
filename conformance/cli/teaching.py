"""A requirement in full: what is right, why, the smallest stream that shows it, and how to mend a decoder."""

from sliceproof.conformance.decoders.broken import BROKEN, Broken
from sliceproof.conformance.engine.bytemap import byte_map
from sliceproof.conformance.engine.wording import short
from sliceproof.conformance.reporting.finding_table import Row
from sliceproof.conformance.reporting.terminal import Terminal
from sliceproof.conformance.requirements.hints import hint
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.corpus import shipped
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.stream import Stream

IN_ALL_HAZARDS = "decodes_parts_alone"
"""A decoder that breaks MIX, which is no decoder's own."""


def taught(requirement: Requirement, terminal: Terminal) -> None:
    """Show all that there is to know of a requirement."""
    terminal.line(f"{requirement.id}  {requirement.title}", "bold")
    terminal.fields(_rows(requirement))
    terminal.line()


def _rows(requirement: Requirement) -> list[Row]:
    mend, broken = hint(requirement.id), broken_by(requirement)
    rows = [("rule", requirement.rule, ""), ("level", f"{requirement.level.upper()}, because {requirement.why}", "")]
    rows += [("source", requirement.source, "")]
    rows += [("seen in" if number == 0 else "", seen, "") for number, seen in enumerate(requirement.seen)]
    stream = smallest(requirement)
    rows.append(("stream", short(repr(stream), 400), "cyan"))
    if place := byte_map(stream):
        rows.append(("bytes", "\n".join(place), ""))
    wrong = dict.fromkeys(f"{each.about[0].lower()}{each.about[1:]}" for each in broken)
    rows += [("broken" if number == 0 else "", each, "red") for number, each in enumerate(wrong)]
    rows.append(("fix", "\n".join(mend.sentences), "green"))
    rows.append(("code", mend.code, ""))
    name = next((each.name for each in broken), IN_ALL_HAZARDS)
    return [*rows, ("try", f"sliceproof check broken:{name} --requirement {requirement.id}", "dim")]


def broken_by(requirement: Requirement) -> list[Broken]:
    """The decoders that are broken on purpose to break this requirement."""
    return [broken for broken in BROKEN.values() if broken.breaks[0] == requirement.id]


def smallest(requirement: Requirement) -> Stream:
    """The stream with the fewest bytes of the shipped cases, if there are any of those that broke one of these.

    Of Bedrock's none is taken: the decoders that are shown read the dialects of containers.
    """
    names = {f"broken:{broken.name}" for broken in broken_by(requirement)}
    cases = [case for case in shipped() if case.requirement == requirement.id and case.stream.dialect in DIALECTS]
    telling = [case for case in cases if names.intersection(found.decoder for found in case.found)]
    return min((case.stream for case in telling or cases), key=lambda stream: len(stream.wire))
