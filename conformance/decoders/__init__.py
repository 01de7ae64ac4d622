"""Decoders that can be named: one adapter a module, imported only when it is asked for."""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from sliceproof.conformance.harness.contract import Decoder


class Known(NamedTuple):
    """A registered decoder: its module, what it is in a few words, what to install, the function that makes it.

    One that reads nothing but the `framing` gives messages.
    """

    module: str
    about: str
    extra: str = ""
    factory: str = "decoder"
    framing: bool = False
    room: str = f"{__name__}.adapters"

    def load(self) -> Decoder:
        """The adapter; ImportError if what it adapts is not installed."""
        factory: Callable[[], Decoder] = getattr(import_module(f"{self.room}.{self.module}"), self.factory)
        return factory()


DECODERS: dict[str, Known] = {
    "reference": Known("reference", "sliceproof's own: incremental, bounded, sync and async", room=__name__),
    "reference-deltas": Known(
        "reference", "the same in all channels: reasoning, tool calls, choices", "", "of_deltas", room=__name__
    ),
    "botocore": Known("botocore", "EventStreamBuffer and EventStream of the AWS SDK: messages, not text", framing=True),
    "litellm": Known(
        "litellm", "AWSEventStreamDecoder, sync and async, completion and messages API", "sliceproof[litellm]"
    ),
    "litellm-proposed-fix": Known("litellm_proposed_fix", "the first fix proposed for LiteLLM; it loses bytes"),
    "litellm-repaired": Known(
        "litellm_repaired", "LiteLLM's decoder with the smallest override that conforms", "sliceproof[litellm]"
    ),
    "botocore-client": Known("botocore_client", "a whole client: botocore over HTTP, its parts read by our reader"),
    "litellm-completion": Known(
        "litellm_completion", "a whole client: completion() and acompletion() over HTTP", "sliceproof[litellm]"
    ),
    "aiobotocore-client": Known(
        "aiobotocore_client",
        "a whole client: aiobotocore over HTTP, read by our reader",
        "sliceproof[aiobotocore]",
    ),
    "openai-client": Known(
        "openai_client", "a whole client: OpenAI and AsyncOpenAI on SageMaker's route for them", "sliceproof[openai]"
    ),
    "langchain-aws-client": Known(
        "langchain_aws_client", "a whole client: SagemakerEndpoint.stream", "sliceproof[langchain-aws]"
    ),
    "langchain-aws-chat-client": Known(
        "langchain_aws_client",
        "a whole client: ChatSagemakerEndpoint.stream",
        "sliceproof[langchain-aws]",
        "chat",
    ),
    "strands-agents-client": Known(
        "strands_agents_client", "a whole client: SageMakerAIModel.stream over HTTP", "sliceproof[strands-agents]"
    ),
    "any-llm-client": Known(
        "any_llm_client", "a whole client: completion() and acompletion() over HTTP", "sliceproof[any-llm-sdk]"
    ),
    "inspect-ai-client": Known(
        "inspect_ai_client", "a whole client: get_model().generate() over HTTP", "sliceproof[inspect-ai]"
    ),
    "langchain-aws": Known("langchain_aws", "LineIterator: lines", "sliceproof[langchain-aws]", "lines"),
    "langchain-aws-chat": Known("langchain_aws", "ChatLineIterator: lines", "sliceproof[langchain-aws]", "chat_lines"),
    "langchain-aws-text": Known("langchain_aws", "SagemakerEndpoint.stream", "sliceproof[langchain-aws]", "text"),
    "langchain-community": Known("langchain_community", "LineIterator: lines", "sliceproof[langchain-community]"),
    "sagemaker": Known("sagemaker", "SageMaker SDK 2, LineIterator: lines", "sliceproof[sagemaker]", "lines"),
    "sagemaker-bytes": Known("sagemaker", "SageMaker SDK 2, ByteIterator: parts", "sliceproof[sagemaker]", "parts"),
    "sagemaker-core": Known(
        "sagemaker", "SageMaker SDK 3, LineIterator: lines", "sliceproof[sagemaker-core]", "core_lines"
    ),
    "sagemaker-core-bytes": Known(
        "sagemaker", "SageMaker SDK 3, ByteIterator: parts", "sliceproof[sagemaker-core]", "core_parts"
    ),
    "strands-agents": Known("strands_agents", "SageMakerAIModel.stream", "sliceproof[strands-agents]"),
    "aiobotocore": Known("aiobotocore", "AioEventStream: parts", "sliceproof[aiobotocore]", framing=True),
    "amazon-transcribe": Known(
        "amazon_transcribe", "EventStreamBuffer of its own: messages", "sliceproof[amazon-transcribe]", framing=True
    ),
    "smithy-aws-event-stream": Known(
        "smithy",
        "Event.decode_async: messages (Python 3.12 and later)",
        "sliceproof[smithy-aws-event-stream]",
        framing=True,
    ),
    "any-llm-sdk": Known("any_llm", "SageMaker provider, JSON lines alone", "sliceproof[any-llm-sdk]"),
    "openai": Known("openai_python", "chat and text completions over HTTP: Stream, AsyncStream", "sliceproof[openai]"),
    "anthropic": Known("anthropic_python", "messages over HTTP: Stream, AsyncStream", "sliceproof[anthropic]"),
    "mistralai": Known("mistral", "chat.stream over HTTP: EventStream", "sliceproof[mistralai]"),
    "huggingface-hub": Known(
        "huggingface", "InferenceClient over HTTP: chat_completion, text_generation", "sliceproof[huggingface-hub]"
    ),
    "httpx-sse": Known("sse_libraries", "EventSource over HTTP", "sliceproof[httpx-sse]", "httpx_sse"),
    "sseclient-py": Known("sse_libraries", "SSEClient over HTTP", "sliceproof[sseclient-py]", "sseclient"),
    "inspect-ai": Known("inspect_ai", "SageMaker provider, the whole answer", "sliceproof[inspect-ai]"),
    "botocore-bedrock": Known("botocore_bedrock", "EventStream of Bedrock Runtime, its events read by our reader"),
    "botocore-bedrock-client": Known(
        "botocore_bedrock_client", "a whole client: botocore of Bedrock over HTTP, its events read by our reader"
    ),
    "litellm-bedrock": Known(
        "litellm_bedrock", "AWSEventStreamDecoder of Bedrock, sync and async", "sliceproof[litellm]"
    ),
    "litellm-bedrock-client": Known(
        "litellm_bedrock_client",
        "a whole client: completion() and acompletion() of Bedrock over HTTP",
        "sliceproof[litellm]",
    ),
    "anthropic-bedrock": Known(
        "anthropic_bedrock", "AnthropicBedrock, AsyncAnthropicBedrock: messages", "sliceproof[anthropic-bedrock]"
    ),
    "anthropic-bedrock-client": Known(
        "anthropic_bedrock_client",
        "a whole client: AnthropicBedrock and AsyncAnthropicBedrock over HTTP",
        "sliceproof[anthropic-bedrock]",
    ),
    "langchain-aws-bedrock": Known(
        "langchain_aws_bedrock", "ChatBedrock and ChatBedrockConverse: stream", "sliceproof[langchain-aws]"
    ),
    "langchain-aws-bedrock-client": Known(
        "langchain_aws_bedrock_client",
        "a whole client: ChatBedrock and ChatBedrockConverse over HTTP",
        "sliceproof[langchain-aws]",
    ),
    "strands-agents-bedrock": Known(
        "strands_agents_bedrock", "BedrockModel.stream and process_stream", "sliceproof[strands-agents]"
    ),
    "strands-agents-bedrock-client": Known(
        "strands_agents_bedrock_client",
        "a whole client: BedrockModel.stream and process_stream over HTTP",
        "sliceproof[strands-agents]",
    ),
}
