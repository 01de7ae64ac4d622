"""What `sliceproof export --conformance` does: one file of vectors, to be kept beside the tests of any project."""

import re

import click

from sliceproof.conformance.engine.options import OptionError
from sliceproof.conformance.engine.vectors import vectors, written
from sliceproof.conformance.harness.outlet import file_to_write, write
from sliceproof.profiles import frozen_set
from sliceproof.wire.dialects import dialect

_UNITS = {"": 1, "k": 1000, "m": 1_000_000}


def vendored(file: str, name: str, max_bytes: str, dialects: tuple[str, ...], envelope: str) -> None:
    """Write the vectors of a set that fit, the most telling first, and say what was left out."""
    if envelope not in ("", "http"):
        raise OptionError(f"--envelope {envelope!r} is not http; without it each dialect is in its own envelope")
    most, path, frozen = _bytes(max_bytes), file_to_write(file), frozen_set(name)
    asked = {dialect(each).id for each in dialects}
    if other := sorted(asked - {*frozen.dialects}):
        raise OptionError(f"conformance {name} does not have the dialect {other[0]}")
    file_of = written(name, vectors(name, asked, envelope), most)
    write(path, file_of.text)
    told = f"wrote {file_of.kept} vectors of {name}, {len(file_of.text):,} bytes, to {file}"
    if file_of.left:
        told += f"; {file_of.left} more did not fit into {max_bytes} (--max-bytes, --dialect)"
    if file_of.without:
        told += f": none is left of {', '.join(file_of.without)}"
    click.echo(told)


def _bytes(text: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,9})([km]?)b?", text.lower())
    if found is None:
        raise OptionError(f"--max-bytes {text!r} is no number of bytes, as 500k or 2M are")
    return int(found[1]) * _UNITS[found[2]]
