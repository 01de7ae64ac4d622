"""Runs inside an environment, with its Python: a plain stream in each dialect, and how the framing is read.

    python inside.py TARGETS FRAMING    (two JSON lists) → JSON on stdout

Everything here comes from the installed wheel; nothing of the repository is imported.
"""

import json
import sys
from importlib.metadata import distributions
from typing import Any

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.differential import ours, reactions
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements.judge import lossless
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.stream import Stream

TOKENS = ("é", " 🎉", "字")


def plain(decoder: Decoder, dialect: str) -> str:
    """A plain stream that *decoder* gives back in all its modes, as the call that makes it; "" if it does not."""
    stream = Stream(dialect, TOKENS)
    outcomes = (drive(decoder, mode, stream) for mode in decoder.modes)
    return repr(stream) if all(lossless(stream, outcome, decoder.compared) is None for outcome in outcomes) else ""


def framed(decoder: Decoder) -> list[dict[str, Any]]:
    """How each mode of *decoder* takes each specimen, and what its errors say."""
    modes: dict[str, dict[str, Any]] = {}
    for reaction in reactions(decoder):
        record = modes.setdefault(reaction.mode, {"mode": reaction.mode, "reactions": {}, "errors": {}})
        record["reactions"][reaction.specimen] = f"{reaction.whole}" + (
            f"; a byte a chunk: {reaction.bytewise}" if reaction.bytewise else ""
        )
        if reaction.whole.message:
            record["errors"][reaction.specimen] = reaction.whole.message
    return list(modes.values())


def main(targets: str, framing: str) -> None:
    """The command."""
    record: dict[str, Any] = {}
    for name in json.loads(targets):
        decoder = load(name)
        dialects = decoder.dialects or tuple(DIALECTS)
        record[name] = {
            "version": decoder.version(),
            "plain": {dialect: plain(decoder, dialect) for dialect in dialects},
            "framing": [],
        }
    for name in json.loads(framing):
        decoder = ours() if name == "sliceproof" else load(name)
        entry = record.setdefault(name, {"version": decoder.version(), "plain": {}})
        entry["framing"] = framed(decoder)
    installed = {distribution.metadata["Name"]: distribution.version for distribution in distributions()}
    print(json.dumps({"decoders": record, "installed": installed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
