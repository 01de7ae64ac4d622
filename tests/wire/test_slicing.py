"""Where bytes are cut: slices join to the data, and the seams of a body are where they are said to be."""

import json
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sliceproof.wire.slicing import cut, every, inside_code_points, inside_escapes, inside_line_ends

TEXT = st.text(st.sampled_from('a é你😀"\\/\n\r\t\x00\x1f\x7f\x85\u2028\ufeffu0041dD8'))


def sound_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class TestCut:
    @pytest.mark.parametrize(
        ("offsets", "slices"),
        [
            ([], (b"abc",)),
            ([1], (b"a", b"bc")),
            ((1, 2), (b"a", b"b", b"c")),
            (range(1, 3), (b"a", b"b", b"c")),
            ([0], (b"", b"abc")),
            ([3], (b"abc", b"")),
            ([1, 1, 1], (b"a", b"", b"", b"bc")),
            ([0, 0, 3, 3], (b"", b"", b"abc", b"", b"")),
        ],
    )
    def test_offsets_are_bytes_from_the_start(self, offsets: list[int], slices: tuple[bytes, ...]) -> None:
        assert cut(b"abc", offsets) == slices

    @given(st.binary(max_size=20), st.data())
    def test_the_slices_join_to_the_data(self, data: bytes, draw: st.DataObject) -> None:
        offsets = sorted(draw.draw(st.lists(st.integers(0, len(data)))))
        slices = cut(data, offsets)
        assert b"".join(slices) == data
        assert list(accumulate(map(len, slices)))[:-1] == offsets

    @pytest.mark.parametrize("offsets", [[2, 1], [-1], [4], [0, 4], [1, -1]])
    def test_offsets_that_do_not_ascend_through_the_data_are_refused(self, offsets: list[int]) -> None:
        with pytest.raises(ValueError, match="ascend from 0 to 3"):
            cut(b"abc", offsets)


class TestEvery:
    @pytest.mark.parametrize(
        ("size", "length", "cuts"),
        [
            (1, 0, ()),
            (1, 1, ()),
            (1, 3, (1, 2)),
            (3, 6, (3,)),
            (3, 7, (3, 6)),
            (8192, 8192, ()),
            (8192, 8193, (8192,)),
            (9, 3, ()),
        ],
    )
    def test_cuts_stand_at_the_multiples(self, size: int, length: int, cuts: tuple[int, ...]) -> None:
        assert every(size, length) == cuts

    @given(st.integers(1, 50), st.binary(min_size=1, max_size=200))
    def test_all_slices_but_the_last_are_full_and_none_is_empty(self, size: int, data: bytes) -> None:
        *full, last = cut(data, every(size, len(data)))
        assert {len(slice_) for slice_ in full} <= {size}
        assert 1 <= len(last) <= size

    @pytest.mark.parametrize("size", [0, -1])
    def test_a_slice_of_no_bytes_is_refused(self, size: int) -> None:
        with pytest.raises(ValueError, match=f"at least 1 byte, not {size}"):
            every(size, 3)


class TestSeams:
    @given(TEXT)
    def test_a_cut_is_inside_a_code_point_where_neither_side_is_utf8(self, text: str) -> None:
        data = text.encode()
        assert inside_code_points(data) == [offset for offset in range(len(data)) if not sound_utf8(data[:offset])]

    @given(TEXT, st.booleans())
    def test_a_cut_is_inside_an_escape_where_json_wrote_more_bytes_for_a_character(
        self, text: str, ascii_: bool
    ) -> None:
        spelt = [json.dumps(character, ensure_ascii=ascii_)[1:-1].encode() for character in text]
        starts = accumulate((len(one) for one in spelt), initial=0)
        inside = [
            start + k for start, one in zip(starts, spelt, strict=False) for k in range(1, len(one)) if one[:1] == b"\\"
        ]
        assert inside_escapes(b"".join(spelt)) == inside

    @pytest.mark.parametrize(
        ("body", "inside"),
        [
            (rb"\u00e9", [1, 2, 3, 4, 5]),
            (rb"a\nb", [2]),
            (rb"\\u0041", [1]),
            (rb"\\\u0041", [1, 3, 4, 5, 6, 7]),
            (rb"\ud83d\ude00", list(range(1, 12))),
            (rb"\uD83D\uDE00", list(range(1, 12))),
            (rb"\ude00\ud83d", [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]),
            (rb"\ud83d\u0041", [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]),
            (rb"\ud83da", [1, 2, 3, 4, 5]),
            (rb"\ud83", []),
            (rb"\x41", []),
            (b"", []),
        ],
    )
    def test_only_a_true_surrogate_pair_is_one_escape(self, body: bytes, inside: list[int]) -> None:
        assert inside_escapes(body) == inside

    @pytest.mark.parametrize(
        ("body", "inside"),
        [
            (b"a\r\nb", [2]),
            (b"\r\n\r\n", [1, 3]),
            (b"\r\r\n\n", [2]),
            (b"\n\r", []),
            (b"a\rb\n", []),
            ("\x85\u2028".encode(), []),
            (b"", []),
        ],
    )
    def test_only_cr_lf_has_an_inside(self, body: bytes, inside: list[int]) -> None:
        assert inside_line_ends(body) == inside
