"""Make `strategies/scripts.json`: which code points each Unicode script has, for drawing text script by script.

    python tools/make_scripts.py

Guarantees: the same `regex` release writes the same bytes; every assigned code point that is not for private
use stands under exactly one script; no surrogate, noncharacter or unassigned code point is listed. The
`regex` module is the source because it is years ahead of `unicodedata`, whose Unicode changes with Python's.

Beside the version of Unicode, the file has three tables by script, one script a line so that a new version of
Unicode reviews well:

scripts  [first, last] code point ranges, ascending (UAX 24, property Script)
marks    the Inherited combining marks that the script's text is built with, as ranges (Script_Extensions)
samples  some code points that stand for the script, simplest first
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

Ranges = list[list[int]]

NAMES = """
    Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali
    Beria_Erfe Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian
    Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic
    Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Garay
    Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Gurung_Khema Han Hangul
    Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi
    Inscriptional_Parthian Javanese Jurchen Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi
    Khitan_Small_Script Khmer Khojki Khudawadi Kirat_Rai Lao Latin Lepcha Limbu Linear_A Linear_B Lisu
    Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin
    Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar
    Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki
    Ol_Onal Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian
    Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician
    Proto_Cuneiform Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Seal Sharada Shavian Siddham Sidetic
    SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar Syloti_Nagri Syriac Tagalog Tagbanwa
    Tai_Le Tai_Tham Tai_Viet Tai_Yo Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta
    Todhri Tolong_Siki Toto Tulu_Tigalari Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi
    Zanabazar_Square
"""
"""Long names of PropertyValueAliases.txt; `tables` fails when `regex` knows a script that is not here."""

SIMPLEST = {
    "Arabic": "ا",
    "Bengali": "অ",
    "Common": "0",
    "Cyrillic": "а",
    "Devanagari": "अ",
    "Georgian": "ა",
    "Greek": "α",
    "Han": "一",
    "Hangul": "가",
    "Hiragana": "あ",
    "Inherited": "\u0301",
    "Katakana": "ア",
    "Latin": "a",
    "Tamil": "அ",
}
"""The letter a reader would call a script's first, where its lowest code point is a rarity."""

TARGET = Path(__file__).parents[1] / "strategies" / "scripts.json"


def main() -> None:
    """Write `scripts.json` beside this module."""
    TARGET.write_text(rendered(tables()), encoding="ascii", newline="\n")


def tables() -> dict[str, Any]:
    """`{"unicode": version or None, "scripts": …, "marks": …, "samples": …}` as the file holds them.

    Raises ValueError when a code point's script is missing from NAMES.
    """
    inventories = {name: _members(rf"\p{{Script={name}}}") for name in NAMES.split()}
    inventories = {name: members for name, members in inventories.items() if members}
    _demand_complete(inventories)
    return {
        "unicode": unicode_version(),
        "scripts": {name: _ranges(members) for name, members in inventories.items()},
        "marks": {name: _ranges(_marks(name)) for name in inventories},
        "samples": {name: _sample(name, members) for name, members in inventories.items()},
    }


def unicode_version() -> str | None:
    """The version of Unicode that `regex` says it follows, such as "18.0.0"; it says so only in prose."""
    about = metadata("regex")
    prose = about.json.get("description", "")
    match = re.search(r"supports Unicode (\d+\.\d+\.\d+)", str(prose))
    return match and match[1]


def rendered(found: Mapping[str, Any]) -> str:
    """The tables as JSON text, compact but for one script a line."""
    sections = [f'"unicode": {json.dumps(found["unicode"])}']
    for title in ("scripts", "marks", "samples"):
        rows = (f'"{name}": {json.dumps(row, separators=(",", ":"))}' for name, row in found[title].items())
        sections.append(f'"{title}": {{\n' + ",\n".join(rows) + "\n}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


def _demand_complete(inventories: Mapping[str, list[int]]) -> None:
    unlisted = set(_members(r"\p{Any}--\p{Script=Unknown}")).difference(*inventories.values())
    if unlisted:
        raise ValueError(f"the script of U+{min(unlisted):04X} is missing: add its long name to NAMES")


def _marks(name: str) -> list[int]:
    # Han's ideographic tone marks (U+302A..U+302D) annotate: no text is built with them.
    if name in ("Common", "Inherited", "Han"):
        return []
    return _members(rf"\p{{Script_Extensions={name}}}&&\p{{Script=Inherited}}&&\p{{M}}")


def _sample(name: str, members: list[int]) -> list[int]:
    """At most twelve: letters as the alphabet begins, some from its midst, the last, marks, digits."""
    start = ord(SIMPLEST.get(name, "\0"))
    # Without modifier letters: they look like letters and combine like marks.
    letters = _members(rf"\p{{Script={name}}}&&\p{{L}}--\p{{Lm}}")
    first = dict.fromkeys(c for c in [start, *letters, *members] if c >= max(start, members[0]))
    midst = [members[len(members) * quarter // 4] for quarter in (1, 2, 3)]
    last = [*letters[-1:], members[-1]]
    marks = _members(rf"\p{{Script={name}}}&&\p{{M}}")
    digits = _members(rf"\p{{Script={name}}}&&\p{{Nd}}")
    ends = [*marks[:1], *marks[-1:], *digits[:1], *digits[-1:]]
    return list(dict.fromkeys([*list(first)[:3], *midst, *last, *ends]))


def _members(set_expression: str) -> list[int]:
    """Assigned code points in a set, ascending; the set in the syntax of `regex` version 1."""
    found = import_module("regex").findall(rf"(?V1)[{set_expression}--\p{{Cn}}]", _EVERYTHING)
    return [ord(character) for character in found]


def _ranges(members: list[int]) -> Ranges:
    ranges: Ranges = []
    for code_point in members:
        if ranges and code_point == ranges[-1][1] + 1:
            ranges[-1][1] = code_point
        else:
            ranges.append([code_point, code_point])
    return ranges


_EVERYTHING = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))


if __name__ == "__main__":
    main()
