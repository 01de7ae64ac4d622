"""The letters of each hazard: what makes a stream hard, one class of fault at a time.

`HAZARDS[id](dialect)` gives the letters that put the hazard of that id (docs/faults.md) into a stream
of the dialect, simplest first; none means that the dialect cannot have it. Benign letters and one
hazard's letters are all that a requirement draws from; `mixed` is the alphabet of MIX.
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import chain, zip_longest

from sliceproof.strategies.letters import LINE, Letter, Mark, letters
from sliceproof.strategies.text import PIECES, letter_alphabet
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.events import HEADER_VARIANTS

MESSAGE_OVERHEAD = 107  # bytes of a PayloadPart message around its payload

BENIGN: tuple[Letter, ...] = tuple(letters(["a", "b", "c", " d", "Hello", " world"]))

Hazard = Callable[[Dialect], list[Letter]]


def _raw(known: Dialect) -> dict[str, object]:
    """The style in which non-ASCII stands in the body as UTF-8; every dialect can."""
    return {"ascii": False} if known.escapes[0] == "ascii" else {}


def _code_points_cut(known: Dialect) -> list[Letter]:
    found, raw = [], _raw(known)
    for token in ("é", "你", "😀", "я", "한", "𐍈"):
        for k in range(1, len(token.encode())):
            found += letters([token], ("text", k), **raw)
    found += letters(["😀"], ("text", 1), ("text", 2), ("text", 3), **raw)
    found += letters(["a你"], ("text", 2), **raw) + letters(["你b"], ("text", 1), **raw)
    found += letters(["👩\u200d👧", "🇯🇵"], ("text", 5), **raw) + letters(["e\u0301"], ("text", 2), **raw)
    found += letters(["क\u094d\u0937"], ("text", 4), **raw) + letters(["\u1112\u1161"], ("text", 4), **raw)
    found += letters(["你"], ("fill", 1), **raw) + letters(["😀"], ("fill", 2), **raw)
    return found + letters(["你"], ("every", 1), **raw)


def _non_ascii(known: Dialect) -> list[Letter]:
    return letters(["é", "ß", "你", "好", "한", "😀", "ÿ", "Ã©", "я", "שלום"], **_raw(known))


def _replacement(known: Dialect) -> list[Letter]:
    return letters([*PIECES["replacement"], "\ufffdb", "a\ufffdb"], **_raw(known))


def _surrogate_pairs_cut(known: Dialect) -> list[Letter]:
    if "ascii" not in known.escapes:
        return []
    cuts = [Letter("😀", (("text", k),), style=(("ascii", True),)) for k in (6, 1, 2, 3, 5, 7, 8, 9, 11)]
    return [*cuts, *letters(["é"], ("text", 3), ascii=True), *letters(["a😀"], ("text", 7), ascii=True)]


def _byte_order_marks(known: Dialect) -> list[Letter]:
    raw = _raw(known)
    tokens = ["a\ufeff", "a\ufeffb"] if known.framing == "raw" else ["\ufeff", "\ufeffa", "a\ufeff", "a\ufeffb"]
    cut = [] if known.framing == "raw" else letters(["\ufeff"], ("text", 0), **raw)
    return letters(tokens, **raw) + cut + letters(["a\ufeff"], ("text", 1), **raw)


def _altered(known: Dialect) -> list[Letter]:
    classes = ("decomposed", "width", "bidi", "noncharacter", "private", "case", "zwj", "stacked", "jamo", "keycap")
    told = [piece for name in (*classes, "conjunct") for piece in PIECES[name]]
    plain = ["\x7f", "\x80", "\x9f", "\x00", "\x07", "\x1b", "😀", "𠀋", "👍🏽", "🇯🇵"]
    return letters([*plain, *told], **_raw(known))


def _unicode_line_breaks(known: Dialect) -> list[Letter]:
    breaks = ["\u2028", "\u2029", "\x85"]
    if known.framing == "raw":
        breaks += ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\r"]
    return letters([*breaks, *(f"a{character}b" for character in breaks)], **_raw(known))


def _crlf_cut(known: Dialect) -> list[Letter]:
    if known.framing not in ("sse", "lines"):
        return []
    ends = [1, 3] if known.framing == "sse" else [1]
    return [letter for k in ends for letter in letters(["a", "b"], ("tail", k), newline="\r\n")]


def _line_ends(known: Dialect) -> list[Letter]:
    if known.framing not in ("sse", "lines"):
        return []
    cr = letters(["a", "b"], newline="\r") if known.framing == "sse" else []
    return letters(["a", "b"], newline="\r\n") + cr


def _no_last_line_end(known: Dialect) -> list[Letter]:
    return letters(["a", "b"], tail="bare") if known.framing == "lines" else []


def _no_last_blank_line(known: Dialect) -> list[Letter]:
    if known.framing != "sse":
        return []
    return [*letters(["a", "b"], tail="line", done=False), *letters(["a", "b"], tail="bare", done=False)]


def _records_cut(known: Dialect) -> list[Letter]:
    if known.framing == "raw":
        return []
    marks: list[Mark] = [("text", 0), ("text", 1), *(("head", k) for k in (1, 3, 5, 6, 7, 8, 12, 20))]
    marks += [("tail", k) for k in (1, 2, 3, 4, 6)]
    found = [Letter("ab", (mark,)) for mark in marks]
    found += letters(["ab"], ("head", 2), ("text", 1), ("tail", 3)) + letters(['"', "\n"], ("text", 1))
    return found + letters(["ab"], ("every", 7)) + letters(["ab"], ("every", 1)) + letters(["ab"], ("fill", 1))


def _records_joined(known: Dialect) -> list[Letter]:
    if known.framing == "raw":
        return []
    return letters(["a", "b", " c"], ("join", 0)) + letters(["a"], ("every", 1024))


def _other_schemas(known: Dialect) -> list[Letter]:
    found = [Letter(aside=kind) for kind in known.extras]
    found += [letter for form in known.forms[1:] for letter in letters(["a", "b"], form=form)]
    if known.special is not None:
        found += letters(["a"], special=True)
    return found


def _affixes(known: Dialect) -> list[Letter]:
    words = ["d", "data", "tada", " at", "t:", ":a", "a:", "at ", "dat", "[DONE", "D", "]", "ata: ", "</s", "s>", "<s"]
    return letters([*words, "{", "}", '"', "'", "\\", "n", "\\n", "0"])


def _prefixes_inside(known: Dialect) -> list[Letter]:
    words = ["data:", "data: ", "a data: b", "data:data:", "\ndata: ", "\n\ndata: x", "event: x", ": x", "id: 1"]
    inside = letters(words)
    if known.framing == "raw":
        return inside
    cut = [Letter(word, (("text", word.index("data:")),)) for word in ("data:", "a data: b", "data: ")]
    return inside + cut


def _no_space(known: Dialect) -> list[Letter]:
    if False not in known.spaces:
        return []
    return letters(["a", "b", " c", ""], space=False)


def _blanks(known: Dialect) -> list[Letter]:
    return letters([*PIECES["blank"], " a", "a ", " a ", "\ta", "a\n", "\na", "a\r\n", "\u3000", "\xa0a"], **_raw(known))


def _sentinels(known: Dialect) -> list[Letter]:
    words = ["[DONE]", "data: [DONE]", "a[DONE]", "a</s>", "a</s>b", "a<|endoftext|>", "<|im_end|>a", "<s>a", "null"]
    words += ["a<|eot_id|>b", '"finish_reason"', '{"error": "x"}', '{"generated_text": "x"}', '"}', "}\n", "]"]
    return letters(words)


def _whole_sentinels(known: Dialect) -> list[Letter]:
    """Only where the record itself says `special: false` is such a delta plainly text."""
    return letters(["<|endoftext|>", "<|im_end|>", "<s>"]) if known.special is not None else []


def _asides(known: Dialect) -> list[Letter]:
    """Keep-alives, blank lines, empty events: what the dialect's servers write, or what all of SSE may hold."""
    kinds = known.asides or (("comment",) if known.framing == "sse" else ())
    more = ("comment-text",) if "comment" in kinds else ()
    return [Letter(aside=kind) for kind in (*kinds, *more)]


