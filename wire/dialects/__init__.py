"""The formats in which containers behind SageMaker endpoints, and models behind Bedrock, write a completion.

`DIALECTS` are those of containers, `BEDROCK` those of Bedrock's event stream; `dialect(id)` looks one up; `encode`
writes a body and `reader` reads one back as its bytes come.
"""

from difflib import get_close_matches

from sliceproof.wire.dialects.anthropic import ANTHROPIC_SSE
from sliceproof.wire.dialects.bedrock import BEDROCK as _BEDROCK
from sliceproof.wire.dialects.cohere import COHERE_SSE
from sliceproof.wire.dialects.delta import Delta
from sliceproof.wire.dialects.dialect import Body, Dialect, Framing, Record, UnknownDialectError
from sliceproof.wire.dialects.djl import DJL_3P, DJL_JSON, DJL_JSONLINES, DJL_OUTPUTS, DJL_SSE
from sliceproof.wire.dialects.framing import encode
from sliceproof.wire.dialects.openai import LMI_JSONLINES, OPENAI_SSE, OPENAI_TEXT_SSE
from sliceproof.wire.dialects.others import LLAMA_CPP_SSE, TEXT, TRITON_SSE
from sliceproof.wire.dialects.own import own
from sliceproof.wire.dialects.reader import (
    BodyError,
    ModelError,
    Reader,
    RecordError,
    UnfinishedError,
    delta_reader,
    reader,
)
from sliceproof.wire.dialects.responses import RESPONSES_SSE
from sliceproof.wire.dialects.style import PLAIN, Style
from sliceproof.wire.dialects.tgi import TGI_SSE

__all__ = [
    "BEDROCK",
    "DIALECTS",
    "PLAIN",
    "Body",
    "BodyError",
    "Delta",
    "Dialect",
    "Framing",
    "ModelError",
    "Reader",
    "Record",
    "RecordError",
    "Style",
    "UnfinishedError",
    "UnknownDialectError",
    "delta_reader",
    "dialect",
    "encode",
    "read_back",
    "reader",
]


BEDROCK: dict[str, Dialect] = {dialect_.id: dialect_ for dialect_ in _BEDROCK}


class _Registry(dict[str, Dialect]):
    """Containers'; one of Bedrock's, or of somebody's own, `module:NAME`, is found too and is none of those listed."""

    def __missing__(self, name: str) -> Dialect:
        if name in BEDROCK:
            return BEDROCK[name]
        if ":" not in name:
            raise KeyError(name)
        if name not in _OWN:
            _OWN[name] = own(name)
        return _OWN[name]


_OWN: dict[str, Dialect] = {}

DIALECTS: dict[str, Dialect] = _Registry(
    (dialect_.id, dialect_)
    for dialect_ in (
        TGI_SSE,
        OPENAI_SSE,
        OPENAI_TEXT_SSE,
        DJL_OUTPUTS,
        DJL_JSON,
        DJL_JSONLINES,
        DJL_SSE,
        LMI_JSONLINES,
        DJL_3P,
        TRITON_SSE,
        TEXT,
        ANTHROPIC_SSE,
        LLAMA_CPP_SSE,
        RESPONSES_SSE,
        COHERE_SSE,
    )
)


def dialect(id_: str) -> Dialect:
    """The dialect called *id_*; UnknownDialectError names the nearest if there is none."""
    known = (*DIALECTS, *BEDROCK)
    if id_ in known or ":" in id_:
        return DIALECTS[id_]
    near = get_close_matches(id_, known, 1, 0.4)
    hint = f"did you mean {near[0]}?" if near else "there are: " + ", ".join(known) + "; or module:NAME of your own"
    raise UnknownDialectError(f"unknown dialect {id_!r}: {hint}")


def read_back(dialect: Dialect, body: bytes) -> list[str]:
    """The text deltas of a whole *body*; BodyError or ModelError as its reader raises them."""
    incremental = reader(dialect)
    return [*incremental.feed(body), *incremental.close()]
