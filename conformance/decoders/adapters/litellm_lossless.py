"""A drop-in for LiteLLM's AWSEventStreamDecoder that cuts the stream at line feeds and decodes whole lines only."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import litellm  # noqa: F401 - its sub-modules import each other; this order works in every release
from botocore.eventstream import EventStreamBuffer
from litellm.llms.sagemaker.common_utils import AWSEventStreamDecoder, SagemakerError


class LosslessDecoder(AWSEventStreamDecoder):
    """Reads what the containers write, cut anywhere; raises SagemakerError for an exception or an error record."""

    def iter_bytes(self, iterator: Iterator[bytes]) -> Iterator[Any]:
        buffer, held = EventStreamBuffer(), [b""]
        for chunk in iterator:
            yield from self._messages(buffer, held, chunk)
        yield from self._lines(held, b"\n")

    async def aiter_bytes(self, iterator: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        buffer, held = EventStreamBuffer(), [b""]
        async for chunk in iterator:
            for item in self._messages(buffer, held, chunk):
                yield item
        for item in self._lines(held, b"\n"):
            yield item

    def _messages(self, buffer: Any, held: list[bytes], chunk: bytes) -> Iterator[Any]:
        buffer.add_data(chunk)
        for message in buffer:
            if message.headers.get(":message-type") in ("exception", "error"):
                raise SagemakerError(500, f"{message.headers} {message.payload.decode(errors='replace')}")
            if message.headers.get(":event-type") == "PayloadPart":
                yield from self._lines(held, message.payload)

    def _lines(self, held: list[bytes], payload: bytes) -> Iterator[Any]:
        *lines, held[0] = (held[0] + payload).split(b"\n")
        for line in lines:
            record = line.removeprefix(b"data:").strip()
            if record.startswith(b"{"):  # else a comment, a blank line, `event:` or [DONE]
                yield self._parsed(json.loads(record))

    def _parsed(self, record: dict[str, Any]) -> Any:
        if record.get("error") or (record.get("details") or {}).get("finish_reason") == "error":
            raise SagemakerError(500, json.dumps(record))
        if self.is_messages_api:
            return self._chunk_parser_messages_api(chunk_data=record)
        return self._chunk_parser(chunk_data=record)
