"""What is told of a finding: where the bytes are cut, what differs first, and how to see it again.

All of it is plain text or plain values; the terminal, the JSON report and the pytest plugin show it.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sliceproof.conformance.engine.bytemap import byte_map, code_point
from sliceproof.conformance.engine.shell import quoted, quoted_call
from sliceproof.conformance.engine.wording import count
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.feeds import boto3_error, feed_of
from sliceproof.conformance.requirements.channels import in_words, same, texts
from sliceproof.conformance.requirements.judge import described, joined, shortened
from sliceproof.conformance.requirements.requirement import Broken, Requirement
from sliceproof.wire.faults import FaultKind, Unit
from sliceproof.wire.stream import Stream


@dataclass(frozen=True)
class Finding:
    """A requirement broken, with the smallest stream that shows it.

    `layer` is the one to blame, `follows` the requirement it follows from ("" if it stands for
    itself), `inherited` the dependency that has the fault too, `modes` what each way of calling
    the decoder makes of the stream. `plain` is the finding of PLAIN that it follows from, where that was not asked.
    """

    requirement: Requirement
    decoder: Decoder
    broken: Broken
    layer: str
    follows: str = ""
    inherited: str = ""
    modes: Mapping[str, str] | None = None
    plain: "Finding | None" = None

    @property
    def stream(self) -> Stream:
        """The stream that shows it."""
        return self.broken.stream

    @property
    def blamed(self) -> str:
        """The layer that is to blame, as the decoder knows it.

        Where the body is the wire a part is a chunk; Bedrock has neither parts nor lines, but typed events, or a record
        in each event.
        """
        if self.stream.format.framing.by_message and self.layer in ("part", "line"):
            return "event" if self.stream.format.typed else "record"
        return "chunk" if self.layer == "part" and self.decoder.envelope == "http" else self.layer

    @property
    def size(self) -> tuple[int, str]:
        """How many bytes travelled, and what they are called."""
        http = self.decoder.envelope == "http"
        return (len(self.stream.body), "body") if http else (len(self.stream.wire), "wire")

    @property
    def byte_map(self) -> list[str]:
        """The bytes at the place that matters."""
        if self.decoder.envelope == "sagemaker":
            return byte_map(self.stream)
        if self.stream.fault is not None and self.stream.fault.unit is Unit.WIRE:
            return [f"raised    after {count(len(self.stream.whole_parts), 'chunk')}"]
        return byte_map(self.stream.but(chunk_cuts=None), "chunk")

    @property
    def replay(self) -> str:
        """The command that shows it again; "" if there is none."""
        decoder, stream = self.decoder, quoted_call(repr(self.stream))
        if decoder.target == "":
            return self.rerun
        target = decoder.target or decoder.name
        text = f" --requirement {self.requirement.id}"
        if (not decoder.builtin or target.startswith("exec:")) and not target.startswith("run:"):
            text += "" if decoder.accepts == "chunks" else f" --accepts {decoder.accepts}"
            text += "" if decoder.yields == "text" else f" --yields {decoder.yields}"
            chosen = decoder.envelope != "sagemaker" and not target.startswith("exec:")  # which says so itself
            text += f" --envelope {decoder.envelope}" if chosen else ""
        return f"sliceproof replay {stream} {quoted(target)}{text}"

    @property
    def rerun(self) -> str:
        """What shows a decoder again that a test makes: that test, asked this alone; "" if none makes it."""
        chosen = f"{self.stream.dialect}-{self.requirement.id}-"
        return f"pytest {quoted(self.decoder.test)} -k {quoted(chosen)}" if self.decoder.test else ""

    @property
    def snippet(self) -> str:
        """Plain Python that reproduces it with the decoder's own API; "" if the decoder has none to show.

        Of a client neither what else was asked before or beside it, nor a connection that is reset, can be shown so.
        """
        fault = self.stream.fault
        reset = fault is not None and fault.kind is FaultKind.SOURCE_ERROR
        if self.decoder.accepts == "endpoint" and (reset or not self.requirement.alone):
            return ""
        return snippet(self.decoder, self.stream, self.broken.mode)


def snippet(decoder: Decoder, stream: Stream, mode: str) -> str:
    """Plain Python that calls *decoder* by its own API on the stream's bytes."""
    if decoder.code is None:
        return ""
    raised = stream.fault.raised if stream.fault is not None and stream.fault.kind is FaultKind.SOURCE_ERROR else None
    fed: Sequence[Any] = stream.chunks if decoder.reads_wire else stream.parts if raised is None else stream.whole_parts
    if not decoder.reads_wire and stream.format.framing.by_message:
        fed = feed_of(decoder, stream).items  # Bedrock's events, or their records
    if sum(len(each if isinstance(each, bytes) else repr(each)) for each in fed) > 20_000:
        text = f"chunks = []  # {len(fed)} chunks: `sliceproof explain` shows them"
    else:
        text = "\n".join(["chunks = [", *(f"    {chunk!r}," for chunk in fed), "]"])
    code = decoder.code(stream, mode)
    if decoder.accepts == "events" and not stream.format.framing.by_message:
        text = text.replace("chunks = [", "parts = [", 1)
        text += '\nchunks = [{"PayloadPart": {"Bytes": part}} for part in parts]'
    if not decoder.reads_wire and stream.fault is not None and stream.fault.kind is FaultKind.EXCEPTION:
        error = boto3_error(stream.fault.name, stream.fault.message, stream.format)
        text += _RAISING.format(response=error.response, operation=error.operation_name)
    if raised is not None and decoder.accepts != "endpoint":
        text += _BREAKING.format(error=type(raised).__name__, arguments=", ".join(map(repr, raised.args)))
    return code.replace("CHUNKS", text)


