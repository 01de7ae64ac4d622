"""sliceproof: proves that decoders of SageMaker response streams lose nothing, wherever the bytes are cut.

The names here are the stable ones: a change of them is announced in the changelog. Each is imported when it is
first asked for, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sliceproof.conformance.decoders.reference import adecode, decode
    from sliceproof.conformance.decoders.shapes import decoder
    from sliceproof.conformance.reporting.checked import Checked, check
    from sliceproof.strategies.streams import streams
    from sliceproof.wire.dialects.delta import Delta, openai_deltas
    from sliceproof.wire.dialects.dialect import Dialect, Framing, Reading
    from sliceproof.wire.dialects.errors import ModelError
    from sliceproof.wire.stream import Stream

__version__ = "0.1.0"
__all__ = [
    "Checked",
    "Delta",
    "Dialect",
    "Framing",
    "ModelError",
    "Reading",
    "Stream",
    "__version__",
    "adecode",
    "check",
    "decode",
    "decoder",
    "openai_deltas",
    "streams",
]

_MODULES = {
    "Checked": "conformance.reporting.checked",
    "Delta": "wire.dialects.delta",
    "Dialect": "wire.dialects.dialect",
    "Framing": "wire.dialects.dialect",
    "ModelError": "wire.dialects.errors",
    "Reading": "wire.dialects.dialect",
    "Stream": "wire.stream",
    "adecode": "conformance.decoders.reference",
    "check": "conformance.reporting.checked",
    "decode": "conformance.decoders.reference",
    "decoder": "conformance.decoders.shapes",
    "openai_deltas": "wire.dialects.delta",
    "streams": "strategies.streams",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
