"""The registered decoders: each loads or says what to install, and gives back a plain stream in all that it claims."""

import subprocess
import sys
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.adapters.invocation import client, endpoint, event_stream
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.finding import snippet
from sliceproof.conformance.harness.contract import Decoder, TargetError
from sliceproof.conformance.harness.drive import PAST_END, drive
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.judge import joined, lossless
from sliceproof.wire.dialects import BEDROCK, DIALECTS
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

EXTRAS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]
NAMES = list(DECODERS)


@cache
def installed(name: str) -> Decoder:
    try:
        return load(name)
    except TargetError as error:
        pytest.skip(str(error))


def claimed(decoder: Decoder) -> tuple[str, ...]:
    return decoder.dialects if decoder.dialects is not None else tuple(DIALECTS)


class TestARegisteredDecoder:
    @pytest.mark.parametrize("name", NAMES)
    def test_loads_or_says_in_one_line_what_to_install(self, name: str) -> None:
        text = ""
        try:
            load(name)
        except TargetError as error:
            text = str(error)
        assert not text or f"pip install '{DECODERS[name].extra}'" in text
        assert "\n" not in text

    @pytest.mark.parametrize("name", NAMES)
    def test_names_an_extra_that_there_is(self, name: str) -> None:
        extra = DECODERS[name].extra
        if extra.startswith("sliceproof["):
            assert extra.removeprefix("sliceproof[").removesuffix("]") in EXTRAS

    @pytest.mark.parametrize("name", NAMES)
    def test_carries_its_name_its_version_and_dialects_that_there_are(self, name: str) -> None:
        decoder = installed(name)
        assert decoder.name == name
        assert decoder.version()
        assert set(claimed(decoder)) <= {*DIALECTS, *BEDROCK}

    @pytest.mark.parametrize("name", NAMES)
    def test_gives_back_a_plain_stream_in_each_dialect_that_it_claims(self, name: str) -> None:
        decoder = installed(name)
        for dialect in claimed(decoder):
            for tokens in (("x", "y", "Hello"), ("é", " 🎉", "字")):
                stream = Stream(dialect, tokens)
                for mode in decoder.modes:
                    assert lossless(stream, drive(decoder, mode, stream), decoder.compared) is None, (dialect, mode)

    @pytest.mark.parametrize("name", NAMES)
    def test_tells_an_exception_of_the_service(self, name: str) -> None:
        if name == "litellm":
            pytest.skip("what it does by release is in test_litellm.py")
        decoder = installed(name)
        stream = Stream(claimed(decoder)[0], ("x",), fault=Fault("exception", 1))
        for mode in decoder.modes:
            outcome = drive(decoder, mode, stream)
            kinds = (
                [headers.get(":message-type") for headers, _ in outcome.items if headers]
                if decoder.yields == ("messages")
                else []
            )
            assert outcome.ended == "error" or "exception" in kinds

    @pytest.mark.parametrize("name", NAMES)
    def test_has_a_snippet_that_runs_without_sliceproof(self, name: str) -> None:
        decoder = installed(name)
        stream = Stream(claimed(decoder)[0], ("Hello",))
        for mode in decoder.modes:
            code = snippet(decoder, stream, mode)
            if name not in ("reference", "reference-deltas", "litellm-proposed-fix", "litellm-repaired"):
                assert "sliceproof" not in code
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            assert "Hello" in done.stdout


class TestWhatADecoderNeverSetOutToDo:
    def of(self, **by_design: str) -> Decoder:
        return replace(load("reference"), by_design={key.replace("_", " "): why for key, why in by_design.items()})

    def test_is_not_asked_of_it_and_the_reason_is_told(self) -> None:
        reason = REQUIREMENTS["W1"].inapplicable(self.of(W1="it gives the whole answer"), DIALECTS["tgi-sse"])
        assert reason == "by design: it gives the whole answer"

    def test_is_not_asked_as_a_part_of_something_else_either(self) -> None:
        assert REQUIREMENTS["MIX"].inapplicable(self.of(R3="why"), DIALECTS["tgi-sse"]) == "by design: why"

    def test_can_be_said_of_one_dialect_alone(self) -> None:
        decoder = replace(load("reference"), by_design={"R3 lmi-jsonlines": "why"})
        assert REQUIREMENTS["R3"].inapplicable(decoder, DIALECTS["lmi-jsonlines"]) == "by design: why"
        assert REQUIREMENTS["R3"].inapplicable(decoder, DIALECTS["openai-sse"]) == ""

    @pytest.mark.parametrize("name", NAMES)
    def test_names_requirements_and_dialects_that_there_are(self, name: str) -> None:
        for key in installed(name).by_design:
            id_, _, dialect = key.partition(" ")
            assert id_ in REQUIREMENTS
            assert not dialect or dialect in claimed(installed(name))


class TestTheClientThatPackagesAreGiven:
    STREAM = Stream("tgi-sse", ("x", "y"), chunk_cuts=(100,))

    def answered(self, stream: Stream) -> object:
        asked = {"EndpointName": endpoint(iter(stream.chunks)), "Body": b"{}"}
        return client().invoke_endpoint_with_response_stream(**asked)["Body"]

    def test_gives_the_events_of_the_chunks(self) -> None:
        events = [{"PayloadPart": {"Bytes": part}} for part in self.STREAM.parts]
        assert list(self.answered(self.STREAM)) == list(event_stream(self.STREAM.chunks)) == events  # type: ignore[call-overload]

    def test_raises_botocores_own_error_for_an_exception_message(self) -> None:
        from botocore.exceptions import EventStreamError

        body = self.answered(self.STREAM.but(chunk_cuts=None, fault=Fault("exception", 1)))
        with pytest.raises(EventStreamError, match="ModelStreamError") as raised:
            list(body)  # type: ignore[call-overload]
        assert raised.value.response["Error"]["Code"] == "ModelStreamError"

    def test_serves_several_streams_at_once(self) -> None:
        one, other = self.answered(self.STREAM), self.answered(Stream("tgi-sse", ("z",)))
        assert len(list(zip(one, other, strict=False))) == 1  # type: ignore[call-overload]

    def test_shows_who_asks_for_ever_after_the_end(self) -> None:
        def for_ever(chunks: object) -> object:
            events = event_stream(chunks)  # type: ignore[arg-type]
            while True:
                next(events, None)
                yield from ()

        list(event_stream(()))  # what botocore loads at first is no part of the run
        mode = next(iter(load("reference").modes.values()))
        decoder = replace(load("reference"), modes={"sync": replace(mode, open=lambda dialect, form: for_ever)})
        outcome = drive(decoder, "sync", self.STREAM)
        assert (outcome.ended, joined(outcome, "text")) == ("hang", "")
        assert outcome.pulls > PAST_END
