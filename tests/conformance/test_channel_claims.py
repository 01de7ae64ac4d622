"""Which channels a decoder claims, and so is asked about; and the recipes of docs/channels.md."""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sliceproof
from sliceproof import Delta, Stream
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.decoders.reference import decode, deltas
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.contract import Decoder, TargetError
from sliceproof.conformance.requirements import FAMILIES, REQUIREMENTS
from sliceproof.wire.faults import Fault

OPENAI = "openai-sse"
ABOUT = next(ids for family, ids in FAMILIES.items() if family.startswith("Channels"))
PAGE = (Path(__file__).parents[2] / "docs/channels.md").read_text("utf-8")


class TestClaims:
    def test_a_decoder_of_text_is_asked_of_none_and_told_so(self) -> None:
        text = sliceproof.decoder(decode, name="text", dialects=[OPENAI])
        assert text.unclaimed == ("reasoning", "refusal", "tool-call", "choices")
        verdicts = judged(text, ABOUT)
        assert {id_ for id_, verdict in verdicts.items() if verdict != "n/a"} == {"I1-first", "M9"}

    def test_what_is_not_claimed_is_not_asked(self) -> None:
        calls = sliceproof.decoder(deltas, name="calls", yields="deltas", dialects=[OPENAI], channels=["tool-call"])
        assert calls.unclaimed == ("reasoning", "refusal", "choices")
        verdicts = judged(calls, ABOUT)
        assert {id_ for id_, verdict in verdicts.items() if verdict == "n/a"} == {"M1", "I1"}

    def test_a_stream_with_what_is_not_claimed_is_not_shown(self) -> None:
        calls = sliceproof.decoder(deltas, name="calls", yields="deltas", dialects=[OPENAI], channels=["tool-call"])
        stream = Stream(OPENAI, [Delta("hm", "reasoning"), Delta("y", choice=1)])  # type: ignore[list-item]
        for id_, said in (("M8", "reasoning"), ("I1", "reasoning"), ("I1-first", "")):
            reason = REQUIREMENTS[id_].unshown(calls, stream)
            assert reason == (f"the decoder does not claim {said}" if said else "")
        assert REQUIREMENTS["M8"].unshown(calls, stream.but(deltas=stream.deltas[1:])).endswith("claim choices")

    def test_what_cannot_travel_says_so(self) -> None:
        body = load("sound:body")
        faulty = Stream(OPENAI, ["x"], fault=Fault("exception", 1))
        assert (
            REQUIREMENTS["E1"].unshown(body, faulty)
            == "a fault of the kind exception has no place in the envelope http"
        )

    def test_a_channel_that_there_is_not_is_refused(self) -> None:
        with pytest.raises(TargetError, match="channels of reasoning, refusal, tool-call, choices; not 'audio'"):
            sliceproof.decoder(deltas, yields="deltas", channels=["audio"])

    def test_one_channel_may_be_named_by_itself(self) -> None:
        assert sliceproof.decoder(deltas, yields="deltas", channels="choices").channels == ("choices",)

    def test_who_gives_text_claims_no_channels(self) -> None:
        with pytest.raises(TargetError, match='claims no channels; say yields="deltas"'):
            sliceproof.decoder(decode, channels=["choices"])


def judged(found: Decoder, ids: Iterable[str] = ()) -> dict[str, str]:
    asked = [REQUIREMENTS[id_] for id_ in ids] or list(REQUIREMENTS.values())
    return {result.requirement.id: result.verdict for result in run(found, Plan(asked, PROFILES["quick"]), (OPENAI,))}


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The page's code in one module."""
    path = tmp_path_factory.mktemp("channels") / "channels_of_the_page.py"
    path.write_text("\n\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), "utf-8")
    yield path
    sys.modules.pop(path.stem, None)


@pytest.mark.parametrize(("name", "yields", "asked"), [("decode", "deltas", 11), ("calls", "text", 11)])
def test_each_recipe_of_the_page_conforms(recipes: Path, name: str, yields: str, asked: int) -> None:
    verdicts = judged(load(f"{recipes}:{name}", yields=yields))
    assert {id_ for id_, verdict in verdicts.items() if verdict in ("fail", "error")} == set()
    assert sum(verdicts[id_] == "pass" for id_ in ABOUT) == asked


def test_the_streams_of_the_page_are_streams(recipes: Path) -> None:
    module: dict[str, Any] = {}
    exec(compile(recipes.read_text("utf-8"), str(recipes), "exec"), module)
    assert module["thinks"].text == "42"
    assert b'"name":"f"' in module["calls_a_tool"].body
    assert sum(bool(record.deltas) for record in module["in_one_record"].records) == 1


def test_the_page_has_each_requirement_with_its_level() -> None:
    rows = dict(re.findall(r"^\| ([MIX]\d(?:-\w+)?) \| (MUST|SHOULD) \|", PAGE, re.MULTILINE))
    assert rows == {id_: REQUIREMENTS[id_].level.upper() for id_ in ABOUT}
