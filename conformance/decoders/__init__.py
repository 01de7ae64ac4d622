"""Decoders that can be named: one adapter a module, imported only when it is asked for."""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from sliceproof.conformance.decoder import Decoder


class Known(NamedTuple):
    """A registered decoder: the module that has its `decoder()`, and what it is in a few words."""

    module: str
    about: str
    extra: str = ""

    def load(self) -> Decoder:
        """The adapter; ImportError if what it adapts is not installed."""
        factory: Callable[[], Decoder] = import_module(f"{__name__}.{self.module}").decoder
        return factory()


DECODERS: dict[str, Known] = {
    "reference": Known("reference", "sliceproof's own: incremental, bounded, sync and async"),
    "botocore": Known("botocore", "EventStreamBuffer and EventStream of the AWS SDK: messages, not text"),
    "litellm": Known(
        "litellm", "AWSEventStreamDecoder, sync and async, completion and messages API", "sliceproof[litellm]"
    ),
}
