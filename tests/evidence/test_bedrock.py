"""Clients of Bedrock: what each passes over at the end of a stream, by its own API, in messages as AWS writes them."""

import asyncio
import json
from base64 import b64decode, b64encode
from struct import pack
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import pytest

MODEL = "anthropic.claude-3-haiku-20240307-v1:0"


def message(kind: str, payload: dict[str, Any], *, of: str = "event") -> bytes:
    """A message with its three headers, in the order in which AWS sends them."""
    said = {f":{of}-type": kind, ":content-type": "application/json", ":message-type": of}
    return framed(said, json.dumps(payload, separators=(",", ":")).encode())


def framed(said: dict[str, str], payload: bytes = b"") -> bytes:
    headers = b"".join(
        b"%c%b\x07%b%b" % (len(name), name.encode(), pack(">H", len(value)), value.encode())
        for name, value in said.items()
    )
    lengths = pack(">II", 16 + len(headers) + len(payload), len(headers))
    body = lengths + pack(">I", crc32(lengths)) + headers + payload
    return body + pack(">I", crc32(body))


def chunk(record: dict[str, Any]) -> bytes:
    return message("chunk", {"bytes": b64encode(json.dumps(record, separators=(",", ":")).encode()).decode()})


def converse(*texts: str) -> list[bytes]:
    """An answer of ConverseStream as far as its text."""
    deltas = [message("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}}) for text in texts]
    return [message("messageStart", {"role": "assistant"}), *deltas]


def claude(*texts: str) -> list[bytes]:
    """Records of Anthropic's as far as the text."""
    start = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None}
    usage = {"input_tokens": 1, "output_tokens": 1}
    begun = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    said = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": each}} for each in texts
    ]
    opening = {"type": "message_start", "message": {**start, "stop_sequence": None, "usage": usage}}
    return [chunk(record) for record in (opening, begun, *said)]


def llama(*texts: str) -> list[bytes]:
    return [chunk({"generation": text, "stop_reason": None}) for text in texts]


def mistral(*texts: str) -> list[bytes]:
    return [chunk({"outputs": [{"text": text, "stop_reason": None}]}) for text in texts]


def cut(messages: list[bytes]) -> list[bytes]:
    """The same, the last without its last five bytes: the connection broke in the middle of it."""
    return [*messages[:-1], messages[-1][:-5]]


