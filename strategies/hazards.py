"""The letters of each hazard: what makes a stream hard, one class of fault at a time.

`HAZARDS[id](dialect)` gives the letters that put the hazard of that id (docs/faults.md) into a stream
of the dialect, simplest first; none means that the dialect cannot have it. Benign letters and one
hazard's letters are all that a requirement draws from; `mixture` has the alphabet of MIX.
"""

from collections.abc import Callable
from functools import lru_cache

from sliceproof.strategies.letters import LINE, Letter, Mark, letters
from sliceproof.strategies.text import PIECES
from sliceproof.wire.dialects import Dialect, Framing, encode
from sliceproof.wire.events import HEADER_VARIANTS

MESSAGE_OVERHEAD = 105  # bytes of a PayloadPart message around its payload

BENIGN: tuple[Letter, ...] = tuple(letters(["x", "y", "z", "w", "Hello", "fish"]))

Hazard = Callable[[Dialect], list[Letter]]


def in_utf8(dialect: Dialect) -> dict[str, object]:
    """The style in which non-ASCII stands in the body as UTF-8; every dialect can."""
    return {"ascii": False} if dialect.escapes[0] == "ascii" else {}


def _code_points_cut(dialect: Dialect) -> list[Letter]:
    found, raw = [], in_utf8(dialect)
    for token in ("é", "你", "😀", "я", "한", "𐍈"):
        for k in range(1, len(token.encode())):
            found += letters([token], ("text", k), **raw)
    found += letters(["😀"], ("text", 1), ("text", 2), ("text", 3), **raw)
    found += letters(["x你"], ("text", 2), **raw) + letters(["你y"], ("text", 1), **raw)
    found += letters(["🇯🇵"], ("text", 5), **raw) + letters(["क\u094d\u0937"], ("text", 4), **raw)
    found += letters(["你"], ("fill", 1), **raw) + letters(["😀"], ("fill", 2), **raw)
    return found + letters(["你"], ("every", 1), **raw)


def _clusters_cut(dialect: Dialect) -> list[Letter]:
    """Grapheme clusters that normalising or dropping format characters would alter, cut between and inside."""
    clusters = ("👩\u200d👧", "e\u0301", "\u1112\u1161\u11ab", "1\ufe0f\u20e3", "🏳\ufe0f\u200d🌈")
    cuts = [(cluster, k) for k in (4, 5, 2, 1) for cluster in clusters if len(cluster.encode()) > k]
    return [letter for cluster, k in cuts for letter in letters([cluster], ("text", k), **in_utf8(dialect))]


def _non_ascii(dialect: Dialect) -> list[Letter]:
    return letters(["é", "ß", "你", "好", "한", "😀", "ÿ", "Ã©", "я", "שלום"], **in_utf8(dialect))


def _replacement(dialect: Dialect) -> list[Letter]:
    return letters(["\ufffd", "x\ufffd", "\ufffdy", "x\ufffdy", "\ufffd\ufffd"], **in_utf8(dialect))


def _surrogate_pairs_cut(dialect: Dialect) -> list[Letter]:
    if "ascii" not in dialect.escapes:
        return []
    cuts = [Letter("😀", (("text", k),), style=(("ascii", True),)) for k in (6, 1, 2, 3, 5, 7, 8, 9, 11)]
    return [*cuts, *letters(["é"], ("text", 3), ascii=True), *letters(["x😀"], ("text", 7), ascii=True)]


def _byte_order_marks(dialect: Dialect) -> list[Letter]:
    raw = in_utf8(dialect)
    tokens = ["x\ufeff", "x\ufeffy"] if dialect.framing is Framing.RAW else ["\ufeff", "\ufeffy", "x\ufeff", "x\ufeffy"]
    cut = [] if dialect.framing is Framing.RAW else letters(["\ufeff"], ("text", 0), **raw)
    return letters(tokens, **raw) + cut + letters(["x\ufeff"], ("text", 1), **raw)


IGNORABLE = (
    "\u00ad", "\u034f", "\u115f", "\u17b4", "\u180b", "\u200b", "\u200e", "\u202a", "\u2060", "\u2064", "\u206a",
    "\u3164", "\ufe00", "\ufe0f", "\uffa0", "\ufff9", "\U0001bca0", "\U0001d173", "\U000e0001", "\U000e0020",
    "\U000e0061", "\U000e007f", "\U000e0100", "\U000e01ef",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
)  # fmt: skip
"""One code point of each range that Unicode calls default-ignorable, tags and variation selectors among them.

Source: DerivedCoreProperties.txt, Default_Ignorable_Code_Point.
"""


