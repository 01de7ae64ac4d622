"""Runs a target under atheris in this process: for scripts that libFuzzer's flags reach, and for `sliceproof fuzz`.

    SLICEPROOF_FUZZ='{"decoders": ["litellm"]}' python fuzz/fuzz_streams.py -runs=10000 inputs/

What to try comes in that variable and not in flags, because libFuzzer starts the script again for -fork,
-merge and -minimize_crash and hands on its own flags alone.
"""

import os
import sys
from pathlib import Path
from shlex import quote
from typing import NoReturn

import msgspec

from sliceproof.fuzz.instrumenting import instrument
from sliceproof.fuzz.mutation import repaired
from sliceproof.fuzz.target import Options
from sliceproof.fuzz.targets import TARGETS
from sliceproof.fuzz.triage import Hunt
from sliceproof.wire.errors import SliceproofError

OPTIONS, FOLDER = "SLICEPROOF_FUZZ", "SLICEPROOF_FOUND"


def script(name: str, path: str) -> NoReturn:
    """What a target's file does when it is run: fuzz until libFuzzer ends the process."""
    again = quote(sys.executable) if getattr(sys, "frozen", False) else f"{quote(sys.executable)} {quote(path)}"
    try:
        options = msgspec.json.decode(os.environ.get(OPTIONS, "{}"), type=Options)
        target = TARGETS[name].made(options)
    except (msgspec.MsgspecError, SliceproofError) as error:
        sys.exit(f"{OPTIONS}: {error}" if isinstance(error, msgspec.MsgspecError) else str(error))
    folder = os.environ.get(FOLDER)
    hunt = Hunt(target, Path(folder) if folder else None, options.known)
    fuzz(hunt, [again, *sys.argv[1:]], options.repair)
    raise AssertionError("libFuzzer ends the process itself")


def fuzz(hunt: Hunt, argv: list[str], repair: bool) -> None:
    """Hand inputs to *hunt*; *argv* is what libFuzzer reads."""
    import atheris

    target = hunt.target
    modules = [*target.modules, *(name for decoder in target.decoders for name in decoder.modules)]
    print(f"INFO: {instrument(modules)} functions tell where they go, of {', '.join(dict.fromkeys(modules))}")
    if target.mutates and repair:

        def mutate(data: bytes, most: int, seed: int) -> bytes:
            return repaired(data, most, seed, atheris.Mutate)

        atheris.Setup(argv, hunt, custom_mutator=mutate)
    else:
        atheris.Setup(argv, hunt)
    atheris.Fuzz()
