"""The envelope http: the container's body is the wire, its chunks are cut as parts are, and nothing else is asked."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import sliceproof
from sliceproof.conformance.cli.main import cli
from sliceproof.conformance.decoders.broken import BROKEN, Broken
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.options import OptionError, Options
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.contract import Decoder, Mode, TargetError, of_callable
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.feeds import feed_of
from sliceproof.conformance.reporting.checked import check
from sliceproof.conformance.reporting.finding_table import plain, rows
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import BEDROCK, DIALECTS, reader
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.events import frame, part_header_block
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

HEADERS = part_header_block("plain")
OF_MESSAGES = {
    "clears_behind_a_long_message",
    "drops_a_chunk_that_is_corrupt",
    "loops_at_a_length_of_nothing",
    "never_ends",
    "reverses_a_chunk",
}
"""What these do wrong, they do to the messages of a chunk, of which there are none here."""
OF_TEXT = [
    broken
    for broken in BROKEN.values()
    if broken.name not in OF_MESSAGES
    and not all(mode.is_async for mode in broken.modes.values())
    and broken.accepts == "chunks"
    and broken.yields == "text"
    and not REQUIREMENTS[broken.breaks[0]].inapplicable(SOUND["body"].decoder(), DIALECTS[broken.dialect])
]


def over_http(broken: Broken) -> Decoder:
    """A broken decoder of event streams, given each chunk of a body in an event of its own."""

    def opened(mode: Mode, dialect: str, form: str) -> Any:
        call: Any = mode.open(dialect, form)

        def decode(chunks: Iterable[bytes]) -> Iterator[Any]:
            yield from call(frame(HEADERS, chunk) for chunk in chunks)

        return decode

    decoder = broken.decoder()
    modes = {name: Mode(partial(opened, mode)) for name, mode in decoder.modes.items() if not mode.is_async}
    return replace(decoder, modes=modes, envelope="http")


def decodes_each_chunk(chunks: Iterable[bytes]) -> Iterator[str]:
    text = reader(DIALECTS["openai-sse"])
    for chunk in chunks:
        yield from text.feed(chunk.decode("utf-8", "ignore").encode())
    yield from text.close()


def reads_each_chunk_alone(chunks: Iterable[bytes]) -> Iterator[str]:
    for chunk in chunks:
        with suppress(SliceproofError):
            text = reader(DIALECTS["openai-sse"])
            yield from text.feed(chunk)
            yield from text.close()


class TestWhatIsFed:
    def test_is_the_body_cut_as_parts_are(self) -> None:
        stream = Stream("openai-sse", ("é", "y"), part_cuts=(3, 130))
        feed = feed_of(SOUND["body"].decoder(), stream)
        assert list(feed) == list(stream.parts)
        assert b"".join(stream.parts) == stream.body

    def test_breaks_off_where_the_source_does(self) -> None:
        stream = Stream("text", ("x", "y"), fault=Fault("source-error", 150))
        outcome = drive(SOUND["body"].decoder(), "sync", stream)
        assert (outcome.items, type(outcome.error)) == (("x",), ConnectionResetError)

    @pytest.mark.parametrize("kind", ["exception", "malformed", "oversized", "truncated", "corrupt"])
    def test_has_no_fault_of_an_event_stream(self, kind: str) -> None:
        stream = Stream("openai-sse", ("x",), fault=Fault(kind, 1))
        assert not SOUND["body"].decoder().can_be_fed(stream)
        assert SOUND["parts"].decoder().can_be_fed(stream)
        assert all(requirement.check(never, stream) is None for requirement in REQUIREMENTS.values())


never = Decoder("never", {"sync": Mode(lambda dialect, form: lambda chunks: iter(()))}, envelope="http")


class TestWhatIsAsked:
    @pytest.mark.parametrize("id_", ["F1", "F2", "F3", "F4", "F5", "K1", "T2", "E1"])
    def test_is_nothing_of_the_event_stream(self, id_: str) -> None:
        reason = REQUIREMENTS[id_].inapplicable(SOUND["body"].decoder(), DIALECTS["openai-sse"])
        assert reason == "there is no event stream in the envelope http"

    @pytest.mark.parametrize(
        "id_", ["U1", "R1", "R2", "L1", "P3", "T1", "T3", "T4", "E1-record", "W1", "MIX", "C2", "X1"]
    )
    def test_is_all_else(self, id_: str) -> None:
        assert REQUIREMENTS[id_].inapplicable(SOUND["body"].decoder(), DIALECTS["openai-sse"]) == ""

    def test_is_most_of_what_there_is(self) -> None:
        assert len(OF_TEXT) >= 70

    @pytest.mark.parametrize("broken", OF_TEXT, ids=lambda broken: broken.name)
    def test_catches_whoever_breaks_it(self, broken: Broken) -> None:
        requirement = REQUIREMENTS[broken.breaks[0]]
        plan = Plan([requirement], PROFILES["ci"])
        (result,) = run(over_http(broken), plan, (broken.dialect,))
        assert result.verdict == requirement.verdict, result.reason


class TestAFinding:
    def test_speaks_of_chunks_and_of_the_body(self) -> None:
        decoder = of_callable(reads_each_chunk_alone, "mine:decode", dialects=("openai-sse",)).within("http")
        (result,) = run(decoder, Plan([REQUIREMENTS["R1"]], PROFILES["quick"]), ("openai-sse",))
        assert result.finding is not None
        text = plain(rows(result.finding))
        assert "blame     chunk: it " in text
        assert "bytes of body" in text
        assert "bytes     chunk 1" in text
        assert result.finding.replay.endswith("mine:decode --requirement R1 --envelope http")

    def test_of_lateness_counts_chunks(self) -> None:
        def late(chunks: Iterable[bytes]) -> Iterator[str]:
            yield "".join(decodes_each_chunk(chunks))

        (result,) = run(
            of_callable(late, "late", dialects=("openai-sse",)).within("http"),
            Plan([REQUIREMENTS["W1"]], PROFILES["quick"]),
            ("openai-sse",),
        )
        assert result.finding is not None
        assert "after chunk 1" in result.finding.broken.breach.expected


SWALLOWS = """
from sliceproof.wire.dialects import DIALECTS, reader
from sliceproof.wire.messages import MessageDecoder


