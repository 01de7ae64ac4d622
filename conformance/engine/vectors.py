"""Streams of a frozen set as one JSON file that needs nothing of ours: what a decoder is fed, and what must come out.

Which streams stand in it was chosen by measuring (`tools/choose.py`) and is kept beside the set, the most telling
first. A vector asks no more than its requirement does: a stream on which that leaves a choice says so, or is left out.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from typing import Any

from sliceproof import __version__
from sliceproof.conformance.engine.case_argument import parse
from sliceproof.conformance.engine.frozen import ConformanceError, demanded
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.feeds import feed_of
from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.channels import content_alone
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.corpus import Case
from sliceproof.corpus.runs import pieces
from sliceproof.profiles import frozen_set
from sliceproof.wire.dialects import Framing
from sliceproof.wire.dialects.delta import CONTENT, TOOL_CALL
from sliceproof.wire.faults import FaultKind
from sliceproof.wire.stream import Stream

FORMAT, VERSION = "sliceproof-vector-file", 1
_SOUND = (judge.lossless, judge.exactly, content_alone)
_FAULTY = (judge.raises, judge.raises_inside, judge.prompt, judge.tells)
_ALWAYS_AN_ERROR = {
    *(FaultKind.EXCEPTION, FaultKind.ERROR_RECORD, FaultKind.TRUNCATED, FaultKind.CORRUPT, FaultKind.SOURCE_ERROR)
}
_OF_A_BODY = Decoder("http", {}, None, envelope="http")


def expressible(requirement: Requirement) -> bool:
    """Whether a stream and what comes of it can tell: no consumer, clock, second stream or channel is needed."""
    of_text = requirement.judge is content_alone or not (requirement.unclaimed or requirement.layer == "deltas")
    alone = requirement.compare is None and of_text
    driven = requirement.trial is drive or requirement.judge is judge.tells
    return requirement.id == "PLAIN" or (alone and driven and requirement.judge in (*_SOUND, *_FAULTY))


def vector(requirement: Requirement, stream: Stream, envelope: str = "") -> dict[str, Any] | None:
    """The vector of a stream, in the dialect's own envelope or in `http`; None where none can tell what is asked."""
    if not _tells(requirement, stream) or (envelope == "http" and not _fits_a_body(requirement, stream)):
        return None
    case, fault = Case(requirement.id, requirement.title, stream), stream.fault
    error = case.expected.error
    if (error is not None) != (requirement.judge in _FAULTY):
        return None
    fed = list(feed_of(_OF_A_BODY, stream).items) if envelope == "http" else stream.chunks
    due = fault is None or (requirement.judge is judge.prompt and stream.format.framing is not Framing.DOCUMENT)
    text = case.expected.text if due else ""  # what comes before an error is the business of T3 alone
    fields: dict[str, Any] = {
        "id": f"{case.name}{'-http' if envelope == 'http' else ''}",
        "requirement": requirement.id,
        "level": requirement.level,
        "why": requirement.rule,
        "dialect": stream.dialect,
        "envelope": envelope or ("bedrock" if stream.format.framing.by_message else "sagemaker"),
        "wire": [[data, times] for data, times in pieces(fed)],
        "chunks": [len(chunk) for chunk in fed],
        "text": text,
        "error": None,
    }
    if requirement.judge is judge.lossless and text and stream.format.repeats_in(stream.style.form):
        fields["or"] = text * 2
    if error is not None:
        assert fault is not None
        says = {"says": fault.message} if requirement.judge is judge.tells else {}
        fields["error"] = {"kind": error["kind"], **says}
    return fields


def _tells(requirement: Requirement, stream: Stream) -> bool:
    """Whether what is asked on a stream is one thing, which text and error can tell."""
    fault = stream.fault
    if stream.style.special and stream.format.special:
        return False
    if stream.deltas and not (requirement.judge is content_alone and _has_one_text(stream)):
        return False
    if fault is None:
        return requirement.judge in _SOUND
    if requirement.judge is judge.prompt and fault.kind not in _ALWAYS_AN_ERROR:
        return False
    if requirement.judge is judge.tells and stream.dialect == "djl-json":
        return False
    if fault.kind is FaultKind.TRUNCATED and fault.at in (0, *stream.frame_stops):
        return False
    return requirement.judge in _FAULTY and not judge.whole_before_fault(stream, "".join(stream.tokens))


def _has_one_text(stream: Stream) -> bool:
    """Whether its text is what M9 takes and nothing else: a client may show reasoning in its place."""
    return all(delta.kind in (CONTENT, TOOL_CALL) and not delta.choice for delta in stream.deltas)


def _fits_a_body(requirement: Requirement, stream: Stream) -> bool:
    return not requirement.wire and not stream.format.framing.by_message and _OF_A_BODY.can_be_fed(stream)


def wrong(vector: Mapping[str, Any], text: str, error: str | None) -> str:
    """What is wrong with what came of a vector, or ""; *error* is the text of the exception, None without one."""
    wanted = vector["error"]
    if wanted is None:
        if error is not None:
            return f"an error where none is due: {error}"
        return "" if text in (vector["text"], vector.get("or")) else f"{text!r} in the place of {vector['text']!r}"
    if error is None:
        return f"no error, where {wanted['kind']} is one"
    if not text.startswith(vector["text"]):
        return f"{text!r} before the error, where {vector['text']!r} is due"
    return "" if wanted.get("says", "") in error else f"the error does not say {wanted['says']!r}"


def chosen(name: str) -> list[tuple[str, Stream]]:
    """The requirement and the stream of each vector of a set, the most telling first."""
    file = files("sliceproof.profiles").joinpath(f"{name}.vectors.json")
    return [(id_, parse(stream)) for id_, stream in json.loads(file.read_text("utf-8"))["vectors"]]


def vectors(name: str, dialects: Collection[str] = (), envelope: str = "") -> Iterator[dict[str, Any]]:
    """The vectors of a set, of these dialects or of all, the most telling first."""
    asked = {requirement.id: requirement for requirement in demanded(frozen_set(name))}
    for id_, stream in chosen(name):
        if not dialects or stream.dialect in dialects:
            found = vector(asked[id_], stream, envelope)
            if found is not None:
                yield found


def written(name: str, found: Iterator[dict[str, Any]], most: int) -> tuple[str, int, int]:
    """The file of those vectors that fit into *most* bytes: its text, how many are in it, and how many are not."""
    head = {"format": FORMAT, "version": VERSION, "conformance": name, "sliceproof": __version__}
    begin = json.dumps(head, separators=(",", ":"))[:-1] + ',"vectors":[\n'
    lines, size, left = list[str](), len(begin) + len("\n]}\n"), 0
    for each in found:
        line = json.dumps(each, ensure_ascii=True, separators=(",", ":"))
        if size + len(line) + 2 > most:
            left += 1
        else:
            lines.append(line)
            size += len(line) + 2
    if not lines:
        raise ConformanceError(f"no vector of {name} fits into {most:,} bytes, or none is asked for")
    return begin + ",\n".join(lines) + "\n]}\n", len(lines), left
