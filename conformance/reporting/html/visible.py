"""Text that may be anything, in pieces that a page can show: as it is, or as the code points that cannot be seen."""

import unicodedata
from typing import NamedTuple

MOST = 4000  # characters


class Piece(NamedTuple):
    """`text` as it is, or in its place the code point that has a `name`."""

    text: str
    name: str = ""


def visible(text: str) -> list[Piece]:
    """The pieces of a text, of which each code point that nobody can see is one."""
    pieces: list[Piece] = []
    plain: list[str] = []
    for character in text[:MOST]:
        if _is_seen(character):
            plain.append(character)
            continue
        if plain:
            pieces.append(Piece("".join(plain)))
            plain = []
        pieces.append(Piece(f"U+{ord(character):04X}", unicodedata.name(character, "a code point without a name")))
    if plain:
        pieces.append(Piece("".join(plain)))
    if len(text) > MOST:
        pieces.append(Piece("…", f"{len(text) - MOST:,} characters more"))
    return pieces


def _is_seen(character: str) -> bool:
    return character.isprintable() and not unicodedata.combining(character)
