"""Specimens: what each claims of its wire is so, and our own decoder takes and refuses what the specification says."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from sliceproof.wire.errors import MessageError
from sliceproof.wire.headers import Limits
from sliceproof.wire.messages import MessageDecoder
from sliceproof.wire.specimens import FAMILIES, OVER_LIMITS, SOUND, SPECIMENS, Specimen

SMALL = [specimen for specimen in SPECIMENS if not specimen.large]
LARGE = [specimen for specimen in SPECIMENS if specimen.large]
WITHOUT_LIMITS = Limits(headers=None, payload=None)  # as the specification wants of a client


def read(wire: bytes, limits: Limits = WITHOUT_LIMITS) -> tuple[list[bytes], str]:
    """The payloads, and the class of error that ended them ("" for none)."""
    decoder, payloads = MessageDecoder(limits), []
    try:
        payloads += [message.payload for message in decoder.feed(wire)]
        decoder.close()
    except MessageError as error:
        return payloads, type(error).__name__
    return payloads, ""


def test_each_has_a_name_of_its_own_a_line_about_it_and_a_family() -> None:
    assert max(Counter(specimen.name for specimen in SPECIMENS).values()) == 1
    assert all(specimen.about and "\n" not in specimen.about and len(specimen.about) < 80 for specimen in SPECIMENS)
    assert [specimen.family for specimen in SPECIMENS] == sorted(
        [specimen.family for specimen in SPECIMENS], key=list(FAMILIES).index
    )
    assert {specimen.family for specimen in SPECIMENS} == FAMILIES.keys()


def test_they_are_bytes_and_the_same_each_time() -> None:
    for specimen in SPECIMENS:
        assert type(specimen.wire) is bytes
        assert specimen.wire == specimen.wire
    assert len({one.wire for one in SMALL}) == len(SMALL)


def test_each_is_what_verdicts_were_published_on() -> None:
    """They are vectors: docs/matrix.md says of each, by its name, what decoders made of its bytes."""
    published = json.loads(Path(__file__).with_name("specimens.json").read_text("utf-8"))
    digests = {specimen.name: hashlib.sha256(specimen.wire).hexdigest()[:16] for specimen in SPECIMENS}
    assert {
        specimen.name: [specimen.expected, len(specimen.wire), digests[specimen.name]] for specimen in SPECIMENS
    } == published


def test_the_large_ones_are_large_and_the_others_are_not() -> None:
    assert max(len(one.wire) for one in SMALL) < 100_000 < min(len(one.wire) for one in LARGE)


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda one: one.name)
def test_without_limits_ours_does_what_the_specification_says(specimen: Specimen) -> None:
    payloads, error = read(specimen.wire)
    if specimen.name == "total-2-gib":
        assert (payloads, error) == ([], "IncompleteMessageError")
    elif specimen.expected == "refuse":
        assert error
        assert set(payloads) <= {SOUND}
    else:
        assert not error
        assert len(payloads) == 2
        assert payloads[-1] == SOUND


def test_the_limits_that_ours_has_by_itself_refuse_two_more_and_no_others() -> None:
    refused = {
        specimen.name for specimen in SPECIMENS if specimen.expected == "accept" and read(specimen.wire, Limits())[1]
    }
    assert refused == OVER_LIMITS


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("prelude-checksum", "PreludeChecksumError"),
        ("total-bit", "PreludeChecksumError"),
        ("message-checksum", "MessageChecksumError"),
        ("header-bit", "MessageChecksumError"),
        ("payload-bit", "MessageChecksumError"),
        ("total-0", "LengthError"),
        ("total-15", "LengthError"),
        ("headers-past-end", "LengthError"),
        ("headers-1", "HeaderError"),
        ("name-twice", "HeaderError"),
        ("type-255", "HeaderError"),
        ("truncated-1", "IncompleteMessageError"),
        ("trailing-byte", "IncompleteMessageError"),
        ("trailing-zeros", "PreludeChecksumError"),
    ],
)
def test_only_what_the_name_says_is_wrong(name: str, error: str) -> None:
    (specimen,) = [one for one in SPECIMENS if one.name == name]
    assert read(specimen.wire)[1] == error


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("headers-128-kib", Limits(headers=128 * 1024)),
        ("payload-16-mib", Limits(payload=16 * 1024 * 1024)),
        ("payload-24-mib", Limits(payload=24 * 1024 * 1024)),
    ],
)
def test_the_sizes_are_exactly_the_limit_and_one_over_it(name: str, limits: Limits) -> None:
    at, over = [specimen for specimen in SPECIMENS if specimen.name in (name, name.replace("-", "-over-", 1))]
    assert read(at.wire, limits)[1] == ""
    assert read(over.wire, limits) == ([], "LengthError")


def test_a_message_is_cut_at_each_of_its_bytes() -> None:
    cut = [specimen for specimen in SPECIMENS if specimen.name.startswith("truncated-")]
    assert [int(one.name.partition("-")[2]) for one in cut] == list(range(1, len(cut) + 1))
    (whole,) = [specimen for specimen in SPECIMENS if specimen.name == "payload-bit"]
    assert len(cut[-1].wire) == len(whole.wire) - 1
