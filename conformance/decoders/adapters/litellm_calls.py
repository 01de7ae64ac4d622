"""LiteLLM's `completion` and `acompletion` as the two modes of a whole client, whichever service they ask."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from sliceproof.conformance.decoders.endpoint.client import Client, mode
from sliceproof.conformance.harness.contract import Mode
from sliceproof.wire.dialects.delta import openai_deltas

Asked = Callable[[str, str, str, str], dict[str, Any]]
"""The arguments of a call, of a dialect, its form, a URL and the name of an endpoint or the id of a model."""


def litellm() -> Any:
    """The package, which says nothing of its own; ImportError if it is not installed."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or importing it asks the network
    import litellm as package
    from litellm import verbose_logger

    verbose_logger.disabled = True
    package.suppress_debug_info = True
    return package


def modes(package: Any, asked: Asked) -> dict[str, Mode]:
    """Its calls with the arguments that *asked* gives, sync and async; a stream that is left is closed."""

    def sync(dialect: str, form: str) -> Client:
        def complete(url: str, name: str) -> Iterator[Any]:
            stream = package.completion(**asked(dialect, form, url, name))
            try:
                yield from map(openai_deltas, stream)
            finally:
                if hasattr(stream, "close"):  # dropped, it would keep its connection
                    stream.close()

        return complete

    def asynchronous(dialect: str, form: str) -> Client:
        async def complete(url: str, name: str) -> AsyncIterator[Any]:
            stream = await package.acompletion(**asked(dialect, form, url, name))
            try:
                async for chunk in stream:
                    yield openai_deltas(chunk)
            finally:
                if hasattr(stream, "aclose"):
                    await stream.aclose()

        return complete

    return {"sync": mode(sync), "async": mode(asynchronous)}
