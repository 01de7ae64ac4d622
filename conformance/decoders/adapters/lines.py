"""The line iterators of several packages: one idea, copied from one place, so one adapter.

All take boto3's event stream and give the lines of the body, as AWS's launch post of response
streaming showed (2023-09-01). What is in a line is the caller's business, so every dialect that
ends its records with a line feed is claimed.
"""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.invocation import code, event_stream, output_shape
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.dialects import DIALECTS

BY_LINE = tuple(dialect.id for dialect in DIALECTS.values() if dialect.framing.by_line)


def line_decoder(name: str, distribution: str, iterator: Callable[[Any], Any], dialects: tuple[str, ...]) -> Decoder:
    """The adapter of a class that is made with an event stream and iterates over lines."""
    imports = f"from {iterator.__module__} import {iterator.__name__}"
    use = f"for line in {iterator.__name__}(body):\n    print(line)"
    output_shape()  # loaded now, so that no run waits for it
    return Decoder(
        name,
        {"sync": Mode(lambda dialect, form: lambda chunks: iterator(event_stream(chunks)))},
        dialects,
        yields="lines",
        version=lambda: version(distribution),
        code=lambda stream, mode: code(imports, use),
        builds_on=("botocore",),
        modules=(iterator.__module__,),
    )