def _altered(dialect: Dialect) -> list[Letter]:
    classes = ("decomposed", "width", "bidi", "noncharacter", "private", "case", "zwj", "stacked", "jamo", "keycap")
    lines = [piece for name in (*classes, "conjunct") for piece in PIECES[name]]
    plain = ["\x7f", "\x80", "\x9f", "\x00", "\x07", "\x08", "\x1b", "\x1b[0m", "\x1f", "😀", "𠀋", "👍🏽", "🇯🇵"]
    tokens = dict.fromkeys(map(_inside, ("e\u0301", *plain, *IGNORABLE, *lines)))
    return letters(tokens, **in_utf8(dialect))


def _inside(token: str) -> str:
    """The token, between letters if what stands at its ends would be a hazard of its own (P1, P4)."""
    ends = token[:1] + token[-1:]
    return f"x{token}y" if ends != ends.strip() or set(ends) & set("data:") else token


def _unicode_line_breaks(dialect: Dialect) -> list[Letter]:
    breaks = ["\u2028", "\u2029", "\x85"]
    if dialect.framing is Framing.RAW:
        breaks += ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e"]
    return letters((f"x{character}y" for character in breaks), **in_utf8(dialect))


def _crlf_cut(dialect: Dialect) -> list[Letter]:
    if not dialect.framing.by_line:
        return []
    ends = [1, 3] if dialect.framing is Framing.SSE else [1]
    return [letter for k in ends for letter in letters(["x", "y"], ("tail", k), newline="\r\n")]


def _line_ends(dialect: Dialect) -> list[Letter]:
    if not dialect.framing.by_line:
        return []
    cr = letters(["x", "y"], newline="\r") if dialect.framing is Framing.SSE else []
    return letters(["x", "y"], newline="\r\n") + cr


def _no_last_line_end(dialect: Dialect) -> list[Letter]:
    return letters(["x", "y"], tail="bare") if dialect.framing is Framing.LINES else []


def _no_last_blank_line(dialect: Dialect) -> list[Letter]:
    if dialect.framing is not Framing.SSE:
        return []
    return [*letters(["x", "y"], tail="line", done=False), *letters(["x", "y"], tail="bare", done=False)]


def _records_cut(dialect: Dialect) -> list[Letter]:
    if dialect.framing is Framing.RAW:
        return []
    marks: list[Mark] = [("text", 0), *(("head", k) for k in (1, 3, 5, 6, 7, 8, 12, 18))]
    marks += [("tail", k) for k in (1, 2, 3, 4, 6)]
    found = [*(Letter("x", (mark,)) for mark in marks), *letters(["xy"], ("text", 1))]
    found += letters(["xy"], ("head", 2), ("text", 1), ("tail", 3)) + letters(['x"y', "x\ny"], ("text", 2))
    return found + letters(["xy"], ("every", 7)) + letters(["xy"], ("every", 1)) + letters(["xy"], ("fill", 1))


def _records_joined(dialect: Dialect) -> list[Letter]:
    if dialect.framing is Framing.RAW:
        return []
    return letters(["x", "y", "z"], ("join", 0))


def _other_schemas(dialect: Dialect) -> list[Letter]:
    found = [Letter(aside=kind) for kind in sorted(dialect.extras, key=lambda kind: kind != "usage")]
    found += [letter for form in dialect.written[1:] for letter in letters(["x", "y"], form=form)]
    if dialect.special is not None:
        found += letters(["x"], special=True)
    return found


def _allowed_schemas(dialect: Dialect) -> list[Letter]:
    return [letter for kind in dialect.allowed for letter in (Letter(aside=kind), Letter("x", aside=kind))]


def _affixes(dialect: Dialect) -> list[Letter]:
    words = ["d", "data", "tada", "at", "t:", ":a", "a:", "dat", "[DONE", "D", "]", "ata:", "</s", "s>", "<s"]
    return letters([*words, "'", "n", "0"])


def _prefixes_inside(dialect: Dialect) -> list[Letter]:
    words = ["data:", "data: x", "x data: y", "data:data:", "x\ndata: y", "x\n\ndata: y", "event: x", ": x", "id: 1"]
    inside = letters(words)
    if dialect.framing is Framing.RAW:
        return inside
    cut = [Letter(word, (("text", word.index("data:")),)) for word in ("data:", "x data: y", "data: x")]
    return inside + cut


