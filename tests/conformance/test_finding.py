"""Findings: the place in bytes, the first difference, and two ways of seeing it again that really show it."""

import ast
import shlex
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from sliceproof.conformance.cli.main import main
from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.bytemap import byte_map, code_point
from sliceproof.conformance.engine.case_argument import parse
from sliceproof.conformance.engine.finding import Finding, first_difference, snippet
from sliceproof.conformance.engine.shell import quoted
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS, Style
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

CUT = Stream("tgi-sse", ("é",), part_cuts=(43,))


class TestTheByteMap:
    def test_shows_a_cut_character_on_both_sides_and_whole(self) -> None:
        assert byte_map(CUT) == [
            'part 1    … 2c 22 74 65 78 74 22 3a 22 c3   ,"text":"·',
            'part 2    a9 22 2c 22 6c 6f 67 70 72 6f …   ·","logpro',
            "split     c3 | a9 = U+00E9 'é' LATIN SMALL LETTER E WITH ACUTE",
        ]

    @pytest.mark.parametrize(
        ("stream", "first"),
        [
            (Stream("tgi-sse", ("x",), part_cuts=(3,)), "part 1    64 61 74"),
            (Stream("tgi-sse", ("x",), chunk_cuts=(1,)), "chunk 1   00 "),
            (Stream("tgi-sse", ("x",), fault=Fault("truncated", 100)), "wire end  … "),
            (Stream("tgi-sse", ("x",), fault=Fault("corrupt", 20)), "flipped   … "),
            (Stream("text", (), fault=Fault("malformed", 0)), "malformed 00 00 00 0c 00 00 00 00 a0 d2"),
            (Stream("tgi-sse", ("x", "y"), part_cuts=()), "one part  … "),
            (Stream("tgi-sse", (), Style(asides=((0, "comment"),))), "comment   3a"),
            (Stream("tgi-sse", ("x", "y")), "text      78 "),
            (Stream("text", ("x" * 50,)), "text      78 78 78 78 78 78 78 78 78 78 … "),
        ],
        ids=["part", "chunk", "truncated", "corrupt", "malformed", "joined", "aside", "text", "long text"],
    )
    def test_shows_the_place_that_matters(self, stream: Stream, first: str) -> None:
        assert byte_map(stream)[0].startswith(first)

    @pytest.mark.parametrize(
        ("id_", "label", "offending"),
        [
            ("U5-bom", "BOM", "ef bb bf"),
            ("L3", "line end", "0d 0a 0d 0a"),
            ("S3", "two lines", "0a 64 61 74 61 3a"),
            ("K1", "event", b"Metrics".hex(" ")),
            ("P3", "record", "64 61 74 61 3a 7b"),
            ("J4", "record", "22 20 3a 20"),
            ("O1", "one chunk", "00 00 00 77"),
            ("P1", "text", "64"),
            ("T4", "raised at", "7b 9a dd f1"),
        ],
    )
    def test_shows_the_bytes_that_the_hazard_puts_there(self, id_: str, label: str, offending: str) -> None:
        row = byte_map(next(iter(REQUIREMENTS[id_].sweep(DIALECTS["openai-sse"]))))[0]
        assert row.startswith(label)
        assert offending in row

    def test_shows_the_end_of_the_stream_only_where_that_is_the_place(self) -> None:
        for id_, requirement in REQUIREMENTS.items():
            streams = list(requirement.sweep(DIALECTS["openai-sse"])) if id_ not in ("MIX", "Q1") else []
            assert [stream for stream in streams[::5] if any(row.startswith("done") for row in byte_map(stream))] == []

    def test_counts_what_is_missing(self) -> None:
        whole = Stream("tgi-sse", ("x",))
        row = byte_map(whole.but(fault=Fault("truncated", len(whole.wire) - 3)))[1]
        assert row == "missing   3 bytes"

    @pytest.mark.parametrize("at", [0, 1, 4])
    def test_says_that_something_came_before_only_where_it_did(self, at: int) -> None:
        rows = byte_map(Stream("text", ("x",), fault=Fault("truncated", at)))
        assert "…" not in rows[0]

    def test_prefers_the_cut_inside_a_character(self) -> None:
        assert byte_map(CUT.but(part_cuts=(3, 43, 60)))[2].startswith("split     c3 | a9")

    def test_shows_no_control_character_and_no_more_than_a_screen(self) -> None:
        for dialect in DIALECTS.values():
            for id_, requirement in REQUIREMENTS.items():
                streams = islice(requirement.sweep(dialect), 0, 100, 5) if id_ not in ("MIX", "Q1") else ()
                for row in (row for stream in streams for row in byte_map(stream)):
                    assert all(0x20 <= ord(character) != 0x7F for character in row)
                    assert len(row) <= 120

    @pytest.mark.parametrize(
        "stream",
        [
            Stream("text", ("a",), part_cuts=(0,)),
            Stream("text", ("a",), part_cuts=(1,)),
            Stream("text", ("a",), part_cuts=(0, 0, 1, 1)),
            Stream("text", ("a",), chunk_cuts=(0,)),
            Stream("text", ("a",), chunk_cuts=(0, 0, 5, 5)),
            Stream("text", (), part_cuts=()),
            Stream("text", ("😀",), part_cuts=(1,), fault=Fault("broken-off", 3)),
            Stream("tgi-sse", ("x",), part_cuts=(9,), fault=Fault("broken-off", 9)),
            Stream("text", (), fault=Fault("exception", 0)),
            Stream("text", ("a",), fault=Fault("truncated", 0)),
            Stream("tgi-sse", ("x",), chunk_cuts=(2,), fault=Fault("corrupt", 1)),
        ],
        ids=repr,
    )
    def test_is_made_of_the_oddest_cuts_too(self, stream: Stream) -> None:
        assert all(isinstance(row, str) for row in byte_map(stream))


