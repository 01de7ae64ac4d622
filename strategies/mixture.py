"""The alphabet of MIX: the letters of all hazards that are real, those that tell most first."""

from functools import lru_cache
from itertools import chain, zip_longest

from sliceproof.strategies.hazards import ALLOWED_ONLY, BENIGN, HAZARDS, hazard, in_utf8
from sliceproof.strategies.letters import Letter, letters
from sliceproof.strategies.text import FAVOURED, PIECES, letter_alphabet
from sliceproof.wire.dialects import Dialect, Framing


def _minced(letter: Letter) -> bool:
    """Whether it cuts everything into slices of a few bytes, which costs most and which sweeps cover."""
    return any(kind in ("every", "wire-every") and k < 64 for kind, k in letter.marks)


@lru_cache(maxsize=64)
def mixed(dialect: Dialect) -> tuple[Letter, ...]:
    """The alphabet of MIX: all that containers really write and networks really do, the telling letters first.

    The first 256, which are drawn most, hold letters of every hazard; those of one hazard are
    neighbours, simplest first, because that is the way in which Hypothesis shrinks.
    """
    sound = [id_ for id_ in HAZARDS if id_ not in ALLOWED_ONLY and not (id_ == "S2" and not dialect.asides)]
    rounds = zip_longest(*(hazard(id_, dialect) for id_ in sound))
    lines = [letter for letter in chain.from_iterable(rounds) if letter is not None and not _minced(letter)]
    lines = list(dict.fromkeys(lines))
    room = FAVOURED - len(BENIGN)
    first = {letter: number for number, id_ in reversed([*enumerate(sound)]) for letter in hazard(id_, dialect)}
    favoured = sorted(lines[:room], key=lambda letter: (first[letter], _complexity(letter)))
    others = lines[room:]
    pieces = letters(chain.from_iterable(PIECES.values()), **in_utf8(dialect))
    scripts = letters(letter_alphabet(), **in_utf8(dialect))
    barred = {letter for id_ in ALLOWED_ONLY for letter in hazard(id_, dialect)} - set(lines)
    everything = dict.fromkeys((*BENIGN, *favoured, *others, *pieces, *scripts))
    barred |= {letter for letter in everything if _unclear(letter, dialect)}
    return tuple([letter for letter in everything if letter not in barred])


_TEXTS = ("U2", "U3", "U5", "U6", "L1", "P1", "P2", "P4", "S1", "S4", "J2", "J3")
_WAYS = ("U1", "R1", "R2", "R3", "P3", "S2", "F1", "F5", "F6", "O1", "sizes")
_OF_EACH = 3  # letters of a hazard that stand for it


@lru_cache(maxsize=64)
def crossed_letters(dialect: Dialect) -> tuple[Letter, ...]:
    """One letter for each pair of a hard text and a hard way to carry it, the plain ones first."""
    texts = [
        each.token
        for id_ in _TEXTS
        for each in _standing_for(id_, dialect)
        if each.token and not _unclear(each, dialect)
    ]
    ways = [each for id_ in _WAYS for each in _standing_for(id_, dialect) if not each.style or id_ in ("P3", "R3")]
    ways += [letter for mark in (("text", 1), ("text", 2), ("head", 20)) for letter in letters(["x"], mark)]
    ways += letters(["x"], ("text", 1), ("wire", 40)) + letters(["x"], ("every", 3)) + letters(["x"], ("wire-every", 5))
    raw = tuple(in_utf8(dialect).items())
    crossed = [way._replace(token=text, style=(*raw, *way.style)) for text in dict.fromkeys(texts) for way in ways]
    return tuple(dict.fromkeys(crossed))


def _standing_for(id_: str, dialect: Dialect) -> list[Letter]:
    if id_ == "S2" and not dialect.asides:
        return []
    return [letter for letter in hazard(id_, dialect) if not _minced(letter)][:_OF_EACH]


def _unclear(letter: Letter, dialect: Dialect) -> bool:
    """Whether sound decoders may differ: a whole sentinel as a delta, a byte order mark before plain text."""
    if letter.token in ("</s>", "<|endoftext|>", "<s>", "<|im_end|>"):
        return True
    return dialect.framing is Framing.RAW and str(letter.token or "").startswith("\ufeff")


def _complexity(letter: Letter) -> tuple[bool, int, int]:
    """How much a person would have to read: sizes of slices last, then by cuts, then by the rest."""
    sizes = any(kind in ("every", "slice", "fill", "exact", "wire-every") for kind, _ in letter.marks)
    style = sum(name != "ascii" for name, _ in letter.style)
    return sizes, len(letter.marks), bool(letter.aside) + bool(letter.headers) + letter.unknown + style
