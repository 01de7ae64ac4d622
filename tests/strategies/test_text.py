"""What `strategies/text.py` draws, how often, and what it shrinks to.

The quality tests (shares, shrinking) watch over what Hypothesis does not document. Their bounds are generous,
and all draws are derandomised or seeded, so that they fail for a change and never by chance.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.strategies import SearchStrategy

import make_scripts
from sliceproof.strategies.text import PIECES, TABLE, letter_alphabet, pick, picks, scripts, text
from sliceproof.wire.errors import SliceproofError

T = TypeVar("T")

EXAMPLES = 2_000
DETERMINED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def drawn_from(strategy: SearchStrategy[T], examples: int) -> list[T]:
    drawn: list[T] = []

    @settings(DETERMINED, max_examples=examples)
    @given(strategy)
    def collect(example: T) -> None:
        drawn.append(example)

    collect()
    return drawn


@pytest.fixture(scope="module")
def mix() -> list[str]:
    return drawn_from(text(), EXAMPLES)


def recorded_text() -> str:
    return files("sliceproof.strategies").joinpath("scripts.json").read_text("ascii")


def recorded() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(recorded_text())
    return loaded


def same_unicode() -> Any:
    """The `regex` module, where it follows the version of Unicode that the data file was made from."""
    regex = pytest.importorskip("regex")
    if make_scripts.unicode_version() != recorded()["unicode"]:
        pytest.skip("regex follows another version of Unicode")
    return regex


def holds(drawn: str, hazard: str) -> bool:
    return any(piece in drawn for piece in PIECES[hazard] if piece)


class TestDefaultMix:
    @given(text())
    def test_every_text_is_encodable_as_utf8(self, drawn: str) -> None:
        assert drawn.encode().decode() == drawn

    @pytest.mark.parametrize(("shortest", "longest"), [(0, 0), (0, 1), (1, 1), (3, 5), (20, 40), (7, None)])
    def test_length_is_counted_in_code_points(self, shortest: int, longest: int | None) -> None:
        drawn = drawn_from(text(min_size=shortest, max_size=longest), 100)
        assert all(shortest <= len(one) <= (longest if longest is not None else len(one)) for one in drawn)

    @pytest.mark.parametrize("hazard", PIECES)
    def test_each_hazard_is_in_one_text_of_fourteen(self, hazard: str, mix: list[str]) -> None:
        assert sum(holds(drawn, hazard) for drawn in mix) >= EXAMPLES * 0.07

    def test_hardly_a_script_is_missed(self, mix: list[str]) -> None:
        regex = same_unicode()
        everything = "".join(mix)
        reached = [name for name in make_scripts.NAMES.split() if regex.search(rf"\p{{Script={name}}}", everything)]
        assert len(reached) >= 0.97 * len(scripts())

    def test_no_script_outweighs_the_others(self, mix: list[str]) -> None:
        regex = same_unicode()
        ours = [regex.compile(rf"\p{{Script={name}}}") for name in ("Tangut", "Seal", "Tagbanwa", "Runic")]
        counts = [sum(bool(script.search(drawn)) for drawn in mix) for script in ours]
        assert max(counts) <= 5 * min(counts)

    def test_texts_stay_short(self, mix: list[str]) -> None:
        assert sum(map(len, mix)) / EXAMPLES < 16


class TestScripts:
    @pytest.mark.parametrize("script", scripts())
    def test_each_can_be_drawn(self, script: str) -> None:
        regex = same_unicode()
        alone = regex.compile(rf"(?V1)[\p{{Script={script}}}[\p{{Script_Extensions={script}}}&&\p{{Inherited}}]]+")
        assert all(alone.fullmatch(drawn) for drawn in drawn_from(text(script, min_size=1), 20))

    def test_han_is_drawn_from_all_its_blocks(self) -> None:
        drawn = "".join(drawn_from(text("Han"), 500))
        assert {ord(letter) >> 16 for letter in drawn} >= {0, 2, 3}
        assert sum("\u4e00" <= letter <= "\u9fff" for letter in drawn) > len(drawn) / 10

    @pytest.mark.parametrize(("script", "built"), [("Arabic", "\u0628\u064e"), ("Latin", "e\u0301")])
    def test_script_comes_with_the_marks_it_is_built_with(self, script: str, built: str) -> None:
        assert smallest(text(script), lambda drawn: built[-1] in drawn) == built[-1]
        assert all(letter in "".join(drawn_from(text(script), EXAMPLES)) for letter in built)

    @pytest.mark.parametrize("spelled", ["Old_Italic", "old italic", "OLD-ITALIC", "olditalic"])
    def test_name_is_matched_loosely(self, spelled: str) -> None:
        assert all("\U00010300" <= letter <= "\U0001032f" for one in drawn_from(text(spelled), 50) for letter in one)

    def test_sizes_are_kept(self) -> None:
        assert {len(drawn) for drawn in drawn_from(text("Thai", min_size=2, max_size=3), 100)} == {2, 3}

    def test_unknown_name_is_answered_with_the_nearest(self) -> None:
        with pytest.raises(ValueError, match=r"no script named 'Devangari': did you mean Devanagari") as caught:
            text("Devangari")
        assert isinstance(caught.value, SliceproofError)

    def test_name_like_no_other_is_answered_with_where_to_look(self) -> None:
        with pytest.raises(ValueError, match=r"no script named '\?': .*scripts\(\) lists them"):
            text("?")

    def test_names_are_sorted_and_have_common_and_inherited(self) -> None:
        assert list(scripts()) == sorted(scripts())
        assert {"Common", "Inherited", "Han", "Latin", "SignWriting"} < set(scripts())


SMALLEST: dict[str, tuple[Callable[[str], bool], set[str]]] = {
    "anything": (lambda s: True, {""}),
    "not empty": (bool, {"a"}),
    "你": (lambda s: "你" in s, {"你"}),
    "not ASCII": (lambda s: not s.isascii(), {"é"}),
    "three bytes and more": (lambda s: max(s, default="") >= "\u0800", {"你"}),
    "four bytes": (lambda s: max(s, default="") >= "\U00010000", {"😀"}),
    "é and 😀": (lambda s: "é" in s and "😀" in s, {"é😀"}),
    "blanks around": (lambda s: s != s.strip(), {" "}),
    "a prefix stripped": (lambda s: s != s.lstrip("data: "), {"a"}),  # noqa: B005 - the fault itself
    "data: inside": (lambda s: "data: " in s, {"data: "}),
    "sentinel": (lambda s: "[DONE]" in s, {"[DONE]"}),
    "U+2028": (lambda s: "\u2028" in s, {"\u2028"}),
    "U+FEFF": (lambda s: "\ufeff" in s, {"\ufeff"}),
    "U+FFFD": (lambda s: "\ufffd" in s, {"\ufffd"}),
    "CR": (lambda s: "\r" in s, {"\r"}),
    "CR LF": (lambda s: "\r\n" in s, {"\r\n"}),
    "a flag's half": (lambda s: any("🇦" <= c <= "🇿" for c in s), {"🇯"}),
    "a pair": (lambda s: any(a == b for a, b in pairwise(s)), {"aa"}),
    "backslash": (lambda s: "\\" in s, {"\\"}),
}


class TestShrinking:
    @pytest.mark.parametrize("wanted", SMALLEST)
    def test_ends_at_what_a_person_would_write(self, wanted: str) -> None:
        condition, expected = SMALLEST[wanted]
        ends = [smallest(text(), condition, seed) for seed in range(5)]
        assert sum(end in expected for end in ends) >= 4, ends

    @pytest.mark.parametrize("seed", range(5))
    def test_normalisation_ends_at_one_cluster(self, seed: int) -> None:
        assert len(smallest(text(), lambda s: unicodedata.normalize("NFC", s) != s, seed)) <= 3

    @pytest.mark.parametrize(
        ("script", "first"), [("Han", "一"), ("Latin", "a"), ("Greek", "α"), ("Hangul", "가"), ("Thai", "ก")]
    )
    def test_a_script_ends_at_its_first_letter(self, script: str, first: str) -> None:
        assert smallest(text(script), bool) == first
        assert smallest(text(script), lambda s: len(s) > 2) == first * 3


def smallest(strategy: SearchStrategy[T], condition: Callable[[T], bool], seed: int = 0) -> T:
    search = settings(max_examples=10 * EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
    return find(strategy, condition, settings=search, random=Random(seed))


class TestPicks:
    def test_four_of_five_are_from_the_first_256(self) -> None:
        drawn = [number for numbers in drawn_from(picks(range(2_000)), EXAMPLES) for number in numbers]
        assert 0.75 < sum(number < 256 for number in drawn) / len(drawn) < 0.85

    @pytest.mark.parametrize("least", [1, 37, 200, 300])
    def test_shrinks_to_the_earliest_that_will_do(self, least: int) -> None:
        assert smallest(picks(range(2_000)), lambda numbers: max(numbers, default=0) >= least) == [least]

    @pytest.mark.parametrize("count", [1, 256, 257, 131_072])
    def test_draws_from_tables_of_any_allowed_length(self, count: int) -> None:
        drawn = drawn_from(picks(range(count), min_size=2, max_size=4), 200)
        assert all(2 <= len(numbers) <= 4 and max(numbers) < count for numbers in drawn)

    @pytest.mark.parametrize("count", [0, 131_073])
    def test_refuses_others(self, count: int) -> None:
        with pytest.raises(ValueError, match="it must have 1 to 131,072"):
            picks(range(count))


class TestPick:
    """What `picks` draws, by a generator of our own."""

    def words(self, size: int, seed: int = 0) -> list[list[int]]:
        random = Random(seed)
        return [pick(range(size), random, max_size=12) for _ in range(5_000)]

    def test_has_the_weights_of_picks(self) -> None:
        ours = self.words(2_000)
        theirs = drawn_from(picks(range(2_000), min_size=1, max_size=12), EXAMPLES)
        for words in (ours, theirs):
            letters = [number for word in words for number in word]
            assert 0.75 < sum(number < 256 for number in letters) / len(letters) < 0.85
            assert 5.2 < sum(map(len, words)) / len(words) < 6.8
            assert 0.12 < sum(len(word) == 12 for word in words) / len(words) < 0.26

    def test_reaches_every_entry_and_no_other(self) -> None:
        assert {number for word in self.words(40) for number in word} == set(range(40))
        assert {number for word in self.words(300) for number in word} == set(range(300))
        assert self.words(1) == [[0] * len(word) for word in self.words(1)]

    def test_is_the_same_for_a_seed_and_another_for_another(self) -> None:
        assert self.words(300, 7) == self.words(300, 7) != self.words(300, 8)


class TestPieces:
    @pytest.mark.parametrize("hazard", PIECES)
    def test_class_is_well_formed(self, hazard: str) -> None:
        pieces = PIECES[hazard]
        assert len(set(pieces)) == len(pieces)
        assert all(piece.encode().decode() == piece for piece in pieces)
        assert "" not in pieces[:-1]

    def test_table_holds_every_piece_but_the_empty_one_within_the_favoured(self) -> None:
        assert set(TABLE) == {piece for pieces in PIECES.values() for piece in pieces if piece}
        assert len(TABLE) <= 256

    def test_table_begins_harmless_and_widens(self) -> None:
        widths = [max(len(character.encode()) for character in piece) for piece in TABLE]
        assert TABLE[:3] == ("a", "b", "c")
        assert widths == sorted(widths)


class TestLetterAlphabet:
    def test_has_no_code_point_twice_and_no_surrogate(self) -> None:
        assert len(set(letter_alphabet(0))) == len(letter_alphabet(0))
        assert letter_alphabet(0).encode().decode() == letter_alphabet(0)

    @pytest.mark.parametrize("reserved", [0, 256, 0x3000])
    def test_starts_where_it_is_told(self, reserved: int) -> None:
        assert min(map(ord, letter_alphabet(reserved))) >= reserved

    def test_every_script_has_a_like_share(self) -> None:
        shares = [
            sum(any(first <= ord(letter) <= last for first, last in ranges) for letter in letter_alphabet())
            for ranges in recorded()["scripts"].values()
        ]
        assert min(shares) >= 4
        assert max(shares) <= 12


class TestDataFile:
    def test_says_what_regex_says(self) -> None:
        same_unicode()
        assert make_scripts.rendered(make_scripts.tables()) == recorded_text()

    def test_no_surrogate_and_no_code_point_of_two_scripts(self) -> None:
        ranges = sorted(pair for pairs in recorded()["scripts"].values() for pair in pairs)
        assert all(last < following for (_, last), (following, _) in pairwise(ranges))
        assert not any(first <= 0xDFFF and last >= 0xD800 for first, last in ranges)