class TestTheFirstDifference:
    @pytest.mark.parametrize(
        ("name", "stream", "told"),
        [
            (
                "decodes_parts_alone",
                CUT,
                "at character 0: expected U+00E9 'é' LATIN SMALL LETTER E WITH ACUTE, got the end",
            ),
            ("replaces_halves_of_characters", CUT, "got U+FFFD '�' REPLACEMENT CHARACTER"),
            ("strips_character_sets", Stream("tgi-sse", ("xd", "ay")), "at character 2: expected U+0061 'a'"),
            ("gives_the_full_text_too", Stream("tgi-sse", ("x",)), "at character 1: expected the end, got U+0078 'x'"),
            ("drops_format_characters", Stream("tgi-sse", ("\u200b",)), "expected U+200B ZERO WIDTH SPACE"),
        ],
    )
    def test_is_told_as_code_points(self, name: str, stream: Stream, told: str) -> None:
        decoder = BROKEN[name].decoder()
        broken = REQUIREMENTS[BROKEN[name].breaks[0]].check(decoder, stream)
        assert broken is not None
        assert told in first_difference(broken, "text")

    def test_is_none_where_text_is_not_what_differs(self) -> None:
        decoder, requirement = BROKEN["swallows_exception_messages"].decoder(), REQUIREMENTS["E1"]
        broken = requirement.check(decoder, Stream("tgi-sse", ("x",), fault=Fault("exception", 1)))
        assert broken is not None
        assert first_difference(broken, "text") == ""

    @pytest.mark.parametrize(
        ("character", "told"), [("\n", "U+000A"), ("😀", "U+1F600 '😀' GRINNING FACE"), ("\ue000", "U+E000")]
    )
    def test_names_what_has_a_name_and_shows_what_can_be_shown(self, character: str, told: str) -> None:
        assert code_point(character) == told


OWN = """
import asyncio

from botocore.eventstream import EventStreamBuffer


def payloads(chunks):
    buffer = EventStreamBuffer()
    for chunk in chunks:
        buffer.add_data(chunk)
        for message in buffer:
            yield message.payload


def replacing(chunks):
    for payload in payloads(chunks):
        yield payload.decode("utf-8", "replace")


def strict(chunks):
    for payload in payloads(chunks):
        yield payload.decode()


async def late(chunks):
    buffer = EventStreamBuffer()
    async for chunk in chunks:
        await asyncio.sleep(0)
        buffer.add_data(chunk)
        for message in buffer:
            yield message.payload.decode("utf-8", "replace")


def of_parts(parts):
    for part in parts:
        yield part.decode("utf-8", "replace")


def of_events(events):
    for event in events:
        yield event["PayloadPart"]["Bytes"].decode("utf-8", "replace")


def hiding(events):
    try:
        for event in events:
            yield event["PayloadPart"]["Bytes"].decode()
    except Exception:
        raise ValueError("bad response") from None


class Named:
    @staticmethod
    def decode(chunks):
        return replacing(chunks)
"""
HALVES = Stream("text", ("é",), part_cuts=(1,))
FAILING = Stream("text", ("x",), fault=Fault("exception", 1))


def found(decoder: Decoder, id_: str, stream: Stream) -> Finding:
    broken = REQUIREMENTS[id_].check(decoder, stream)
    assert broken is not None
    return Finding(REQUIREMENTS[id_], decoder, broken, broken.breach.layer)


def executed(code: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    ast.parse(code)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder, timeout=60
    )