def client(*chunks: bytes) -> Any:
    """botocore's own client, answered with these chunks."""
    import botocore.session
    from botocore.awsrequest import AWSResponse

    made = botocore.session.Session().create_client(
        "bedrock-runtime", "us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    raw = SimpleNamespace(stream=lambda: iter(chunks), close=lambda: None)
    made.meta.events.register("before-send", lambda request, **_: AWSResponse(request.url, 200, {}, raw))
    return made


# A contentBlockDelta with " is 30°C", as AWS sent it (pydantic/pydantic-ai
# tests/models/cassettes/test_bedrock/test_bedrock_model_iter_stream.yaml).
RECORDED = b64decode(
    "AAAAyAAAAFdJSLgkCzpldmVudC10eXBlBwARY29udGVudEJsb2NrRGVsdGENOmNvbnRlbnQtdHlwZQcAEGFwcGxpY2F0aW9uL2pzb24NOm1lc3Nh"
    "Z2UtdHlwZQcABWV2ZW50eyJjb250ZW50QmxvY2tJbmRleCI6MCwiZGVsdGEiOnsidGV4dCI6IiBpcyAzMMKwQyJ9LCJwIjoiYWJjZGVmZ2hpamts"
    "bW5vcHFyc3R1dnd4eXpBQkNERUZHSElKS0wifQki+ho="
)


def test_the_messages_here_are_those_that_aws_sends() -> None:
    payload = RECORDED[RECORDED.index(b"{") : -4]
    said = {":event-type": "contentBlockDelta", ":content-type": "application/json", ":message-type": "event"}
    assert framed(said, payload) == RECORDED


class TestAnthropic:
    @pytest.fixture(autouse=True)
    def _judged(self, judged: Any) -> None:
        judged("anthropic", "2.14.0")
        pytest.importorskip("botocore")

    def told(self, chunks: list[bytes]) -> str:
        import httpx2
        from anthropic import AnthropicBedrock

        answer = httpx2.MockTransport(lambda request: httpx2.Response(200, content=iter(chunks)))
        keys: dict[str, Any] = {"aws_access_key": "none", "aws_secret_key": "none", "aws_region": "us-east-1"}
        asked: Any = [{"role": "user", "content": "hi"}]
        asking = AnthropicBedrock(**keys, http_client=httpx2.Client(transport=answer), max_retries=0)
        events = asking.messages.create(model="m", max_tokens=9, messages=asked, stream=True)
        return "".join(event.delta.text for event in events if event.type == "content_block_delta")

    @pytest.mark.confirms("anthropic-bedrock", "T2")
    def test_a_wire_cut_in_a_message_ends_in_peace(self) -> None:
        assert self.told(cut(claude("x", "y"))) == "x"

    @pytest.mark.confirms("anthropic-bedrock-client", "T2", "T1")
    def test_over_http_both_end_in_peace_too(self, serving: Any) -> None:
        from anthropic import AnthropicBedrock

        def read(url: str) -> str:
            keys = {"aws_access_key": "none", "aws_secret_key": "none", "aws_region": "us-east-1"}
            asked: Any = {"model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
            events = AnthropicBedrock(**keys, base_url=url).messages.create(**asked, stream=True)
            return "".join(event.delta.text for event in events if event.type == "content_block_delta")

        assert read(serving(*cut(claude("x", "y")))) == "x"
        assert read(serving(*claude("x", "y"))) == "xy"

    @pytest.mark.confirms("anthropic-bedrock", "T1")
    def test_so_does_one_without_message_stop(self) -> None:
        assert self.told(claude("x", "y")) == "xy"


class TestLangchainAws:
    @pytest.fixture(autouse=True)
    def _judged(self, judged: Any) -> None:
        judged("langchain-aws", "1.9.1")

    def told(self, model: str, chunks: list[bytes]) -> str:
        from langchain_aws import ChatBedrock

        known: dict[str, Any] = {"bedrock_client": SimpleNamespace(), "region_name": "us-east-1"}
        asking = ChatBedrock(model=model, client=client(*chunks), **known, beta_use_converse_api=False)
        return "".join(str(part.content) for part in asking.stream("hi"))

    @pytest.mark.confirms("langchain-aws-bedrock", "T2")
    def test_a_wire_cut_in_a_message_ends_in_peace(self) -> None:
        assert self.told(MODEL, cut(claude("x", "y"))) == "x"
        assert self.told("meta.llama3-8b-instruct-v1:0", cut(llama("x", "y"))) == "x"
        assert self.told("mistral.mistral-7b-instruct-v0:2", cut(mistral("x", "y"))) == "x"

    @pytest.mark.confirms("langchain-aws-bedrock", "T1")
    def test_so_does_one_without_its_end(self) -> None:
        assert self.told(MODEL, claude("x", "y")) == "xy"
        assert self.told("meta.llama3-8b-instruct-v1:0", llama("x", "y")) == "xy"
        assert self.told("mistral.mistral-7b-instruct-v0:2", mistral("x", "y")) == "xy"

    def test_of_converse_both_are_errors(self) -> None:
        from langchain_aws import ChatBedrockConverse

        known: dict[str, Any] = {"bedrock_client": SimpleNamespace(), "region_name": "us-east-1"}
        for chunks in (converse("x", "y"), cut(converse("x", "y"))):
            with pytest.raises(ConnectionError, match="missing messageStop"):
                list(ChatBedrockConverse(model=MODEL, client=client(*chunks), **known).stream("hi"))


class TestStrandsAgents:
    @pytest.fixture(autouse=True)
    def _judged(self, judged: Any) -> None:
        judged("strands-agents", "1.62.0")

    def told(self, chunks: list[bytes]) -> tuple[str, str]:
        """The text, and why the answer is said to be over."""
        from strands.event_loop.streaming import process_stream
        from strands.models.bedrock import BedrockModel

        made = client(*chunks)
        session: Any = SimpleNamespace(region_name="us-east-1", client=lambda *_, **__: made)

        async def read() -> list[Any]:
            model = BedrockModel(boto_session=session, model_id=MODEL)
            answer = model.stream([{"role": "user", "content": [{"text": "hi"}]}])
            return [event async for event in process_stream(answer)]

        events = asyncio.run(read())
        return "".join(event.get("data", "") for event in events), events[-1]["stop"][0]

    @pytest.mark.confirms("strands-agents-bedrock", "T2")
    def test_a_wire_cut_in_a_message_is_the_end_of_a_turn(self) -> None:
        assert self.told(cut(converse("x", "y"))) == ("x", "end_turn")

    @pytest.mark.confirms("strands-agents-bedrock", "T1")
    def test_so_is_one_without_message_stop(self) -> None:
        assert self.told(converse("x", "y")) == ("xy", "end_turn")

    @pytest.mark.confirms("strands-agents-bedrock-client", "T2", "T1")
    def test_over_http_both_are_the_end_of_a_turn_too(self, serving: Any) -> None:
        from strands.event_loop.streaming import process_stream
        from strands.models.bedrock import BedrockModel

        async def read(url: str) -> tuple[str, str]:
            model = BedrockModel(region_name="us-east-1", endpoint_url=url, model_id=MODEL)
            answer = model.stream([{"role": "user", "content": [{"text": "hi"}]}])
            events: list[Any] = [event async for event in process_stream(answer)]
            return "".join(event.get("data", "") for event in events), events[-1]["stop"][0]

        assert asyncio.run(read(serving(*cut(converse("x", "y"))))) == ("x", "end_turn")
        assert asyncio.run(read(serving(*converse("x", "y")))) == ("xy", "end_turn")

    @pytest.mark.confirms("strands-agents-bedrock-client", "A4")
    @pytest.mark.confirms("strands-agents-bedrock", "C3")
    def test_who_leaves_leaves_the_connection_open(self, serving: Any) -> None:
        from strands.models.bedrock import BedrockModel

        left: list[bool] = []
        url = serving(*converse("x", "y"), left=left)

        async def leave() -> None:
            model = BedrockModel(region_name="us-east-1", endpoint_url=url, model_id=MODEL)
            answer: Any = model.stream([{"role": "user", "content": [{"text": "hi"}]}])
            async for event in answer:
                if "contentBlockDelta" in event:
                    break
            await answer.aclose()
            for _ in range(60):
                await asyncio.sleep(0 if left else 0.1)

        asyncio.run(leave())
        assert left == [False]


class TestLitellm:
    @pytest.fixture(autouse=True)
    def _judged(self, judged: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        judged("litellm", "1.110.2")

    def told(self, chunks: list[bytes]) -> str:
        from litellm.llms.bedrock.chat.invoke_handler import AWSEventStreamDecoder

        given: Any = AWSEventStreamDecoder(model=MODEL).iter_bytes(iter(chunks))
        return "".join(item["text"] if isinstance(item, dict) else item.choices[0].delta.content for item in given)

    @pytest.mark.confirms("litellm-bedrock", "T1")
    def test_a_stream_without_message_stop_ends_in_peace(self) -> None:
        assert self.told(converse("x", "y")) == "xy"

    def test_a_wire_cut_in_a_message_is_an_error(self) -> None:
        from litellm.llms.bedrock.common_utils import BedrockError

        with pytest.raises(BedrockError, match="undecoded bytes"):
            self.told(cut(converse("x", "y")))

    @pytest.mark.confirms("litellm-bedrock", "E2")
    def test_what_an_error_message_says_is_lost(self) -> None:
        from litellm.llms.bedrock.common_utils import BedrockError

        said = {":message-type": "error", ":error-code": "InternalError", ":error-message": "boom"}
        with pytest.raises(BedrockError) as raised:
            self.told([*converse("x"), framed(said)])
        assert "boom" not in str(raised.value)

    @pytest.mark.confirms("litellm-bedrock", "K1")
    def test_the_text_of_an_event_of_another_type_comes_out(self) -> None:
        other = message("metrics", {"contentBlockIndex": 0, "delta": {"text": "?"}})
        assert self.told([*converse("x"), other]) == "x?"
