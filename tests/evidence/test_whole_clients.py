"""Whole clients over HTTP: what each breaks end to end, by its own API and a server of the standard library."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from struct import pack
from typing import Any
from zlib import crc32

import pytest

Serving = Callable[..., str]
HELLO = [{"role": "user", "content": "hello"}]


def message(payload: bytes) -> bytes:
    """A PayloadPart."""
    headers = b"\x0b:event-type\x07\x00\x0bPayloadPart\r:message-type\x07\x00\x05event"
    lengths = pack(">II", 16 + len(headers) + len(payload), len(headers))
    body = lengths + pack(">I", crc32(lengths)) + headers + payload
    return body + pack(">I", crc32(body))


def chat(text: str) -> bytes:
    return b'data: {"choices": [{"delta": {"content": "%s"}, "finish_reason": null}]}\n\n' % text.encode()


def token(text: str) -> bytes:
    return b'{"token": {"id": 17, "text": "%s", "log_prob": -0.5}}\n' % text.encode()


def outputs(text: str) -> bytes:
    return b'{"outputs": ["%s"]}\n' % text.encode()


ERROR = b'data: {"error": {"message": "out of memory", "code": 500}}\n\n'


def gone(left: list[bool]) -> bool:
    """What the server saw of a client that left in the middle of its answer: whether it closed the connection."""
    begun = time.monotonic()
    while not left and time.monotonic() - begun < 5:
        time.sleep(0.05)
    return left == [True]


class TestAiobotocore:
    @pytest.fixture(autouse=True)
    def _judged(self, judged: Any) -> None:
        judged("aiobotocore", "3.10.0")

    def read(self, url: str) -> list[bytes]:
        from aiobotocore.session import AioSession

        async def parts() -> list[bytes]:
            async with AioSession().create_client("sagemaker-runtime", endpoint_url=url) as client:
                answer = await client.invoke_endpoint_with_response_stream(EndpointName="e", Body=b"{}")
                return [event["PayloadPart"]["Bytes"] async for event in answer["Body"]]

        return asyncio.run(parts())

    @pytest.mark.confirms("aiobotocore-client", "T2")
    def test_a_message_whose_end_never_comes_is_forgotten(self, serving: Serving) -> None:
        assert self.read(serving(message(outputs("x")), message(outputs("y"))[:-1])) == [outputs("x")]

    def test_a_connection_that_breaks_there_is_told(self, serving: Serving) -> None:
        with pytest.raises(Exception, match=r"payload|Response"):
            self.read(serving(message(outputs("x")), message(outputs("y"))[:-1], breaks=True))


class TestBotocore:
    @pytest.mark.confirms("botocore-client", "T2")
    def test_a_message_whose_end_never_comes_is_forgotten(self, judged: Any, serving: Serving) -> None:
        judged("botocore", "1.44.8")
        import botocore.session

        url = serving(message(outputs("x")), message(outputs("y"))[:-1])
        client = botocore.session.Session().create_client("sagemaker-runtime", endpoint_url=url)
        body = client.invoke_endpoint_with_response_stream(EndpointName="e", Body=b"{}")["Body"]
        assert [event["PayloadPart"]["Bytes"] for event in body] == [outputs("x")]


class TestLiteLLM:
    """completion() of `sagemaker/`, on TGI's records; its decoder alone gives all of these texts."""

    @pytest.fixture(autouse=True)
    def _judged(self, judged: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        judged("litellm", "1.110.2")
        monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")

    def read(self, url: str) -> str:
        import litellm

        chunks = litellm.completion(
            model="sagemaker/e", messages=HELLO, stream=True, max_retries=0, sagemaker_base_url=url
        )
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    def tgi(self, *texts: str) -> list[bytes]:
        """Each text in a record of its own, the last of which has the full text."""
        records = []
        for number, text in enumerate(texts, 1):
            full = "".join(texts) if number == len(texts) else None
            one = {"id": 17, "text": text, "logprob": -0.5, "special": False}
            record = {"index": number, "token": one, "generated_text": full, "details": None}
            records.append(message(f"data: {json.dumps(record)}\n\n".encode()))
        return records

    def test_an_answer_comes_out(self, serving: Serving) -> None:
        assert self.read(serving(*self.tgi("Hello", " you"))) == "Hello you"

    @pytest.mark.confirms("litellm-completion", "G1")
    @pytest.mark.parametrize("text", ["y", "<", "user"])
    def test_one_that_stands_in_a_template_s_token_is_lost(self, serving: Serving, text: str) -> None:
        assert self.read(serving(*self.tgi(text))) == ""

    @pytest.mark.confirms("litellm-completion", "S1")
    def test_an_answer_that_begins_with_text_and_a_sentinel_is_lost_and_behind_other_text_it_is_not(
        self, serving: Serving
    ) -> None:
        assert self.read(serving(*self.tgi("x</s>"))) == ""
        assert self.read(serving(*self.tgi("Hello", "x</s>"))) == "Hellox</s>"

    @pytest.mark.confirms("litellm-completion", "T2")
    def test_a_message_whose_end_never_comes_passes_for_the_end(self, serving: Serving) -> None:
        first, last = self.tgi("Hello", " you")
        assert self.read(serving(first, last[:-1])) == "Hello"


class TestOpenAI:
    """It breaks no MUST; what it makes of two rules of SSE is no more than advice, and is shown all the same."""

    @pytest.fixture(autouse=True)
    def _judged(self, judged: Any) -> None:
        judged("openai", "3.57.0")

    def read(self, url: str) -> Iterator[str]:
        from openai import OpenAI

        client = OpenAI(base_url=f"{url}/endpoints/e/openai/v1", api_key="none", max_retries=0)
        for chunk in client.chat.completions.create(model="", messages=HELLO, stream=True):  # type: ignore[call-overload]
            yield "".join(choice.delta.content or "" for choice in chunk.choices)

    @pytest.mark.confirms("openai-client", "L5")
    def test_a_last_event_without_its_blank_line_is_dropped(self, serving: Serving) -> None:
        assert "".join(self.read(serving(chat("x"), chat("y")[:-1]))) == "x"

    @pytest.mark.confirms("openai-client", "S2-fields")
    def test_a_comment_behind_an_id_ends_it(self, serving: Serving) -> None:
        given = self.read(serving(b"id: 1\n" + chat("x"), b": waiting\n\n", chat("y")))
        assert next(given) == "x"
        with pytest.raises(json.JSONDecodeError):
            next(given)

    @pytest.mark.confirms("openai-client", "U5-bom")
    def test_a_byte_order_mark_takes_the_first_event(self, serving: Serving) -> None:
        assert "".join(self.read(serving(b"\xef\xbb\xbf" + chat("x"), chat("y")))) == "y"


_ENDPOINT = """import json, sys
from langchain_aws.llms.sagemaker_endpoint import LLMContentHandler, SagemakerEndpoint

class Handler(LLMContentHandler):
    def transform_input(self, prompt, model_kwargs):
        return prompt.encode()

    def transform_output(self, output):
        return json.loads(output)["outputs"][0]

model = SagemakerEndpoint(endpoint_name="e", endpoint_url=sys.argv[1], content_handler=Handler())
for text in model.stream("hello"):
    print(text, flush=True)
"""


class TestLangchainAws:
    @pytest.fixture(autouse=True)
    def _judged(self, judged: Any) -> None:
        judged("langchain-aws", "1.9.1")

    def endpoint(self, url: str, seconds: float = 60) -> str:
        """What SagemakerEndpoint prints within so many seconds; what spins is ended."""
        try:
            done = subprocess.run([sys.executable, "-c", _ENDPOINT, url], capture_output=True, timeout=seconds)
        except subprocess.TimeoutExpired as spins:
            return (spins.stdout or b"").decode() + "...and never ends"
        return done.stdout.decode()

    def chat(self, url: str) -> str:
        return "".join(str(chunk.content) for chunk in self.chunks(url))

    def chunks(self, url: str) -> Any:
        from langchain_aws.chat_models.sagemaker_endpoint import ChatModelContentHandler, ChatSagemakerEndpoint
        from langchain_core.messages import AIMessageChunk

        class Handler(ChatModelContentHandler):
            def transform_input(self, prompt: Any, model_kwargs: dict[str, Any]) -> bytes:
                return b"{}"

            def transform_output(self, output: bytes) -> Any:
                return AIMessageChunk(json.loads(output)["outputs"][0])

        model = ChatSagemakerEndpoint(endpoint_name="e", base_url=url, content_handler=Handler())
        return model.stream("hello")

    @pytest.mark.confirms("langchain-aws-client", "T2")
    def test_a_message_whose_end_never_comes_is_forgotten(self, serving: Serving) -> None:
        assert self.endpoint(serving(message(outputs("x")), message(outputs("y"))[:-1])) == "x\n"

    @pytest.mark.confirms("langchain-aws-chat-client", "T2")
    def test_by_the_chat_model_too(self, serving: Serving) -> None:
        assert self.chat(serving(message(outputs("x")), message(outputs("y"))[:-1])) == "x"

    @pytest.mark.confirms("langchain-aws-client", "H1")
    def test_a_last_line_without_its_line_feed_makes_it_spin(self, serving: Serving) -> None:
        url = serving(message(outputs("x")), message(outputs("y")[:-1]))
        assert self.endpoint(url, 15) == "x\n...and never ends"
        assert self.chat(url) == "xy"

    @pytest.mark.confirms("langchain-aws-chat-client", "A4")
    def test_a_stream_that_is_closed_keeps_its_connection(self, serving: Serving) -> None:
        left: list[bool] = []
        given = self.chunks(serving(message(outputs("x")), left=left))
        assert next(given).content == "x"
        given.close()
        assert not gone(left)


class TestStrands:
    @pytest.fixture(autouse=True)
    def _judged(self, judged: Any) -> None:
        judged("strands-agents", "1.62.0")

    def read(self, url: str) -> str:
        from strands.models.sagemaker import SageMakerAIModel

        async def text() -> str:
            model = SageMakerAIModel({"endpoint_name": "e", "region_name": "us-east-1"}, {"max_tokens": 9})
            events = [event async for event in model.stream([{"role": "user", "content": [{"text": "hello"}]}])]
            return "".join(event.get("contentBlockDelta", {}).get("delta", {}).get("text", "") for event in events)

        return asyncio.run(text())

    @pytest.mark.confirms("strands-agents-client", "T2")
    def test_a_message_whose_end_never_comes_is_forgotten(self, serving: Serving) -> None:
        assert self.read(serving(message(chat("x")), message(chat("y"))[:-1])) == "x"

    @pytest.mark.confirms("strands-agents-client", "U1")
    def test_a_character_that_two_parts_share_ends_it_with_an_error(self, serving: Serving) -> None:
        record = chat("é")
        cut = record.index("é".encode()) + 1
        assert self.read(serving(message(record))) == "é"
        with pytest.raises(UnicodeDecodeError):
            self.read(serving(message(record[:cut]), message(record[cut:])))

    @pytest.mark.confirms("strands-agents-client", "E1-record")
    def test_an_error_record_ends_in_peace(self, serving: Serving) -> None:
        assert self.read(serving(message(chat("x")), message(ERROR))) == "x"

    @pytest.mark.confirms("strands-agents-client", "A4")
    def test_a_stream_that_is_closed_keeps_its_connection(self, serving: Serving) -> None:
        from strands.models.sagemaker import SageMakerAIModel

        left: list[bool] = []
        url = serving(message(chat("x")), left=left)

        async def leaves() -> bool:
            model = SageMakerAIModel({"endpoint_name": "e", "region_name": "us-east-1"}, {"max_tokens": 9})
            given = model.stream([{"role": "user", "content": [{"text": "hello"}]}])
            while "contentBlockDelta" not in await anext(given):
                pass
            await given.aclose()
            return gone(left)

        assert url
        assert not asyncio.run(leaves())

    @pytest.mark.confirms("strands-agents", "R3")
    @pytest.mark.confirms("strands-agents-client", "R3")
    def test_tool_calls_of_null_end_it_with_an_error(self, serving: Serving) -> None:
        nulls = chat("x").replace(b'"content"', b'"tool_calls": null, "content"')
        with pytest.raises(TypeError):
            self.read(serving(message(nulls)))


class TestAnyLLM:
    @pytest.fixture(autouse=True)
    def _judged(self, judged: Any) -> None:
        judged("any-llm-sdk", "1.40.2")

    def read(self, url: str) -> str:
        from any_llm import completion

        given = completion("e", HELLO, provider="sagemaker", api_base=url, stream=True)  # type: ignore[arg-type]
        return "".join(choice.delta.content or "" for chunk in given for choice in chunk.choices)  # type: ignore[union-attr]

    @pytest.mark.confirms("any-llm-client", "T2")
    def test_a_message_whose_end_never_comes_is_forgotten(self, serving: Serving) -> None:
        assert self.read(serving(message(token("x")), message(token("y"))[:-1])) == "x"

    @pytest.mark.confirms("any-llm-client", "R1")
    def test_a_record_that_two_parts_share_is_dropped(self, serving: Serving) -> None:
        record = token("x")
        assert self.read(serving(message(record[:30]), message(record[30:]), message(token("y")))) == "y"

    @pytest.mark.confirms("any-llm-client", "R2")
    def test_two_records_in_one_part_are_dropped(self, serving: Serving) -> None:
        assert self.read(serving(message(token("x") + token("y")), message(token("z")))) == "z"

    @pytest.mark.confirms("any-llm-client", "U1")
    def test_a_character_that_two_parts_share_ends_it_with_an_error(self, serving: Serving) -> None:
        record = token("é")
        cut = record.index("é".encode()) + 1
        with pytest.raises(UnicodeDecodeError):
            self.read(serving(message(record[:cut]), message(record[cut:])))

    @pytest.mark.confirms("any-llm-client", "E1-record")
    def test_an_error_record_ends_in_peace(self, serving: Serving) -> None:
        assert self.read(serving(message(token("x")), message(b'{"error": "out of memory", "code": 500}\n'))) == "x"

    @pytest.mark.confirms("any-llm-client", "A4")
    def test_a_stream_that_is_closed_keeps_its_connection(self, serving: Serving) -> None:
        from any_llm import completion

        left: list[bool] = []
        url = serving(message(token("x")), left=left)
        given: Any = completion("e", HELLO, provider="sagemaker", api_base=url, stream=True)  # type: ignore[arg-type]
        assert next(given).choices[0].delta.content == "x"
        given.close()
        assert not gone(left)


class TestInspect:
    @pytest.fixture(autouse=True)
    def _judged(self, judged: Any) -> None:
        judged("inspect-ai", "0.3.285")

    def read(self, url: str) -> str:
        from inspect_ai.model import GenerateConfig, get_model

        model = get_model("sagemaker/e", config=GenerateConfig(max_retries=0), endpoint_url=url, stream=True)
        return asyncio.run(model.generate("hello")).completion

    @pytest.mark.confirms("inspect-ai-client", "T2")
    def test_a_message_whose_end_never_comes_is_forgotten(self, serving: Serving) -> None:
        assert self.read(serving(message(chat("x")), message(chat("y"))[:-1])) == "x"

    @pytest.mark.confirms("inspect-ai-client", "E1-record")
    def test_an_error_record_passes_for_a_whole_answer(self, serving: Serving) -> None:
        assert self.read(serving(message(chat("x")), message(ERROR))) == "x"