class TestTheSnippet:
    @pytest.mark.parametrize(
        ("name", "accepts", "id_", "stream"),
        [
            ("replacing", "chunks", "U1", HALVES),
            ("strict", "chunks", "U1", HALVES),
            ("late", "chunks", "U1", HALVES),
            ("of_parts", "parts", "U1", HALVES),
            ("of_events", "events", "U1", HALVES),
            ("hiding", "events", "E2", FAILING),
            ("Named.decode", "chunks", "U1", HALVES),
        ],
    )
    def test_of_a_file_of_ones_own_shows_what_was_found(
        self, tmp_path: Path, name: str, accepts: str, id_: str, stream: Stream
    ) -> None:
        (tmp_path / "own.py").write_text(OWN)
        finding = found(load(f"{tmp_path / 'own.py'}:{name}", accepts=accepts), id_, stream)
        ran, outcome = executed(finding.snippet, tmp_path), finding.broken.outcome
        assert ran.stdout.splitlines() == [repr(item) for item in outcome.items]
        last = ran.stderr.splitlines()[-1:] or [""]
        assert last[0].split(":")[0] == (type(outcome.error).__name__ if outcome.error else "")
        assert "sliceproof" not in finding.snippet

    def test_of_a_file_whose_name_is_no_identifier_runs_too(self, tmp_path: Path) -> None:
        (tmp_path / "my-own.py").write_text(OWN)
        finding = found(load(f"{tmp_path / 'my-own.py'}:replacing"), "U1", HALVES)
        assert len(executed(finding.snippet, tmp_path).stdout.splitlines()) == 2

    def test_of_botocore_shows_what_was_found(self, tmp_path: Path) -> None:
        stream = Stream("text", ("x", "y"), fault=Fault("truncated", 150))
        finding = found(DECODERS["botocore"].load(), "T2", stream)
        ran = executed(finding.snippet, tmp_path)
        assert ran.stderr == ""
        assert [line.split("} ")[1] for line in ran.stdout.splitlines()] == ["b'x'"]
        assert "sliceproof" not in finding.snippet

    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_of_the_reference_shows_its_text(self, tmp_path: Path, mode: str) -> None:
        code = snippet(DECODERS["reference"].load(), Stream("tgi-sse", ("é", "x")), mode)
        assert executed(code, tmp_path).stdout.strip() == "['é', 'x']"

    def test_is_left_out_where_there_is_no_way_to_name_the_decoder(self) -> None:
        assert found(BROKEN["decodes_parts_alone"].decoder(), "U1", CUT).snippet == ""


HARD = ["'", '"', "$HOME", "`x`", "\\", "\\\\n", "!!", "\n", "é", "x y", "\u2028", "'\"", "%s", "#", "*"]


class TestTheReplayCommand:
    @pytest.mark.parametrize("token", HARD, ids=ascii)
    def test_is_parted_by_a_shell_into_what_it_was_made_of(self, token: str) -> None:
        stream = Stream("text", (token, "é"), part_cuts=(0,))
        assert shlex.split(quoted(repr(stream))) == [repr(stream)]
        assert parse(shlex.split(quoted(repr(stream)))[0]) == stream

    @pytest.mark.skipif(sys.platform == "win32", reason="asks a POSIX shell")
    @pytest.mark.parametrize("token", HARD, ids=ascii)
    def test_is_understood_by_the_shell_itself(self, token: str) -> None:
        word = repr(Stream("text", (token,)))
        ran = subprocess.run(["sh", "-c", f"printf %s {quoted(word)}"], capture_output=True, text=True, check=True)
        assert ran.stdout == word

    @pytest.mark.parametrize(
        ("name", "accepts", "yields", "id_", "stream"),
        [
            ("replacing", "chunks", "text", "U1", HALVES),
            ("of_events", "events", "text", "U1", HALVES),
            ("of_parts", "parts", "text", "U1", HALVES),
            ("payloads", "chunks", "lines", "R1", Stream("djl-jsonlines", ("x",), part_cuts=(5,))),
        ],
    )
    def test_run_again_gives_the_same_verdict(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        name: str,
        accepts: str,
        yields: str,
        id_: str,
        stream: Stream,
    ) -> None:
        (tmp_path / "own file.py").write_text(OWN)
        target = f"{tmp_path / 'own file.py'}:{name}"
        finding = found(load(target, accepts=accepts, yields=yields), id_, stream)
        monkeypatch.setattr(sys, "argv", shlex.split(finding.replay))
        monkeypatch.setenv("SLICEPROOF_IN_PROCESS", "1")
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr().out
        assert ended.value.code == 1
        assert told.startswith(f"FAIL  {id_}  ")
        assert finding.broken.breach.got in told

    def test_names_a_registered_decoder_as_it_was_given(self) -> None:
        finding = found(BROKEN["decodes_parts_alone"].decoder(), "U1", CUT)
        command = (
            "sliceproof replay \"Stream('tgi-sse', ['é'], part_cuts=[43])\" broken:decodes_parts_alone --requirement U1"
        )
        assert finding.replay == command
