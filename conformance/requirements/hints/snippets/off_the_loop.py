"""What takes long runs in a thread, and the event loop goes on meanwhile."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable


async def worked(deltas: AsyncIterable[str], slow: Callable[[str], str]) -> AsyncIterator[str]:
    async for text in deltas:
        yield await asyncio.to_thread(slow, text)
