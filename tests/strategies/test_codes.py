"""Words of letters as bytes: every bytes are a word, and every word has bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.strategies.codes import MOST, data, word
from sliceproof.strategies.letters import letters
from sliceproof.strategies.text import FAVOURED
from sliceproof.wire.dialects import DIALECTS

MIX = REQUIREMENTS["MIX"]
TABLE = MIX.alphabet(DIALECTS["tgi-sse"])


@given(st.lists(st.integers(0, len(TABLE) - 1), min_size=1, max_size=12))
def test_a_word_comes_back_from_its_bytes(numbers: list[int]) -> None:
    lines = [TABLE[number] for number in numbers]
    assert word(data(lines, TABLE), TABLE, 12) == lines


@given(st.binary(max_size=40))
def test_any_bytes_are_a_word_that_a_stream_can_be_made_of(drawn: bytes) -> None:
    found = word(drawn, TABLE, 12)
    assert len(found) == max(1, min(12, len(drawn) // 2))
    assert MIX.composed(DIALECTS["tgi-sse"], found).chunks


def test_half_of_all_codes_are_for_the_letters_that_tell_most() -> None:
    codes = [number.to_bytes(2) for number in range(1 << 16)]
    favoured = sum(TABLE.index(word(code, TABLE, 1)[0]) < FAVOURED for code in codes[::17])
    assert 0.5 < favoured / len(codes[::17]) < 0.65


def test_every_letter_has_a_code() -> None:
    assert {word(data([letter], TABLE), TABLE, 1)[0] for letter in TABLE} == set(TABLE)


def test_a_byte_that_is_left_over_means_nothing() -> None:
    assert word(b"\0\1\0", TABLE, 12) == word(b"\0\1", TABLE, 12)
    assert word(b"\0", TABLE, 12) == word(b"", TABLE, 12) == [TABLE[0]]


def test_a_table_without_codes_for_all_its_letters_is_refused() -> None:
    table = letters(map(str, range(MOST + 1)))
    with pytest.raises(ValueError, match="32,769 letters; 32,768 have codes"):
        data(table[:1], table)