def of_parts(parts, swallowed):
    text = reader(DIALECTS["openai-sse"])
    try:
        for part in parts:
            yield from text.feed(part)
    except swallowed:
        return
    yield from text.close()


def body(chunks, swallowed=Exception):
    yield from of_parts(chunks, swallowed)


def wire(chunks, swallowed=Exception):
    frames = MessageDecoder()
    yield from of_parts((message.payload for chunk in chunks for message in frames.feed(chunk)), swallowed)
"""


@pytest.mark.parametrize(("name", "envelope"), [("body", "http"), ("wire", "sagemaker")])
def test_the_snippet_of_a_source_that_fails_fails_too(tmp_path: Path, name: str, envelope: str) -> None:
    """Where the decoder swallows that, it ends in peace, and where it does not, it raises."""
    (tmp_path / "swallows.py").write_text(SWALLOWS)
    decoder = Options(("openai-sse",), envelope=envelope).decoder(f"{tmp_path / 'swallows.py'}:{name}")
    (result,) = run(decoder, Plan([REQUIREMENTS["T4"]], PROFILES["quick"]), ("openai-sse",))
    assert result.finding is not None
    assert result.finding.stream.fault is not None
    error, snippet = type(result.finding.stream.fault.raised).__name__, result.finding.snippet
    for source, code in ((SWALLOWS, 0), (SWALLOWS.replace("swallowed=Exception", "swallowed=()"), 1)):
        (tmp_path / "swallows.py").write_text(source)
        ran = subprocess.run([sys.executable, "-B", "-c", snippet], cwd=tmp_path, capture_output=True, text=True)
        assert (ran.returncode, error in ran.stderr) == (code, bool(code)), ran.stderr


class TestTheOption:
    def test_of_the_command(self, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "mine.py").write_text(
            "from sliceproof.wire.dialects import DIALECTS, reader\n\n\n"
            "def decode(chunks):\n    text = reader(DIALECTS['openai-sse'])\n"
            "    for chunk in chunks:\n        yield from text.feed(chunk)\n    yield from text.close()\n"
        )
        asked = ["check", "mine.py:decode", "--envelope", "http", "--requirement", "U1", "--profile", "quick"]
        asked += ["--dialect", "openai-sse"]
        found = CliRunner().invoke(cli, [*asked, "--jobs", "0", "--json", "report.json"])
        assert (found.exit_code, found.exception) in ((0, None), (0, SystemExit))
        results = json.loads((tmp_path / "report.json").read_text())["results"]
        assert {(row["dialect"], row["envelope"], row["verdict"]) for row in results} == {
            ("openai-sse", "http", "pass")
        }

    def test_of_check(self) -> None:
        assert sliceproof.check is check
        found = check(decodes_each_chunk, "openai-sse", envelope="http", requirements=("U1",), profile="quick")
        assert [finding.requirement.id for finding in found.broken] == ["U1"]

    def test_is_one_of_three(self) -> None:
        with pytest.raises(OptionError, match="envelope 'ftp' is none of sagemaker, bedrock, http"):
            Options(envelope="ftp")

    def test_bedrock_leaves_a_decoder_of_ours_what_it_reads_of_it(self) -> None:
        assert Options(envelope="bedrock").decoder("reference").dialects == tuple(BEDROCK)
        with pytest.raises(TargetError, match="sound:parts reads the envelope sagemaker, and no bedrock"):
            Options(envelope="bedrock").decoder("sound:parts")

    def test_goes_with_dialects_that_travel_in_it(self) -> None:
        with pytest.raises(TargetError, match="tgi-sse does not travel in the envelope bedrock; leave one"):
            of_callable(decodes_each_chunk, "mine", dialects=("tgi-sse",)).within("bedrock")
        assert of_callable(decodes_each_chunk, "mine").within("bedrock").claims("bedrock-converse")
        assert not of_callable(decodes_each_chunk, "mine").within("http").claims("bedrock-converse")

    def test_is_no_choice_where_a_package_has_its_own(self) -> None:
        assert Options().decoder("reference").envelope == "sagemaker"
        with pytest.raises(TargetError, match="reference reads the envelope sagemaker, and no http"):
            Options(envelope="http").decoder("reference")

    @pytest.mark.parametrize(("accepts", "yields"), [("events", "text"), ("parts", "text"), ("chunks", "messages")])
    def test_is_for_chunks(self, accepts: str, yields: str) -> None:
        made = of_callable(decodes_each_chunk, "mine", accepts=accepts, yields=yields)
        with pytest.raises(TargetError, match="in the envelope http there are no"):
            made.within("http")


class TestAChild:
    CHILD = """
