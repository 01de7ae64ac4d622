"""The picture of a stream: what stands in it is what the stream has, wherever it is looked at."""

import json
from dataclasses import asdict
from itertools import pairwise

import pytest

from sliceproof import Stream
from sliceproof.conformance.engine.drawing import MOST_SEGMENTS, Drawing, Window, drawing
from sliceproof.corpus import Case, shipped
from sliceproof.wire.faults import Fault

CASES = [case for case in shipped() if case.requirement != "Q1"]


def labels(window: Window, name: str) -> list[str]:
    return [span.label for lane in (*window.above, *window.below) if lane.name == name for span in lane.spans]


def looked_at(found: Drawing) -> Window:
    assert len(found.windows) == 1
    return found.windows[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_lane_is_in_order_and_every_byte_is_the_stream_s(case: Case) -> None:
    stream, found = case.stream, drawing(case.stream)
    assert json.loads(json.dumps(asdict(found)))
    data = {"body": stream.body, "wire": stream.wire}
    for window in found.windows:
        assert bytes(window.data) == data[window.of][window.start : window.stop]
        assert len(window.data) == len(window.kinds) == len(window.marks)
        for lane in (*window.above, *window.below):
            for span in lane.spans:
                assert window.start <= span.start < span.stop <= window.stop
            assert all(one.stop <= other.start for one, other in pairwise(lane.spans))
    assert all(one.stop <= other.start for one, other in pairwise(found.windows))
    assert found.windows or not stream.wire
    for lane in (*found.of_body, *found.of_wire):
        assert len(lane.spans) <= MOST_SEGMENTS


def test_a_cut_inside_a_character_is_marked_above_and_below() -> None:
    window = looked_at(drawing(Stream("tgi-sse", ["é"], part_cuts=[43])))
    text = next(lane for lane in window.above if lane.name == "text")
    assert [(span.label, span.kind, span.cuts) for span in text.spans] == [("é", "split", (50.0,))]
    assert [window.marks[43 - window.start], *labels(window, "part")] == ["cut", "part 1", "part 2"]
    assert [cut.label for cut in window.cuts] == ["cut inside a character"]


def test_a_cut_between_records_is_a_seam_and_no_cut() -> None:
    found = drawing(Stream("djl-jsonlines", ["x", "y"]))
    assert {mark for window in found.windows for mark in window.marks} <= {"", "seam"}


def test_a_chunk_that_ends_inside_a_message_is_seen_on_the_wire() -> None:
    window = looked_at(drawing(Stream("tgi-sse", ["x"], chunk_cuts=[6])))
    assert window.of == "wire"
    assert labels(window, "field")[:2] == ["total length", "headers length"]
    assert [cut.label for cut in window.cuts] == ["cut inside a message"]


def test_where_the_wire_ends_is_told_behind_the_last_byte() -> None:
    window = looked_at(drawing(Stream("tgi-sse", ["x"], fault=Fault("truncated", 40))))
    assert (window.stop, window.end) == (40, "the wire ends")


def test_a_flipped_byte_is_marked() -> None:
    window = looked_at(drawing(Stream("tgi-sse", ["x"], fault=Fault("corrupt", 40))))
    assert window.kinds[40 - window.start] == "flipped"


def test_the_stages_are_to_scale_and_say_how_much_there_is() -> None:
    found = drawing(Stream("tgi-sse", ["x"] * 100))
    assert [lane.note for lane in found.of_body] == ["100 characters", "100 records", "100 parts"]
    assert [(lane.spans[0].start, len(lane.spans)) for lane in found.of_wire] == [(0, MOST_SEGMENTS)] * 2
    assert any("the first 60 are drawn" in note for note in found.notes)


def test_a_body_without_an_event_stream_has_chunks_and_no_messages() -> None:
    found = drawing(Stream("tgi-sse", ["é"], part_cuts=[43]), "chunk")
    assert [lane.name for lane in found.of_body] == ["text", "records", "chunks"]
    assert found.of_wire == ()
    assert [lane.name for lane in looked_at(found).below] == ["chunk"]
