"""The differential of the framing as a part of docs/matrix.md: specimens by decoder, and where decoders differ."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from matrix.record import Matrix
from sliceproof.wire.specimens import FAMILIES, SPECIMENS, Specimen

TOLD = """Malformed and borderline messages ([wire/specimens.py](../wire/specimens.py)), each before a sound one, or
after it at the end of the wire. *spec* is what Smithy's `amazon-eventstream` specification says of a reader: accept,
refuse, or open where it does not say. Of checksums alone it says that the stream must end; what its grammar has no
place for counts as refuse. Sizes of header block and payload it tells clients not to check: who has a limit there
refuses what it need not.

- *accepted*: it is given, and so is the sound one; a class of error: it raises
- *silent*: it is not given, nothing is said, and the sound one is given; *lost*: neither is
- *accepted, then*: it is given, and the sound one fails; "a byte a chunk" stands where the cuts make a difference
- an event stream raises at an exception or an error message, as it should; the codecs below it give all messages
- `messages.mjs` finds where a message ends by itself, gives @smithy/eventstream-codec whole ones, and decodes UTF-8 for
  it: what it does with lengths, ends, trailing bytes and UTF-8 is the example's doing. `events.mjs` is all the SDK's
- *not asked*: no line of a child process may hold so long a payload"""

NAMES = {
    "exec:node examples/node/messages.mjs": "@smithy/ eventstream-codec",
    "exec:node examples/node/events.mjs": "@aws-sdk/ client-sagemaker-runtime",
}


class Column(NamedTuple):
    """One way of reading the framing."""

    name: str
    version: str
    reactions: dict[str, str]


def section(matrix: Matrix) -> Iterator[str]:
    """The blocks of the page; none if no framing was read."""
    columns = list(_columns(matrix))
    if not columns:
        return
    yield "## Framing: malformed and borderline messages"
    yield TOLD
    for family, specimens in groupby(SPECIMENS, key=lambda specimen: specimen.family):
        yield f"### {FAMILIES[family][0].upper()}{FAMILIES[family][1:]}"
        rows = list(_rows(list(specimens), columns))
        yield _table(("specimen", "spec", *(f"{column.name} {column.version}" for column in columns)), rows)
    yield "### Where they differ"
    yield _differing(columns)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ("---",) * len(head), *rows))


def _columns(matrix: Matrix) -> Iterator[Column]:
    for environment in matrix.environments:
        for decoder in environment.decoders:
            name = NAMES.get(decoder.target, decoder.target)
            for framed in decoder.framing:
                text = f"{name} {framed.mode}" if len(decoder.framing) > 1 else name
                yield Column(text, decoder.version, framed.reactions)


def _rows(specimens: list[Specimen], columns: list[Column]) -> Iterator[tuple[str, ...]]:
    """A row each; truncated ones that all take alike are one row."""
    for (truncated, _, cells), group in groupby(
        specimens, key=lambda specimen: (_is_cut(specimen), specimen.expected, _cells(specimen, columns))
    ):
        same = list(group)
        if not truncated:
            for specimen in same:
                yield f"`{specimen.name}`: {specimen.about}", specimen.expected, *cells
            continue
        first, last = same[0].name, same[-1].name.partition("-")[2]
        name = (
            f"`{first}`" if len(same) == 1 else f"`{first}` to `{last}`: the wire ends after so many bytes of a message"
        )
        yield name, same[0].expected, *cells


def _is_cut(specimen: Specimen) -> bool:
    return specimen.name.startswith("truncated-")


def _cells(specimen: Specimen, columns: list[Column]) -> tuple[str, ...]:
    return tuple([_cell(column.reactions.get(specimen.name, "")) for column in columns])


def _cell(text: str) -> str:
    """A reaction in few words: of an error its class."""
    return (
        text.replace("accepted, then error ", "accepted, then ").removeprefix("error ").replace(": error ", ": ") or "–"
    )


def _differing(columns: list[Column]) -> str:
    """The specimens that some take and others do not, by what the specification says."""
    names_by_answer: dict[str, list[str]] = {"refuse": [], "accept": [], "open": []}
    for specimen in SPECIMENS:
        taken = {_taken(reaction) for column in columns if (reaction := column.reactions.get(specimen.name))}
        if len(taken - {"not asked"}) > 1 and not _is_cut(specimen):
            names_by_answer[specimen.expected].append(f"`{specimen.name}`")
    lines = {
        "refuse": "what the format has no place for, and some accept or pass over",
        "accept": "what a client is to accept, and some refuse or pass over",
        "open": "the specification is silent, and they differ",
    }
    return "\n".join(
        f"- {lines[expected]} ({len(names)}): {', '.join(names) or 'none'}"
        for expected, names in names_by_answer.items()
    )


def _taken(reaction: str) -> str:
    """Accepted, refused, passed over, or not asked."""
    first = reaction.partition(";")[0]
    for word in ("accepted", "error", "not asked"):
        if first.startswith(word):
            return word
    return "silent"