import base64, json, sys

print(json.dumps({"hello": {"protocol": 1, "dialects": ["text"], "envelope": "ENVELOPE"}}), flush=True)
next(sys.stdin)
for opened in sys.stdin:
    stream = json.loads(opened)["stream"]
    body = b""
    while True:
        print(json.dumps({"stream": stream, "pull": True}), flush=True)
        answer = json.loads(next(sys.stdin))
        if "end" in answer:
            break
        body += base64.b64decode(answer["chunk"])
    print(json.dumps({"stream": stream, "text": body.decode()}), flush=True)
    print(json.dumps({"stream": stream, "done": True}), flush=True)
"""

    def command(self, folder: Path, envelope: str) -> str:
        (folder / "child.py").write_text(self.CHILD.replace("ENVELOPE", envelope))
        return f"exec:{sys.executable} '{folder / 'child.py'}'"

    def test_says_itself_how_bytes_travel_to_it(self, tmp_path: Path) -> None:
        decoder = Options(envelope="http").decoder(self.command(tmp_path, "http"))
        stream = Stream("text", ("é", "y"), part_cuts=(1,))
        assert (decoder.envelope, drive(decoder, "exec", stream).items) == ("http", ("éy",))
        (result,) = run(decoder, Plan([REQUIREMENTS["W1"]], PROFILES["quick"]), ("text",))
        assert result.finding is not None
        assert "--envelope" not in result.finding.replay

    def test_that_says_another_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(TargetError, match="'envelope' is none of sagemaker, bedrock, http"):
            load(self.command(tmp_path, "ftp"))
