"""Streams as pictures: for a page of cases, and for pages of others."""

from collections.abc import Sequence
from dataclasses import asdict

from markupsafe import Markup

from sliceproof.conformance.engine.drawing import drawing
from sliceproof.conformance.reporting.html.environment import macro, page
from sliceproof.conformance.requirements import requirements
from sliceproof.conformance.requirements.hints import hint
from sliceproof.corpus import Case
from sliceproof.wire.stream import Stream


def stream_of(stream: Stream, part: str = "part") -> Markup:
    """A stream stage by stage as HTML; *part* is what a part is called."""
    return macro("stream.html.jinja", "stream", asdict(drawing(stream, part)))


def streams_page(cases: Sequence[Case], given: str) -> str:
    """The page of cases that were *given* to be explained."""
    told = []
    for case in cases:
        found = requirements((case.requirement,))[0] if case.requirement else None
        told.append((case, found, hint(found.id) if found else None, stream_of(case.stream)))
    return page("streams.html.jinja", cases=told, given=given)
