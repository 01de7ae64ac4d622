"""Decoders of another shape than a generator of text: what turns a callable, or a class, into one that can be judged.

A coroutine that gives a stream is awaited; a class with `feed` is given each chunk and then closed; a pair, sync and
async, is one decoder with two ways of being called.
"""

import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from functools import partial, update_wrapper
from typing import Any

from sliceproof.conformance.harness.contract import CHANNELS, Decoder, Mode, TargetError, is_async, takes_chunks

ENDS = ("close", "flush", "finish", "end")
"""What a parser that is fed is told at the end; the first of these that it has."""

WHOLE = {
    "T3": "it gives the whole answer at once, and an error instead of it",
    "W1": "it gives the whole answer at once",
}
"""What is not asked of a decoder that gives an answer only when it is whole."""


def called(target: Any, name: str) -> Callable[[Any], Any]:
    """*target* as a function of chunks that gives an iterable; TargetError if it cannot be one."""
    if isinstance(target, type) and callable(getattr(target, "feed", None)):
        return _fed(target, name)
    takes_chunks(target, name)
    return _awaited(target) if inspect.iscoroutinefunction(target) else target


def _fed(parser: type[Any], name: str) -> Callable[[Iterable[bytes]], Iterator[Any]]:
    """A class of push parsers, one for each stream."""
    try:
        inspect.signature(parser).bind()
    except (TypeError, ValueError) as error:
        raise TargetError(f"{name} has `feed`, but cannot be made without arguments ({error})") from None

    @_in_place_of(parser)
    def call(chunks: Iterable[bytes]) -> Iterator[Any]:
        made = parser()
        for chunk in chunks:
            yield from _items(made.feed(chunk))
        last = next((step for step in ENDS if callable(getattr(made, step, None))), None)
        if last is not None:
            yield from _items(getattr(made, last)())

    return call


def _in_place_of(target: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let *target* be found by `inspect.unwrap`."""
    return partial(update_wrapper, wrapped=target, assigned=(), updated=())


def _items(given: Any) -> Iterable[Any]:
    """What one call gives: nothing, an item, or several."""
    if given is None:
        return ()
    return (given,) if isinstance(given, str | bytes) else given


def _awaited(target: Callable[[Any], Any]) -> Callable[[Any], AsyncIterator[Any]]:
    """A coroutine function that gives a stream, or the text."""

    @_in_place_of(target)
    async def call(chunks: Any) -> AsyncIterator[Any]:
        found = await target(chunks)
        if hasattr(found, "__aiter__"):
            async for item in found:
                yield item
        else:
            for item in _items(found):
                yield item

    return call


def decoder(
    *targets: Callable[[Any], Any],
    name: str = "",
    dialects: Iterable[str] | None = None,
    accepts: str = "chunks",
    yields: str = "text",
    envelope: str = "sagemaker",
    extract: Callable[[Any], Any] = lambda item: item,
    whole: bool = False,
    by_design: Mapping[str, str] | None = None,
    version: str = "",
    channels: Iterable[str] | None = None,
) -> Decoder:
    """A decoder of your own, for `sliceproof check module:NAME`, pytest or `sliceproof.check`.

    *targets* is a function of chunks, a class with `feed`, or one that is sync and one that is async. *extract* turns
    an item into what *yields* says: text, or with "deltas" what it gives in all *channels*. These are what it claims
    beside content, of reasoning, refusal, tool-call and choices (all, if none are named); it is not asked about the
    others. *whole* says that it gives an answer only when that is whole, so that T3 and W1 are not asked, and
    *by_design* what else it never set out to do: a requirement's id and the reason. TargetError for what cannot be
    called so.
    """
    if channels is not None and yields != "deltas":
        raise TargetError(f'who yields {yields} claims no channels; say yields="deltas"')
    if not targets:
        raise TargetError("a decoder needs a function of chunks, or a class with `feed`")
    modes: dict[str, Mode] = {}
    for target in targets:
        call = called(target, name or getattr(target, "__qualname__", type(target).__qualname__))
        asynchronous = is_async(call)
        modes["async" if asynchronous else "sync"] = Mode(lambda dialect, form, call=call: call, asynchronous)  # type: ignore[misc]
    if len(modes) < len(targets):
        raise TargetError("a decoder has one sync and one async way of being called, and no more")
    return Decoder(
        name or "+".join(getattr(target, "__qualname__", "decoder") for target in targets),
        modes,
        None if dialects is None else tuple(dialects),
        accepts,
        yields,
        envelope,
        version=lambda: version,
        extract=extract,
        by_design={**(WHOLE if whole else {}), **(by_design or {})},
        builtin=False,
        target="",
        channels=CHANNELS if channels is None else (channels,) if isinstance(channels, str) else tuple(channels),
    )
