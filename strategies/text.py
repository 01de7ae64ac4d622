"""Text as models write it, and as decoders break on it: one draw a text, whatever it is made of.

Guarantees: every text encodes to UTF-8 (no lone surrogate is ever drawn, as no delta holds one); every script
with assigned code points is about as likely as any other, and so is every class of PIECES; a text shrinks to
its fewest, narrowest and most harmless pieces. What this takes from Hypothesis is partly undocumented; the
tests watch over it.

Why it is built so. Hypothesis' cost is paid by the draw, so a list of texts costs several times one text.
Therefore `picks` draws one string whose characters, the letters, each stand for an entry of a table:

- Of more than 256 letters, Hypothesis takes 80 % from the first 256. What breaks decoders stands there, and a
  sample of the world's scripts behind it.
- A letter shrinks towards the table's start, one step at a time where a jump fails. So entries that are alike
  are neighbours: by the bytes of their widest code point, then by class.
- Letters are private-use code points (U+F0000 and up), which Hypothesis orders as they are numbered; from
  U+0000 up, '0' to 'Z' would come first, then '/' down to U+0000. Nor can strings that it collects from
  whatever modules are imported be made of them, so draws do not depend on those.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from random import Random
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from sliceproof.wire.errors import SliceproofError

__all__ = ["PIECES", "TABLE", "UnknownScriptError", "letter_alphabet", "pick", "picks", "scripts", "text"]

T = TypeVar("T")

FAVOURED = 256
"""How many letters Hypothesis spends 80 % of its choices on."""

GOES_ON = 6 / 7
"""How likely one entry more is: where there may be twelve, Hypothesis draws six of them on average."""

SAMPLED = 12
"""How many code points stand for a script at most."""

LEAST_SHARE = 8
"""Letters that a class of PIECES has at least; as many as leave TABLE within the favoured."""

FIRST_LETTER, LAST_LETTER = 0xF0000, 0x10FFFF

# A piece a line would hide the classes.
# fmt: off
PIECES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "plain": ("a", "b", "c", "z", "A", "Z", "0", "1", "9", ".", "ab", "the", " ", " a", " the", ""),
    "two-byte": ("é", "ñ", "ß", "Ω", "я", "ע", "ب", "\u07ff"),
    "three-byte": ("你", " 你", "你好", "好", "한", "あ", "ก", "€", "—", "\u0800", "\uffe6"),
    "four-byte": ("😀", " 😀", "😀😀", "𐍈", "𠀋", "🀄", "\U00010000", "\U0003fffd"),
    "blank": (" ", "  ", "   ", "\t", "\n", "\n\n", " \n", ""),
    "control": (
        "\t", "\n", "\n\n", "\r", "\r\n", "\r\r", "\n\r", "\x00", "\x07", "\x08", "\x0b", "\x0c", "\x1a",
        "\x1b", "\x1b[0m", "\x1c", "\x1d", "\x1e", "\x1f", "\x7f", "\x80", "\x9b", "\x9f",
    ),
    "syntax": (
        '"', '","', '"}', '{"a": 1}', "{", "}", "}{", "[", ",", "\\", "\\n", "\\\\", "\\u0041", "\\ud83d",
        ":", ": ", "\n: c\n\n", "data:", "data: ", "\n\ndata: ", "[DONE]", "data: [DONE]", "event: x",
        "\nid: 1", "<", "</s>", "<|endoftext|>", "&", "&amp;", "%20", "'", "null", "NaN",
    ),
    "line-separator": ("\u2028", "a\u2028", "\u2028\u2029", "\u2029", "\x85", "a\x85"),
    "bom": ("\ufeff", "a\ufeff", "a\ufeffb", "\ufeff\ufeff"),
    "replacement": ("\ufffd", "a\ufffd", "\ufffd\ufffd", "\ufffc"),
    "noncharacter": ("\uffff", "\ufffe", "\ufdd0", "\U0001fffe", "\U0010ffff"),
    "private": ("\ue000", "\uf8ff", "\U00100000", "\U0010fffd"),
    "width": (
        "\xa0", "\xad", "\u200b", "\u200c", "\u2060", "\u3000", "\u2009", "\u180e", "\ufe0e", "\ufe0f",
        "❤\ufe0f", "\U000e0100", "葛\U000e0100",
    ),
    "bidi": (
        "\u061c", "\u200e", "\u200f", "\u202a", "\u202c", "\u202e", "a\u202eb\u202c", "\u2066", "\u2067",
        "\u2068", "\u2069", "\u2067\u0628\u2069 1", "a\u0628", "\u05e9\u05dc",
    ),
    "case": ("ß", "İ", "i\u0307", "ı", "ſ", "ŉ", "ǅ", "\u0390", "ς", "ẞ"),
    "stacked": (
        "\u0301", "q\u0323\u0307", "a\u0302\u0301", "z\u0351\u036b\u0343\u0321\u0324", "\u0e19\u0e49\u0e33",
        "\u0f66\u0f92\u0fb2", "\u0f67\u0f90\u0f71\u0f72",
    ),
    "decomposed": (
        "e\u0301", "A\u030a", "\u212b", "\u2126", "\ufb01", "①", "ｱ", "\u304c", "か\u3099", "\u0958",
        "\u1e9b\u0323",
    ),
    "conjunct": (
        "\u0915", "\u094d", "\u093f", "\u0915\u093f", "\u0915\u094d\u0937", "\u0995\u09cd\u09b7",
        "\u1000\u103b\u103d", "\u1019\u103c\u1014\u103a", "\u0b95\u0bcb", "\u0b95\u0bcd\u0bb7",
        "\u0d4e\u0d15",
    ),
    "jamo": ("\u1100", "\u1161", "\u1100\u1161", "\u11a8", "\u1112\u1161\u11ab", "가\u11a8"),
    "keycap": ("\u20e3", "1\u20e3", "1\ufe0f\u20e3", "#\ufe0f\u20e3"),
    "flag": ("🇯", "🇯🇵", "🇯🇵🇫🇷", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"),
    "skin-tone": ("🏽", "👍🏽", "✋🏿"),
    "zwj": (
        "\u200d", "\u0915\u094d\u200d", "👩\u200d🚀", "👩🏽\u200d🚀", "👩\u200d👩\u200d👧", "🏳\ufe0f\u200d🌈",
    ),
})
# fmt: on
"""Texts that decoders break on, by class: simplest first, each followed by what is made with it.

