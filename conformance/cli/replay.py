"""One stream again: judged as it was (`replay`), or shown stage by stage (`explain`)."""

from collections.abc import Callable, Sequence

from sliceproof.conformance.engine.bytemap import byte_map
from sliceproof.conformance.engine.case_files import asked_about
from sliceproof.conformance.engine.finding import Finding, breaches_by_mode
from sliceproof.conformance.engine.journal import Journal
from sliceproof.conformance.engine.wording import count, short
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.reporting.terminal import SHOWN, Terminal
from sliceproof.conformance.requirements import REQUIREMENTS, requirements
from sliceproof.conformance.requirements.channels import texts
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.corpus import Case, CaseError
from sliceproof.wire.bedrock import kind_of, record_of
from sliceproof.wire.dialects.delta import PLAINEST
from sliceproof.wire.errors import MessageError
from sliceproof.wire.faults import FaultKind
from sliceproof.wire.messages import UNLIMITED, decode_messages

SHOWN_RECORDS = 12
"""Of each kind, unless all are asked for."""


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


def _repr(piece: bytes) -> list[str]:
    return [repr(piece) if len(piece) <= 300 else f"{piece[:120]!r} … {piece[-60:]!r}"]


def explained(case: Case, terminal: Terminal, most: int | None = SHOWN_RECORDS) -> None:
    """Show every stage of a case, of each kind of piece the first so many."""
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
    if stream.format.framing.by_message:
        terminal.fields([("wire", f"{len(stream.wire):,} bytes, {count(len(stream.frames), 'message')}", "")])
        _show_pieces(terminal, "message", stream.frames, most, _in_message)
    else:
        terminal.fields([("body", f"{len(stream.body):,} bytes of {stream.dialect}, {stream.format.media_type}", "")])
        records = [stream.body[record.start : record.stop] for record in stream.records]
        _show_pieces(terminal, "record", records, most)
        _show_pieces(terminal, "part", stream.parts, most)
    if stream.format.framing.by_message and stream.chunks == stream.frames:
        terminal.fields([("chunks", "each message is one", "")])
    else:
        _show_pieces(terminal, "chunk", stream.chunks, most)
    if place := byte_map(stream):
        terminal.fields([("place", "\n".join(place), "cyan")])
    terminal.line()


def _show_pieces(
    terminal: Terminal, kind: str, pieces: Sequence[bytes], most: int | None, said: Callable[[bytes], list[str]] = _repr
) -> None:
    shown = pieces[:most]
    for number, piece in enumerate(shown, 1):
        first, *more = said(piece)
        terminal.fields([(f"{kind} {number}", f"{len(piece):>5} bytes  {first}", "")])
        terminal.fields([("", f"{'':13}{line}", "") for line in more])
    if len(pieces) > len(shown):
        terminal.fields([("", f"and {count(len(pieces) - len(shown), f'more {kind}')}: --all shows them", "dim")])


def _in_message(piece: bytes) -> list[str]:
    """What a message of Bedrock is called and says, and the record that is in its base64."""
    try:
        message = decode_messages(piece, UNLIMITED)[0]
        kind, name = kind_of(message)
    except (MessageError, KeyError):
        return _repr(piece)
    said = short(message.payload.decode("utf-8", "backslashreplace"), 300)
    lines = [f"{'' if kind == 'event' else f'{kind} '}{name} {said}".rstrip()]
    if (kind, name) == ("event", "chunk"):
        lines.append(f"in bytes: {short(record_of(message).decode('utf-8', 'backslashreplace').rstrip(), 300)}")
    return lines
