"""In which order findings are told: who explains most first, what follows from it right behind."""

from sliceproof.conformance.reporting.following import Broken, Family, broken, families, listed

R1, U1, MIX = Broken("R1", "fail"), Broken("U1", "fail", "R1"), Broken("MIX", "fail", "U1")
L1, Q2, T1 = Broken("L1", "fail"), Broken("Q2", "warn", "R1"), Broken("T1", "warn")


def test_who_explains_most_comes_first_and_its_followers_right_behind() -> None:
    assert families([L1, MIX, Q2, R1, T1, U1]) == [Family("R1", ("U1", "MIX", "Q2")), Family("L1"), Family("T1")]


def test_a_must_comes_before_a_should_that_explains_more() -> None:
    assert [each.root for each in families([T1, Broken("T2", "warn", "T1"), L1])] == ["L1", "T1"]


def test_a_plain_stream_comes_first_also_where_it_was_not_asked() -> None:
    plainly = [Broken("U1", "warn", "PLAIN"), Broken("L1", "warn", "U1")]
    assert families([R1, *plainly]) == [Family("PLAIN", ("U1", "L1")), Family("R1")]
    assert families([R1, *plainly, Broken("PLAIN", "fail")])[0] == Family("PLAIN", ("U1", "L1"))


def test_what_follows_from_what_is_not_told_stands_for_itself() -> None:
    """A baseline knows R1, and U1 is broken anew."""
    assert families([U1, MIX]) == [Family("U1", ("MIX",))]


def test_what_follows_from_each_other_is_told_once() -> None:
    assert families([Broken("L1", "fail", "U1"), Broken("U1", "fail", "L1")]) == [Family("L1", ("U1",))]


def test_what_follows_in_one_dialect_alone_stands_for_itself() -> None:
    assert broken("U1", [("warn", "R1"), ("fail", "")]) == Broken("U1", "fail")
    assert broken("U1", [("fail", "R1"), ("pass", None)]) == U1


def test_a_list_of_ids_shows_the_roots() -> None:
    told = [L1, MIX, Q2, R1, T1, U1]
    assert listed(told, "fail") == "R1 (hence U1 MIX) L1"
    assert listed(told, "warn") == "Q2 (from R1) T1"
