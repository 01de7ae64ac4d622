"""The dialects in which a decoder that claims none is judged."""

from sliceproof.conformance.harness.contract import ACCEPTS, Decoder, TargetError
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements.judge import described
from sliceproof.wire.dialects import BEDROCK, DIALECTS
from sliceproof.wire.stream import Stream


def dialects_read(decoder: Decoder) -> tuple[list[str], dict[str, str]]:
    """The dialects in which a decoder that claims none gives back a plain stream, and what became of the others."""
    read, others = [], {}
    for id_ in BEDROCK if decoder.envelope == "bedrock" else DIALECTS:
        stream = Stream(id_, ("x", "y", "Hello"))
        outcome = drive(decoder, next(iter(decoder.modes)), stream)
        if outcome.pulls == 0 and isinstance(outcome.error, TypeError | AttributeError):
            body = decoder.envelope == "http" and decoder.accepts == "chunks"
            what = "bytes of the HTTP response body, without an event stream" if body else ACCEPTS[decoder.accepts]
            given = f"{'' if decoder.accepts == 'endpoint' else 'an iterable of '}{what}"
            raise TargetError(
                f"{decoder.name} fails before it asks for a chunk ({described(outcome.error)}); "
                f"it is given {given}; say with --accepts if it takes something else"
            )
        text = "".join(outcome.items) if decoder.compared == "text" else ""
        if decoder.compared != "text" or _held_in(stream.text, text):
            read.append(id_)
        else:
            error = outcome.error
            others[id_] = f"raised {described(error)}" if error else f"gave {text!r}"
    return read, others


def _held_in(expected: str, got: str) -> bool:
    """Whether *got* holds the text, with perhaps some of it twice, and is not simply the whole body."""
    rest = iter(got)
    return len(got) <= 4 * len(expected) and all(any(character == other for other in rest) for character in expected)