def _no_space(dialect: Dialect) -> list[Letter]:
    if False not in dialect.spaces:
        return []
    return letters(["x", "y", "z", ""], space=False)


def _blanks(dialect: Dialect) -> list[Letter]:
    return letters(
        [*PIECES["blank"], " x", "x ", " x ", "\tx", "x\n", "\nx", "x\r\n", "\u3000", "\xa0x"], **in_utf8(dialect)
    )


def _sentinels(dialect: Dialect) -> list[Letter]:
    words = ["[DONE]", "x[DONE]", "x [DONE] y", "x</s>", "x</s>y", "x<|endoftext|>", "<|im_end|>y", "<s>y", "null"]
    words += ["x<|eot_id|>y", '"finish_reason"', '{"error": "x"}', '{"generated_text": "x"}', '"}', "}\ny", "]"]
    return letters(words)


def _beginnings(dialect: Dialect) -> list[Letter]:
    """What a reader that looks out for sentinels or tags may hold back, and must give when nothing follows."""
    words = [
        "<",
        "x<",
        "<|",
        "x<|",
        "[",
        "x[",
        "</",
        "[DO",
        "[DONE",
        "<|end",
        "<s",
        "<think",
        "<tool",
        "`",
        "x`",
        "```",
    ]
    return letters([*words, "da", "x\n", "\n\n", "x\\", "{", "x&", "-", "#", "*", "@", "$", "!"])


def _json_syntax(dialect: Dialect) -> list[Letter]:
    """Braces, brackets, quotes and what stands between two objects, inside the text."""
    words = [
        "{",
        "}",
        "}}",
        "}{",
        "[",
        "]",
        "x{y",
        "x}y",
        "{}",
        '"',
        '"}',
        '{"',
        '","',
        "},{",
        "}, {",
        "]}",
        "}\n{",
        "}]",
        ",",
        '": "',
    ]
    found = letters([*words, "{{", "}}", "}\r\n{", "] [", "}\n\n{", "};{", "} {", "NaN", "-Infinity", "x Infinity y"])
    closing = _closing(dialect)
    return [*found, *letters([f"x{closing}y"], ("text", 1 + len(closing)))] if closing else found


def _closing(dialect: Dialect) -> str:
    """The brackets at the end of a record, behind which a decoder may take it for whole."""
    body = encode(dialect, ("x", "y"))
    content = body.data[body.records[0].text_stop : body.records[0].content_stop].decode()
    return content[len(content.rstrip("]}")) :]


def _other_json(dialect: Dialect) -> list[Letter]:
    """The same JSON, written as other serialisers would."""
    if dialect.framing is Framing.RAW:
        return []
    ways = ["compact" if not dialect.compact else "spaced"]
    ways += ["reversed"] if len(dialect.record(0, "", None, "")) > 1 else []
    ways = [] if dialect.framing is Framing.DOCUMENT else ways
    plain = [letter for way in ways for letter in letters(["x", "y"], json=way)]
    return plain + letters(["/", "x/y", "<", "x'y", "+"], json="escaped")


def _whole_sentinels(dialect: Dialect) -> list[Letter]:
    """Where the record itself says `special: false`, or where a block says that it is text, such a delta is text."""
    if dialect.special is None and not (dialect.numbers_blocks and dialect.framing.by_message):
        return []
    return letters(["<|endoftext|>", "<|im_end|>", "<s>", *(() if dialect.special else ("</s>", "<|eot_id|>"))])


def _asides(dialect: Dialect) -> list[Letter]:
    """Keep-alives, blank lines, empty events: what the dialect's servers write, or what all of SSE may hold."""
    kinds = dialect.asides or (("comment",) if dialect.framing is Framing.SSE else ())
    more = ("comment-text",) if "comment" in kinds else ()
    return [Letter(aside=kind) for kind in (*kinds, *more)]


def _fields(dialect: Dialect) -> list[Letter]:
    """`event`, `id`, `retry` and an unknown field with each record, and a comment between such events."""
    if dialect.framing is not Framing.SSE:
        return []
    comment = Letter("y", aside="comment", style=(("fields", True),))
    return [*letters(["x", "y"], fields=True), comment]


def _multi_line(dialect: Dialect) -> list[Letter]:
    if dialect.framing is not Framing.SSE:
        return []
    return letters(["x", "y"], multiline=True) + letters(["x", "y"], multiline=True, data_lines=3)