An empty delta comes last in its class. Sources: the fault taxonomy (U1 to U6, L1, P1 to P4, S1, J2), UAX 9,
UAX 15, UAX 29, UTS 51.
"""


class UnknownScriptError(SliceproofError, ValueError):
    """A script asked for by a name that Unicode does not have."""


def text(script: str | None = None, *, min_size: int = 0, max_size: int | None = None) -> SearchStrategy[str]:
    """Texts of `min_size` to `max_size` code points, by default without an upper bound but short.

    Without `script`, a mix of all that TABLE and `letter_alphabet` hold. With it, text of that script alone:
    code points with its Script property, and the Inherited marks that its text is built with (Arabic vowel
    signs, accents in Latin). Case, spaces, hyphens and underscores in the name do not count.

    Raises UnknownScriptError, a ValueError, that names the nearest scripts.

        >>> from hypothesis import find
        >>> find(text(), lambda drawn: len(drawn.encode()) > len(drawn))
        'é'
    """
    table = _default_table() if script is None else _inventory(_named(script))
    return picks(table, min_size=min_size, max_size=max_size).map(lambda pieces: "".join(pieces)[:max_size])


def picks(table: Sequence[T], *, min_size: int = 0, max_size: int | None = None) -> SearchStrategy[list[T]]:
    """Lists of `min_size` to `max_size` entries of `table`, for the cost of one text draw.

    Shrinks to fewer entries, and each to one that stands earlier. Of a table longer than 256, the first 256
    entries get 80 % of the choices. Raises ValueError for a table that is empty or longer than 131,072.

        >>> from hypothesis import find
        >>> find(picks(["a", "é", "你"]), lambda drawn: len(drawn) > 1 and "é" in drawn)
        ['a', 'é']
    """
    last = FIRST_LETTER + len(table) - 1
    if not FIRST_LETTER <= last <= LAST_LETTER:
        limit = LAST_LETTER - FIRST_LETTER + 1
        raise ValueError(f"the table has {len(table):,} entries: it must have 1 to {limit:,}")
    letters = st.characters(min_codepoint=FIRST_LETTER, max_codepoint=last)
    drawn = st.text(letters, min_size=min_size, max_size=max_size)
    return drawn.map(lambda word: [table[ord(letter) - FIRST_LETTER] for letter in word])


def pick(table: Sequence[T], random: Random, *, max_size: int) -> list[T]:
    """One to `max_size` entries of `table`, weighted as `picks` draws them, without Hypothesis.

    What Hypothesis does around a draw, so that it can be replayed and shrunk, takes some seventy times as long.
    """
    size = 1
    while size < max_size and random.random() < GOES_ON:
        size += 1
    return [table[_place(len(table), random)] for _ in range(size)]


def _place(size: int, random: Random) -> int:
    """80 % from the favoured, as long as there are others."""
    if size <= FAVOURED or random.random() < 0.8:
        return random.randrange(min(size, FAVOURED))
    return random.randrange(FAVOURED, size)


def scripts() -> tuple[str, ...]:
    """The long names of all Unicode scripts with assigned code points, sorted; Common and Inherited are such.

    Source: UAX 24, as of the Unicode version in `scripts.json`.
    """
    return tuple(_data().scripts)


def letter_alphabet(reserved: int = 256) -> str:
    """Code points from `reserved` up that sample every script evenly: about nine of each, its simplest first.

    Scripts that are long in UTF-8 come first. TABLE ends with what is longest, so a letter that has to stay
    long shrinks over neighbours as long as itself into TABLE.
    """
    samples = ([chr(c) for c in sample if c >= reserved] for sample in _data().samples.values())
    widest_first = sorted(samples, key=lambda sample: -min(map(_width, sample), default=0))
    return "".join(letter for sample in widest_first for letter in sample)


class _Data(NamedTuple):
    """`scripts.json`, see tools/make_scripts.py."""

    unicode: str | None
    scripts: Mapping[str, list[tuple[int, int]]]
    marks: Mapping[str, list[tuple[int, int]]]
    samples: Mapping[str, list[int]]


@cache
def _data() -> _Data:
    return _Data(**json.loads(files("sliceproof.strategies").joinpath("scripts.json").read_text("ascii")))


def _named(name: str) -> str:
    """The script's name as Unicode spells it, by loose matching (UAX 44, LM3)."""
    by_name = {_folded(script): script for script in scripts()}
    if _folded(name) in by_name:
        return by_name[_folded(name)]
    near = [by_name[key] for key in get_close_matches(_folded(name), by_name, n=3, cutoff=0.5)]
    hint = f"did you mean {' or '.join(near)}?" if near else "sliceproof.strategies.text.scripts() lists them"
    raise UnknownScriptError(f"Unicode has no script named {name!r}: {hint}")


