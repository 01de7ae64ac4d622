"""One stream again: judged as it was (`replay`), or shown stage by stage (`explain`)."""

from collections.abc import Sequence

from sliceproof.conformance.engine.bytemap import byte_map
from sliceproof.conformance.engine.case_files import asked_about
from sliceproof.conformance.engine.finding import Finding, breaches_by_mode
from sliceproof.conformance.engine.journal import Journal
from sliceproof.conformance.engine.wording import short
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.reporting.terminal import SHOWN, Terminal
from sliceproof.conformance.requirements import REQUIREMENTS, requirements
from sliceproof.conformance.requirements.channels import texts
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.corpus import Case, CaseError
from sliceproof.wire.dialects.delta import PLAINEST
from sliceproof.wire.faults import FaultKind

SHOWN_RECORDS = 12


def requirement_of(case: Case, id_: str | None) -> Requirement:
    """The requirement to judge a case by: the one asked for, the one it was found for, or what its fault asks."""
    if id_:
        return requirements((id_,))[0]
    if case.requirement:
        return requirements((case.requirement,))[0]
    return REQUIREMENTS[asked_about(case.stream)]


def replayed(cases: Sequence[Case], decoder: Decoder, id_: str | None, terminal: Terminal, journal: Journal) -> int:
    """Show what *decoder* makes of each case; how many MUSTs it breaks."""
    broken, judged = 0, 0
    for case in cases:
        requirement = requirement_of(case, id_)
        reason = requirement.inapplicable(decoder, case.stream.format) or requirement.unshown(decoder, case.stream)
        name = f"{decoder.name} {decoder.version()}".strip()
        if reason:
            terminal.line(f"n/a   {requirement.id}  {requirement.title}: {reason}", "dim")
            continue
        judged += 1
        journal.asks(decoder.name, case.stream.dialect, requirement.id)
        found = requirement.check(decoder, case.stream)
        if found is None:
            terminal.line(
                f"pass  {requirement.id}  {requirement.title}: {name} gives back {short(repr(case.stream), 2000)}",
                "green",
            )
            continue
        broken += requirement.verdict == "fail"
        terminal.line(f"{SHOWN[requirement.verdict]}  {requirement.id}  {requirement.title} ({name})", "bold red")
        modes = {} if requirement.compare else breaches_by_mode(requirement, decoder, case.stream)
        layer = found.breach.layer or requirement.blames
        terminal.finding(Finding(requirement, decoder, found, layer, modes=modes), snippet=True)
        terminal.line()
    if not judged:
        raise CaseError(f"nothing was judged: none of the cases applies to {decoder.name}")
    return broken


def explained(case: Case, terminal: Terminal) -> None:
    """Show every stage of a case."""
    stream = case.stream
    terminal.line(short(repr(stream), 2000), "bold")
    if case.requirement:
        requirement = requirements((case.requirement,))[0]
        terminal.fields([("found for", f"{requirement.id} {requirement.title}: {requirement.rule}", "")])
    terminal.fields([("found in", str(found), "dim") for found in case.found])
    terminal.fields([("text", repr(stream.text) if len(stream.text) < 200 else f"{len(stream.text):,} characters", "")])
    said = [(str(channel), repr(text)) for channel, text in texts(stream.deltas).items() if channel != PLAINEST]
    terminal.fields(
        [("channels" if number == 0 else "", f"{name} {text}", "") for number, (name, text) in enumerate(said)]
    )
    if stream.fault is not None:
        terminal.fields([("fault", f"{FaultKind(stream.fault.kind).about} (at = {stream.fault.at})", "red")])
    terminal.fields([("body", f"{len(stream.body):,} bytes of {stream.dialect}, {stream.format.media_type}", "")])
    _show_pieces(terminal, "record", [stream.body[record.start : record.stop] for record in stream.records])
    _show_pieces(terminal, "part", stream.parts)
    _show_pieces(terminal, "chunk", stream.chunks)
    if place := byte_map(stream):
        terminal.fields([("place", "\n".join(place), "cyan")])
    terminal.line()


def _show_pieces(terminal: Terminal, kind: str, pieces: Sequence[bytes]) -> None:
    for number, piece in enumerate(pieces[:SHOWN_RECORDS], 1):
        shown = repr(piece) if len(piece) <= 300 else f"{piece[:120]!r} … {piece[-60:]!r}"
        terminal.fields([(f"{kind} {number}", f"{len(piece):>5} bytes  {shown}", "")])
    if len(pieces) > SHOWN_RECORDS:
        terminal.fields([("", f"and {len(pieces) - SHOWN_RECORDS:,} more {kind}s", "dim")])
