"""LiteLLM by release: what each is known to break is found, shown small, and true by its own API as well.

The old releases are the positive control of the whole suite, the new ones the negative one.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import cache
from importlib.metadata import version
from typing import Any

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.reporting.report import cuts
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.stream import Stream

pytest.importorskip("litellm")

DIALECT = "tgi-sse"
RELEASE = tuple(int(part) for part in version("litellm").split(".")[:3] if part.isdigit())
SINCE_ASYNC_SWALLOWS, REWRITTEN = (1, 65, 1), (1, 108, 12)

ALWAYS = {"T2"}
DECODED_BY_PART = {"U1", "R1", "R2", "P2", "S2", "E1-record"}
SWALLOWED_ASYNC = {"E1", "X2", "C1"}


def known_to_break() -> set[str]:
    if RELEASE >= REWRITTEN:
        return ALWAYS
    return ALWAYS | DECODED_BY_PART | (SWALLOWED_ASYNC if RELEASE >= SINCE_ASYNC_SWALLOWS else set())


@cache
def verdicts() -> dict[str, Result]:
    chosen = [requirement for id_, requirement in REQUIREMENTS.items() if id_ != "Q1"]
    plan = Plan(chosen, PROFILES["ci"])
    return {one.requirement.id: one for one in run(load("litellm"), plan, [DIALECT], [load("botocore")])}


def stream_of(id_: str) -> Stream:
    finding = verdicts()[id_].finding
    assert finding is not None
    return finding.stream


def needs(id_: str) -> None:
    if id_ not in known_to_break():
        pytest.skip(f"{version('litellm')} is not known to break {id_}")


def text_of(item: Any) -> str:
    return "" if item is None else item["text"]


def by_its_own_api(stream: Stream) -> tuple[str, BaseException | None]:
    """What AWSEventStreamDecoder.iter_bytes makes of the chunks: text, and the error if there is one."""
    from litellm.llms.sagemaker.common_utils import AWSEventStreamDecoder

    text = ""
    try:
        for item in AWSEventStreamDecoder(model="m").iter_bytes(iter(stream.chunks)):
            text += text_of(item)
    except Exception as error:
        return text, error
    return text, None


def by_its_own_async_api(stream: Stream) -> tuple[str, BaseException | None]:
    """The same of aiter_bytes."""
    from litellm.llms.sagemaker.common_utils import AWSEventStreamDecoder

    async def feed() -> AsyncIterator[bytes]:
        for chunk in stream.chunks:
            yield chunk

    async def read() -> tuple[str, BaseException | None]:
        text = ""
        try:
            async for item in AWSEventStreamDecoder(model="m").aiter_bytes(feed()):
                text += text_of(item)
        except Exception as error:
            return text, error
        return text, None

    return asyncio.run(read())


class TestThisRelease:
    def test_breaks_the_musts_that_it_is_known_to_break_and_what_follows_from_them(self) -> None:
        broken = {id_: one.finding for id_, one in verdicts().items() if one.verdict == "fail" and one.finding}
        assert known_to_break() <= set(broken)
        more = {id_: finding.follows for id_, finding in broken.items() if id_ not in known_to_break()}
        assert set(more.values()) <= known_to_break(), more

    def test_of_the_rewritten_code_breaks_no_must_but_the_one_of_its_dependency(self) -> None:
        if RELEASE < REWRITTEN:
            pytest.skip("an older release")
        assert {id_ for id_, one in verdicts().items() if one.verdict == "fail"} - {"MIX"} == ALWAYS

    def test_is_judged_without_an_error_of_the_harness(self) -> None:
        assert {id_: one.reason for id_, one in verdicts().items() if one.verdict == "error"} == {}

    def test_breaks_all_hazards_together_only_where_it_breaks_one_of_them(self) -> None:
        finding = verdicts()["MIX"].finding
        assert finding is None or finding.follows in known_to_break()

    def test_gives_back_a_plain_stream_by_its_own_api(self) -> None:
        stream = Stream(DIALECT, ("x", "é", " y"))
        assert by_its_own_api(stream) == by_its_own_async_api(stream) == ("xé y", None)


class TestItsFindings:
    def test_of_a_cut_character_is_one_character_and_one_cut(self) -> None:
        needs("U1")
        finding = verdicts()["U1"].finding
        assert finding is not None
        assert (len(finding.stream.text), cuts(finding)) == (1, 1)

    @pytest.mark.parametrize("id_", sorted(DECODED_BY_PART - {"E1-record"}))
    def test_of_lost_text_are_true_by_its_own_api(self, id_: str) -> None:
        needs(id_)
        stream = stream_of(id_)
        assert len(stream.text) <= len("data:")
        assert by_its_own_api(stream) != (stream.text, None)

    def test_of_a_cut_character_raise_sync_and_are_swallowed_async(self) -> None:
        needs("U1")
        stream = stream_of("U1")
        assert isinstance(by_its_own_api(stream)[1], UnicodeDecodeError)
        text, error = by_its_own_async_api(stream)
        if RELEASE >= SINCE_ASYNC_SWALLOWS:
            assert (text, error) == ("", None)
        else:
            assert isinstance(error, UnicodeDecodeError)

    def test_of_half_a_message_end_in_peace_by_its_own_api(self) -> None:
        stream = stream_of("T2")
        assert by_its_own_api(stream)[1] is None
        assert len(stream.wire) < len(b"".join(stream.frames))

    def test_of_half_a_message_are_laid_to_botocore(self) -> None:
        finding = verdicts()["T2"].finding
        assert finding is not None
        assert finding.inherited == f"botocore {version('botocore')}"

    def test_of_an_exception_message_end_in_peace_when_called_async(self) -> None:
        needs("E1")
        stream = stream_of("E1")
        assert by_its_own_api(stream)[1] is not None
        assert by_its_own_async_api(stream)[1] is None

    def test_of_sync_against_async_are_true_by_both_apis(self) -> None:
        needs("X2")
        stream = stream_of("X2")
        one, other = by_its_own_api(stream), by_its_own_async_api(stream)
        assert (one[0], type(one[1])) != (other[0], type(other[1]))

    def test_of_an_exception_thrown_in_show_that_it_is_swallowed_with_the_rest_of_the_text(self) -> None:
        needs("C1")

        async def thrown_into() -> str:
            from litellm.llms.sagemaker.common_utils import AWSEventStreamDecoder

            async def feed() -> AsyncIterator[bytes]:
                for chunk in Stream(DIALECT, ("x", "y")).chunks:
                    yield chunk

            items = AWSEventStreamDecoder(model="m").aiter_bytes(feed())
            await items.__anext__()
            told = text_of(await items.athrow(KeyError("the consumer's own")))
            async for item in items:
                told += text_of(item)
            return told

        assert asyncio.run(thrown_into()) == ""