def _multi_line(known: Dialect) -> list[Letter]:
    return letters(["a", "b"], multiline=True) if known.framing == "sse" else []


def _messages_cut(known: Dialect) -> list[Letter]:
    heads = [Letter("a", (("wire", k),)) for k in (1, 4, 8, 11, 12, 13, 20, 60, 90, 95)]
    tails = [Letter("a", (("wire-tail", k),)) for k in (1, 2, 3, 4, 5, 6, 20)]
    several = letters(["a"], ("wire", 6), ("wire", 12), ("wire-tail", 2))
    sizes = [Letter("a", (("wire-every", k),)) for k in (1, 7, 64, 1024)]
    return [*heads, *tails, *several, *sizes, *letters(["a"], ("wire-join", 0), ("wire-tail", 3))]


def _text_like_frames(known: Dialect) -> list[Letter]:
    """Payload lengths that put `\\n`, `"`, `:`, `{`, `}`, `\\r`, a space or a byte over 0x7f into the prelude."""
    return letters("x" * length for length in (10, 13, 32, 34, 58, 91, 100, 123, 125, 130, 160, 195, 200, 224, 255))


def _headers(known: Dialect) -> list[Letter]:
    return [Letter("a", headers=variant) for variant in HEADER_VARIANTS if variant != "plain"]