def _folded(name: str) -> str:
    return "".join(character for character in name.casefold() if character not in " -_")


@cache
def _inventory(script: str) -> str:
    """All of a script once; in its favoured part the sample, the marks, and an even choice of the others."""
    data = _data()
    letters, marks = _code_points(data.scripts[script]), _code_points(data.marks[script])
    evenly = letters[:: 1 + len(letters) // (FAVOURED - SAMPLED - len(marks))]
    return "".join(map(chr, dict.fromkeys([*data.samples[script], *marks, *evenly, *letters])))


def _code_points(ranges: list[tuple[int, int]]) -> list[int]:
    return [code_point for first, last in ranges for code_point in range(first, last + 1)]


def _width(piece: str) -> int:
    """How many bytes of UTF-8 the piece's widest code point takes, 1 to 4."""
    return max(len(character.encode()) for character in piece)


def _table() -> tuple[str, ...]:
    copies: dict[str, int] = {}
    for pieces in PIECES.values():
        for place, piece in enumerate(pieces):
            copies.setdefault(piece, max(1, len(range(place, LEAST_SHARE, len(pieces)))))
    drawable = sorted(filter(None, copies), key=_width)
    return tuple(piece for piece in drawable for _ in range(copies[piece]))


TABLE: tuple[str, ...] = _table()
"""What the favoured letters of `text()` stand for, as they shrink; `letter_alphabet()` stands behind them.

All of PIECES but the empty piece, the narrow ones first, then by class. A class of few pieces has them
repeated, so that it is drawn about as often as others.
"""


@cache
def _default_table() -> tuple[str, ...]:
    return (*TABLE, *letter_alphabet())