def _messages_cut(dialect: Dialect) -> list[Letter]:
    heads = [Letter("x", (("wire", k),)) for k in (1, 4, 8, 11, 12, 13, 20, 60, 90, 95)]
    tails = [Letter("x", (("wire-tail", k),)) for k in (1, 2, 3, 4, 5, 6, 20)]
    several = letters(["x"], ("wire", 6), ("wire", 12), ("wire-tail", 2))
    sizes = [Letter("x", (("wire-every", k),)) for k in (1, 7, 64)]
    return [*heads, *tails, *several, *sizes]


def _text_like_frames(dialect: Dialect) -> list[Letter]:
    """Payload lengths that put `\\n`, `"`, `:`, `{`, `}`, `\\r`, a space or a byte over 0x7f into the prelude."""
    wanted = (*b'\n\r "{}:', 130, 195, 255)
    return [Letter("y", (("exact", 512 + byte - MESSAGE_OVERHEAD),)) for byte in wanted]


def _headers(dialect: Dialect) -> list[Letter]:
    """Only SageMaker may leave `:content-type` out: each event of Bedrock that was recorded has it."""
    never = ("plain", "no-content-type") if dialect.framing.by_message else ("plain",)
    return [Letter("x", headers=variant) for variant in HEADER_VARIANTS if variant not in never]


def _sizes(dialect: Dialect) -> list[Letter]:
    empties = letters(["x"], ("empty", 0)) + letters(["x"], ("wire-empty", 0))
    empties += letters(["x"], ("empty", 0), ("empty", 0)) + letters(["x"], ("wire-empty", 0), ("empty", 0))
    if dialect.framing is not Framing.RAW:
        empties += letters(["x"], ("exact", LINE)) + letters(["x"], ("exact", LINE - MESSAGE_OVERHEAD))
    return empties


def _unknown_events(dialect: Dialect) -> list[Letter]:
    return [Letter("x", unknown=True), Letter(unknown=True)]


def _equal_neighbours(dialect: Dialect) -> list[Letter]:
    return letters(["y", "x", "ha", "0"])


def _not_numbers(dialect: Dialect) -> list[Letter]:
    return letters(["x", "y"], nan=True) if dialect.logprob else []


def _escapes(dialect: Dialect) -> list[Letter]:
    words = ["\\n", "\\", '"', "\\\\", "\\u0041", "\\ud83d", '\\"', "/", "\\/", "x\ny", "x\ty"]
    return letters([*words, "x\\", "\\\\n", "&amp;", "%20", "\\x41"])


def _several_in_a_chunk(dialect: Dialect) -> list[Letter]:
    return letters(["x", "y", "z", "w"], ("wire-join", 0))


def _fixed_sizes(dialect: Dialect) -> list[Letter]:
    """Slices of one size, on either level, whatever stands there: records and messages cut and joined."""
    parts = [] if dialect.framing is Framing.RAW else [("slice", k) for k in (64, 100, 1024, LINE)]
    wire = [("wire-every", k) for k in (1024, 4096, LINE - 1, LINE, LINE + 1)]
    return [letter for mark in (*wire, *parts) for letter in letters(["x"], mark)]


HAZARDS: dict[str, Hazard] = {
    "U1": _code_points_cut,
    "U1-clusters": _clusters_cut,
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
    "R3-allowed": _allowed_schemas,
    "P1": _affixes,
    "P2": _prefixes_inside,
    "P3": _no_space,
    "P4": _blanks,
    "S1": _sentinels,
    "S1-whole": _whole_sentinels,
    "S4": _beginnings,
    "S2": _asides,
    "S2-fields": _fields,
    "S3": _multi_line,
    "F1": _messages_cut,
    "sizes": _fixed_sizes,
    "F4": _text_like_frames,
    "F5": _headers,
    "F6": _sizes,
    "K1": _unknown_events,
    "D2": _equal_neighbours,
    "J1": _not_numbers,
    "J2": _escapes,
    "J3": _json_syntax,
    "J4": _other_json,
    "O1": _several_in_a_chunk,
}

ALLOWED_ONLY = frozenset({"L2", "L3", "L4", "L5", "R3-allowed", "S1-whole", "S2-fields", "S3", "K1", "J1", "J4"})
"""Hazards that only a general specification allows, or that no server has been seen to write."""


@lru_cache(maxsize=64)
def hazard(id_: str, dialect: Dialect) -> tuple[Letter, ...]:
    """The letters of one hazard in one dialect, each once."""
    return tuple(dict.fromkeys(HAZARDS[id_](dialect)))
