"""What servers write, to the byte: sliceproof writes the same bytes, and reads them to the text they tell."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from bodies import COMMON, FOLDER, GOLDEN, Golden
from sliceproof.conformance.decoders.sound import SOUND, Build
from sliceproof.wire.dialects import BEDROCK, DIALECTS, ModelError, delta_reader, dialect, encode, reader
from sliceproof.wire.slicing import cut
from sliceproof.wire.stream import Stream

EACH = pytest.mark.parametrize("golden", GOLDEN.values(), ids=lambda one: one.name)
PAGE = Path(__file__).parents[2] / "docs" / "bodies.md"
KNOWN = (*DIALECTS.values(), *BEDROCK.values())
CHECKED = {"run", "by hand", "recorded", "reading"}


def texts(golden: Golden, slices: tuple[bytes, ...]) -> Iterator[str]:
    reading = reader(dialect(golden.dialect))
    yield from chain(chain.from_iterable(map(reading.feed, slices)), reading.close())


@EACH
def test_each_is_written_to_the_byte(golden: Golden) -> None:
    known, told = dialect(golden.dialect), golden.deltas or golden.tokens
    if golden.error is None:
        body = encode(known, told, golden.style).data
    else:
        body = encode(known, (*told, "never told"), golden.style, stop=len(told), error=golden.error).data
    assert (body == golden.data) == golden.writes
    if golden.writes:
        assert body.decode() == golden.data.decode()


REASONS = {
    "anthropic-sse": ("end_turn", "tool_use"),
    "responses-sse": ("completed", "completed"),
    "cohere-sse": ("COMPLETE", "TOOL_CALL"),
    **dict.fromkeys(BEDROCK, ("end_turn", "tool_use")),
}
"""Why an answer is over, without a call and with one."""


@EACH
def test_each_is_read_to_what_it_tells_however_it_is_cut(golden: Golden) -> None:
    for slices in ((golden.data,), cut(golden.data, range(1, len(golden.data)))):
        read: list[str] = []
        if golden.error is None:
            read += texts(golden, slices)
        else:
            with pytest.raises(ModelError) as caught:  # noqa: PT012 - the text comes before the error
                for text in texts(golden, slices):
                    read.append(text)
            assert caught.value.message == golden.error
        assert "".join(read) == "".join(golden.tokens)


@pytest.mark.parametrize("golden", [golden for golden in GOLDEN.values() if golden.deltas], ids=lambda one: one.name)
def test_each_of_several_channels_is_read_to_all_of_them(golden: Golden) -> None:
    for slices in ((golden.data,), cut(golden.data, range(1, len(golden.data)))):
        reading = delta_reader(dialect(golden.dialect))
        read = [*chain.from_iterable(map(reading.feed, slices)), *reading.close()]
        assert [delta for delta in read if delta.text or delta.id] == [
            replace(delta, joined=False) for delta in golden.deltas
        ]
        ended = {delta.choice: delta.finish for delta in read if delta.finish}
        called = {delta.choice for delta in golden.deltas if delta.kind == "tool-call"}
        reasons = REASONS.get(golden.dialect, ("stop", "tool_calls"))
        assert ended == {delta.choice: reasons[delta.choice in called] for delta in golden.deltas}


READ_BY = [
    pytest.param(golden, build, id=f"{golden.name}-{build.name}")
    for golden in GOLDEN.values()
    for build in SOUND.values()
    if golden.error is None and golden.dialect in build.dialects and build.yields == "text" and not build.is_async
]


@pytest.mark.parametrize(("golden", "build"), READ_BY)
def test_each_is_read_by_the_sound_decoders_too(golden: Golden, build: Build) -> None:
    stream = Stream("text", (golden.data.decode(),))  # a wire with these bytes as its payload
    given: dict[str, Any] = {"chunks": stream.chunks, "parts": stream.parts}
    given["events"] = [{"PayloadPart": {"Bytes": part}} for part in stream.parts]
    fed = given["parts" if build.envelope == "http" else build.accepts]
    assert "".join(build.kind(golden.dialect).decode(fed)) == "".join(golden.tokens)


def test_every_form_has_one_or_is_said_to_be_no_server_s_own() -> None:
    having = {(golden.dialect, golden.style.form) for golden in GOLDEN.values()}
    forms = {(dialect.id, form) for dialect in KNOWN for form in dialect.forms}
    assert having | set(COMMON) == forms
    exact = {(golden.dialect, golden.style.form) for golden in GOLDEN.values() if golden.writes and not golden.error}
    assert exact.isdisjoint(COMMON)


def test_the_folder_has_what_the_index_says_and_no_more() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {"index.toml", *(f"{name}.body" for name in GOLDEN)}


def test_each_says_where_it_is_from() -> None:
    for golden in GOLDEN.values():
        assert golden.server
        assert golden.version
        assert golden.source
        assert golden.checked in CHECKED


def row(golden: Golden) -> str:
    """What the page says of a body."""
    form, wrong = golden.style.form or "–", ", error" if golden.error is not None else ""
    return (
        f"| {golden.dialect} | {form} | [{golden.name}](../corpus/bodies/{golden.name}.body) "
        f"| {golden.server}{wrong} | {golden.version} | {golden.source} | {golden.checked} |"
    )


def test_the_page_has_a_row_for_each() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if "/corpus/bodies/" in line and line[0] == "|"]
    assert rows == [row(golden) for golden in GOLDEN.values()]


def test_the_page_says_which_forms_are_no_server_s_own() -> None:
    page = PAGE.read_text("utf-8")
    for (id_, form), why in COMMON.items():
        assert f"| {id_} | {form or '–'} | {why} |" in page
