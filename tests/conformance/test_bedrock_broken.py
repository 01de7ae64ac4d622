"""What is asked in Bedrock's dialects can fail there: decoders that are broken on purpose are caught in them too."""

from dataclasses import replace
from itertools import islice

import pytest

from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import dialect

CONVERSE = "bedrock-converse"
CAUGHT = {
    "C1": "renames_what_is_thrown",
    "C2": "takes_interruptions_for_the_end",
    "C3": "keeps_every_source",
    "D2": "drops_repeated_deltas",
    "E1": "swallows_exception_messages",
    "E2": "loses_the_message",
    "F1": "wants_whole_messages",
    "F2": "skips_corrupt_messages",
    "F3": "buffers_whatever_is_declared",
    "F4": "ends_frames_at_line_feeds",
    "F5": "wants_headers_in_order",
    "G1": "holds_back_what_may_be_a_token",
    "H1": "never_ends",
    "J2": "undoes_escapes_twice",
    "J3": "counts_every_brace",
    "J4": "looks_for_compact_json",
    "K1": "reads_every_event",
    "L1": "splits_where_unicode_does",
    "M1": "gives_reasoning_as_content",
    "M2": "wants_whole_arguments",
    "M3": "makes_an_id_for_each_fragment",
    "M4": "has_one_call",
    "M7": "gives_reasoning_last",
    "O1": "reverses_a_chunk",
    "P1": "strips_character_sets",
    "P4": "drops_blank_deltas",
    "S1": "ends_at_any_done",
    "S4": "finds_a_sentinel_in_pieces",
    "T1": "takes_any_end_for_success",
    "T2": "ignores_half_a_message",
    "T3": "withholds_text",
    "T4": "takes_a_reset_for_the_end",
    "U2": "decodes_latin1",
    "U3": "drops_replacement_characters",
    "U5": "strips_every_byte_order_mark",
    "U6": "normalises",
    "X1-deltas": "shares_its_calls",
}


@pytest.mark.parametrize(("id_", "name"), CAUGHT.items())
def test_it_is_caught(id_: str, name: str) -> None:
    decoder = replace(BROKEN[name].decoder(), dialects=(CONVERSE,))
    requirement = REQUIREMENTS[id_]
    assert id_ in BROKEN[name].breaks
    assert requirement.inapplicable(decoder, dialect(CONVERSE)) == ""
    streams = islice(requirement.sweep(dialect(CONVERSE)), 400)
    assert any(requirement.check(decoder, stream) for stream in streams)
