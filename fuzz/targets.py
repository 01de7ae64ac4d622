"""The registry of targets: what `sliceproof fuzz` takes, and a line that says what each does."""

from importlib import import_module
from typing import Any, NamedTuple

from sliceproof.fuzz.target import Options, Target


class Known(NamedTuple):
    """A target: its class in its module, and what it does."""

    module: str
    kind: str
    about: str

    def made(self, options: Options) -> Target:
        """The target; TargetError if a decoder cannot be loaded or is of the wrong kind."""
        made: Any = getattr(import_module(f"sliceproof.fuzz.{self.module}"), self.kind)(options)
        return made  # type: ignore[no-any-return]


TARGETS = {
    "messages": Known("fuzz_messages", "Messages", "wires of any bytes, checksums kept right, against our codec"),
    "headers": Known("fuzz_headers", "Headers", "header blocks of any bytes, against our codec"),
    "records": Known("fuzz_records", "Records", "bodies of any bytes, our own readers against each other"),
    "streams": Known("fuzz_streams", "Streams", "whole streams, as MIX draws them, through a decoder"),
}
