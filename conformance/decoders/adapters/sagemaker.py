"""The SageMaker Python SDK's iterators: `sagemaker.iterators` in version 2, `sagemaker.core.iterators` since 3."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.invocation import code, event_stream, output_shape
from sliceproof.conformance.decoders.adapters.lines import BY_LINE, line_decoder
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.dialects import DIALECTS


def lines() -> Decoder:
    """LineIterator of version 2; ImportError if it is not installed."""
    from sagemaker.iterators import LineIterator

    return line_decoder("sagemaker", "sagemaker", LineIterator, BY_LINE)


def parts() -> Decoder:
    """ByteIterator of version 2."""
    from sagemaker.iterators import ByteIterator

    return _part_decoder("sagemaker-bytes", "sagemaker", ByteIterator)


def core_lines() -> Decoder:
    """LineIterator of sagemaker-core; ImportError if it is not installed."""
    from sagemaker.core.iterators import LineIterator

    return line_decoder("sagemaker-core", "sagemaker-core", LineIterator, BY_LINE)


def core_parts() -> Decoder:
    """ByteIterator of sagemaker-core."""
    from sagemaker.core.iterators import ByteIterator

    return _part_decoder("sagemaker-core-bytes", "sagemaker-core", ByteIterator)


def _part_decoder(name: str, distribution: str, iterator: Callable[[Any], Any]) -> Decoder:
    imports = f"from {iterator.__module__} import {iterator.__name__}"
    use = f"for payload in {iterator.__name__}(body):\n    print(payload)"
    output_shape()  # loaded now, so that no run waits for it
    return Decoder(
        name,
        {"sync": Mode(lambda dialect, form: lambda chunks: iterator(event_stream(chunks)))},
        tuple(DIALECTS),
        yields="messages",
        version=lambda: version(distribution),
        extract=lambda payload: (None, payload),
        code=lambda stream, mode: code(imports, use),
        builds_on=("botocore",),
        modules=(iterator.__module__,),
    )