def _sizes(known: Dialect) -> list[Letter]:
    empties = letters(["a"], ("empty", 0)) + letters(["a"], ("wire-empty", 0))
    empties += letters(["a"], ("empty", 0), ("empty", 0)) + letters(["a"], ("wire-empty", 0), ("empty", 0))
    if known.framing != "raw":
        empties += letters(["a"], ("exact", LINE)) + letters(["a"], ("exact", LINE - MESSAGE_OVERHEAD))
    return empties


def _unknown_events(known: Dialect) -> list[Letter]:
    return [Letter("a", unknown=True), Letter(unknown=True)]


def _equal_neighbours(known: Dialect) -> list[Letter]:
    return letters(["a", "ha", " ", "你"])


def _not_numbers(known: Dialect) -> list[Letter]:
    return letters(["a", "b"], nan=True) if known.logprob else []


def _escapes(known: Dialect) -> list[Letter]:
    words = ["\\", '"', "\\n", "\\\\", "\\u0041", "\\ud83d", '\\"', "/", "\\/", "\n", "\t", "\x00", "\x08", "\x1f"]
    return letters([*words, "a\\", "\\\\n", "&amp;", "%20", "\\x41", "\x7f"])


def _several_in_a_chunk(known: Dialect) -> list[Letter]:
    return letters(["a", "b", "c", "d"], ("wire-join", 0)) + letters(["e"], ("wire-every", 4096))


HAZARDS: dict[str, Hazard] = {
    "U1": _code_points_cut,
    "U2": _non_ascii,
    "U3": _replacement,
    "U4": _surrogate_pairs_cut,
    "U5": _byte_order_marks,
    "U6": _altered,
    "L1": _unicode_line_breaks,
    "L2": _crlf_cut,
    "L3": _line_ends,
    "L4": _no_last_line_end,
    "L5": _no_last_blank_line,
    "R1": _records_cut,
    "R2": _records_joined,
    "R3": _other_schemas,
    "P1": _affixes,
    "P2": _prefixes_inside,
    "P3": _no_space,
    "P4": _blanks,
    "S1": _sentinels,
    "S1-whole": _whole_sentinels,
    "S2": _asides,
    "S3": _multi_line,
    "F1": _messages_cut,
    "F4": _text_like_frames,
    "F5": _headers,
    "F6": _sizes,
    "K1": _unknown_events,
    "D2": _equal_neighbours,
    "J1": _not_numbers,
    "J2": _escapes,
    "O1": _several_in_a_chunk,
}

ALLOWED_ONLY = frozenset({"L2", "L3", "L4", "L5", "S1-whole", "S3", "K1", "J1"})
"""Hazards that only a general specification allows, or that no server has been seen to write."""


@lru_cache(maxsize=64)
def hazard(id_: str, known: Dialect) -> tuple[Letter, ...]:
    """The letters of one hazard in one dialect, each once."""
    return tuple(dict.fromkeys(HAZARDS[id_](known)))


@lru_cache(maxsize=64)
def mixed(known: Dialect) -> tuple[Letter, ...]:
    """The alphabet of MIX: all that containers really write and networks really do, the telling letters first."""
    sound = [id_ for id_ in HAZARDS if id_ not in ALLOWED_ONLY and not (id_ == "S2" and not known.asides)]
    rounds = zip_longest(*(hazard(id_, known) for id_ in sound))
    told = [letter for letter in chain.from_iterable(rounds) if letter is not None]
    pieces = letters(chain.from_iterable(PIECES.values()), **_raw(known))
    return tuple(dict.fromkeys((*BENIGN, *told, *pieces, *letters(letter_alphabet(), **_raw(known)))))
