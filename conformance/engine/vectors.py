"""Streams of a frozen set as one JSON file that needs nothing of ours: what a decoder is fed, and what must come out.

Which streams stand in it was chosen by measuring (`tools/choose.py`) and is kept beside the set, the most telling
first. A vector asks no more than its requirement does: a stream on which that leaves a choice says so, or is left out.
"""

import base64
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, NamedTuple

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
        "chunks": [base64.b64encode(chunk).decode() for chunk in fed],
        "text": text,
        "error": None if error is None else error["kind"],
    }
    if requirement.judge is judge.lossless and text and stream.format.repeats_in(stream.style.form):
        fields["or"] = text * 2
    if fault is not None and requirement.judge is judge.tells:
        fields["says"] = fault.message
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
    if vector["error"] is None:
        if error is not None:
            return f"an error where none is due: {error}"
        return "" if text in (vector["text"], vector.get("or")) else f"{text!r} in the place of {vector['text']!r}"
    if error is None:
        return f"no error, where {vector['error']} is one"
    if not text.startswith(vector["text"]):
        return f"{text!r} before the error, where {vector['text']!r} is due"
    return "" if vector.get("says", "") in error else f"the error does not say {vector['says']!r}"


def chosen(name: str, requirement: str = "") -> list[tuple[str, Stream]]:
    """The requirement and the stream of each vector of a set, or of one requirement; the most telling first."""
    file = files("sliceproof.profiles").joinpath(f"{name}.vectors.json")
    found = json.loads(file.read_text("utf-8"))["vectors"]
    return [(id_, parse(stream)) for id_, stream in found if requirement in ("", id_)]


def vectors(name: str, dialects: Collection[str] = (), envelope: str = "") -> Iterator[dict[str, Any]]:
    """The vectors of a set, of these dialects or of all, the most telling first."""
    asked = {requirement.id: requirement for requirement in demanded(frozen_set(name))}
    for id_, stream in chosen(name):
        if not dialects or stream.dialect in dialects:
            found = vector(asked[id_], stream, envelope)
            if found is not None:
                yield found


def schema() -> Any:
    """The JSON Schema of the file."""
    return json.loads(files(__package__).joinpath("vectors.schema.json").read_text("utf-8"))


class Written(NamedTuple):
    """A file of vectors: its text, how many are in it, how many did not fit, and which requirements so have none."""

    text: str
    kept: int
    left: int
    without: tuple[str, ...]


def written(name: str, found: Iterable[dict[str, Any]], most: int) -> Written:
    """The file of those vectors that fit into *most* bytes, each behind those whose failure explains its own."""
    head = {"format": FORMAT, "version": VERSION, "conformance": name, "sliceproof": __version__}
    begin = json.dumps(head, separators=(",", ":"))[:-1] + ',"vectors":[\n'
    lines, size, left = list[tuple[str, str]](), len(begin) + len("\n]}\n"), list[str]()
    for each in found:
        line = json.dumps(each, ensure_ascii=True, separators=(",", ":"))
        if size + len(line) + 2 > most:
            left.append(each["requirement"])
        else:
            lines.append((each["requirement"], line))
            size += len(line) + 2
    if not lines:
        raise ConformanceError(f"no vector of {name} fits into {most:,} bytes, or none is asked for")
    order = roots_first(demanded(frozen_set(name)))
    lines.sort(key=lambda each: order.index(each[0]))
    without = {*left} - {id_ for id_, _ in lines}
    text = begin + ",\n".join(line for _, line in lines) + "\n]}\n"
    return Written(text, len(lines), len(left), tuple(id_ for id_ in order if id_ in without))


def roots_first(asked: Iterable[Requirement]) -> list[str]:
    """Their ids, each behind those whose breach explains its own, so that the first that fails is the root.

    Who loses the beginning of an answer fails wherever one is short; who swallows an error gives no text before it.
    """
    by_id, order = {requirement.id: requirement for requirement in asked}, dict[str, None]()

    def put(id_: str, above: tuple[str, ...] = ()) -> None:
        if id_ in by_id and id_ not in order and id_ not in above:
            for contained in by_id[id_].contains:
                put(contained, (*above, id_))
            order[id_] = None

    late = [id_ for id_, requirement in by_id.items() if requirement.judge is judge.prompt]
    for id_ in ("PLAIN", "G1", *(id_ for id_ in by_id if id_ not in late), *late):
        put(id_)
    return list(order)