_BREAKING = """


def breaking(items):
    from http.client import IncompleteRead  # noqa: F401

    yield from items
    raise {error}({arguments})


chunks = breaking(chunks)"""

_RAISING = """


def failing(items):
    from botocore.exceptions import EventStreamError

    yield from items
    raise EventStreamError({response!r}, {operation!r})


chunks = failing(chunks)"""


def breaches_by_mode(requirement: Requirement, decoder: Decoder, stream: Stream) -> dict[str, str]:
    """What each way of calling the decoder makes of a stream, in one line each."""
    shown = {}
    for mode in decoder.modes:
        outcome = requirement.trial(decoder, mode, stream)
        channels = bool(stream.deltas) and decoder.yields == "deltas"
        got = in_words(texts(outcome.deltas)) if channels else shortened(joined(outcome, decoder.compared))
        ends = {"end": "", "hang": ", and never the end"}.get(outcome.ended)
        shown[mode] = got + (f", then {described(outcome.error)}" if ends is None else ends)
    return shown


def first_difference(broken: Broken, yields: str) -> str:
    """Where got and expected part, as code points; "" where text is not what differs."""
    if yields == "deltas" and broken.breach.expected == in_words(texts(broken.stream.deltas)):
        due, came = texts(broken.stream.deltas), texts(broken.outcome.deltas)
        wrong = [channel for channel in due if not same(channel, due[channel], came.get(channel, ""))]
        told = wrong and len(due) == len(came)
        return _parting(f" of {wrong[0]}", due[wrong[0]], came.get(wrong[0], "")) if told else ""
    if yields != "text" or broken.breach.expected != shortened(broken.stream.text):
        return ""
    expected, got = broken.stream.text, joined(broken.outcome, yields)
    return _parting("", expected, got) if expected != got else ""


def _parting(where: str, expected: str, got: str) -> str:
    at = bisect_left(range(1, min(len(expected), len(got)) + 1), True, key=lambda n: expected[:n] != got[:n])
    wanted = code_point(expected[at]) if at < len(expected) else "the end"
    came = code_point(got[at]) if at < len(got) else "the end"
    return f"at character {at}{where}: expected {wanted}, got {came}"
