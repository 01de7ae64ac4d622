"""Words of letters as bytes, two a letter, for fuzzers that know nothing but bytes.

Every bytes are a word, and every word has bytes that give it back. Half of all codes stand for the first
FAVOURED letters of a table, which tell most; the other half for all of it evenly. A byte that is left over
means nothing.
"""

from collections.abc import Iterable, Sequence

from sliceproof.strategies.letters import Letter
from sliceproof.strategies.text import FAVOURED

EVENLY = 0x80
"""A first byte from here on: the rest of the code counts through the whole table."""

MOST = EVENLY << 8
"""As many letters have codes."""


def word(data: bytes, table: Sequence[Letter], longest: int) -> list[Letter]:
    """The word of at most *longest* letters that *data* stands for; the table's first letter if it stands for none.

    >>> from sliceproof.strategies.letters import letters
    >>> [letter.token for letter in word(b"\\x00\\x01\\x80\\x00", letters("ab"), 12)]
    ['b', 'a']
    """
    codes = zip(data[::2], data[1::2], strict=False)
    favoured = min(FAVOURED, len(table))
    found = [
        table[second % favoured if first < EVENLY else ((first - EVENLY) << 8 | second) % len(table)]
        for (first, second), _ in zip(codes, range(longest), strict=False)
    ]
    return found or [table[0]]


def data(letters: Iterable[Letter], table: Sequence[Letter]) -> bytes:
    """Bytes that stand for a word of the table's letters; ValueError for another letter, or a table too long."""
    if len(table) > MOST:
        raise ValueError(f"the table has {len(table):,} letters; {MOST:,} have codes")
    numbers = [table.index(letter) for letter in letters]
    return b"".join([(at if at < FAVOURED else EVENLY << 8 | at).to_bytes(2) for at in numbers])
