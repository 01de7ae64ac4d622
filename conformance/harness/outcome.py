"""What came of one run of a decoder: its items, after which chunk each came, how it ended, and of what an error."""

from dataclasses import dataclass
from typing import Any

from sliceproof.conformance.harness.contract import YIELDS, Decoder, TargetError
from sliceproof.conformance.harness.feeds import Feed
from sliceproof.conformance.harness.source import Source
from sliceproof.conformance.harness.watchdog import Hang
from sliceproof.wire.dialects.delta import PLAINEST, Delta, DeltaError, content, deltas_of

_KINDS: dict[str, type] = {"text": str, "deltas": str, "lines": bytes, "messages": tuple}

MOST, SIZE = 1_000_000, 64
"""Characters or bytes that may come of any stream, and for each item that may, before a decoder goes on for ever."""


@dataclass(frozen=True)
class Outcome:
    """What a decoder did with a stream.

    `items` as the adapter's `extract` gives them; `after[i]` is how many chunks had been handed
    over when item i came; `ended` is "end", "error" or "hang"; `pulls` counts the chunks asked for,
    `exhausted` says that the decoder was told that there are no more. `fed` is what it accepts. Of a decoder of
    deltas the items are the content of its first choice, and `deltas` all.
    """

    items: tuple[Any, ...]
    after: tuple[int, ...]
    ended: str
    error: BaseException | None
    pulls: int
    exhausted: bool
    fed: str
    deltas: tuple[Delta, ...] = ()


class Collector:
    """Gathers the items of one run with the chunk each came after."""

    __slots__ = ("after", "decoder", "deltas", "extract", "feed", "items", "kind", "most", "size")

    def __init__(self, feed: Feed, decoder: Decoder, most: int) -> None:
        self.feed, self.decoder, self.most = feed, decoder, most
        self.extract, self.kind = decoder.extract, _KINDS[decoder.yields]
        self.items: list[Any] = []
        self.deltas: list[Delta] = []
        self.after: list[int] = []
        self.size = 0  # characters or bytes

    def take(self, item: Any) -> None:
        """One item; TargetError if it is none of what the decoder yields, Hang if there is no end of them."""
        text = self.extract(item)
        if self.decoder.yields == "deltas":
            text = self._content(text)
        if not isinstance(text, self.kind):
            raise TargetError(
                f"{self.decoder.name} yielded {text!r:.80} ({type(text).__name__}), not {YIELDS[self.decoder.yields]}; "
                "wrap it in a function that does, or say with --yields what it gives"
            )
        endless = self.size > MOST + SIZE * self.most or len(self.items) >= self.most
        self.items.append(text)
        self.after.append(min(self.feed.pulls, self.feed.size))
        self.size += _length(text)
        if endless:
            raise Hang

    def _content(self, item: Any) -> str:
        """The content of the first choice of an item's deltas, which are kept."""
        try:
            deltas = deltas_of(item)
        except (DeltaError, TypeError) as error:
            raise TargetError(f"{self.decoder.name} yielded {item!r:.80}: {error}; give {YIELDS['deltas']}") from None
        self.deltas.extend(deltas)
        self.size += sum(len(delta.text) for delta in deltas if delta.channel != PLAINEST)
        return content(deltas)

    def outcome(self, ended: str, error: BaseException | None = None) -> Outcome:
        """What was gathered, and how it ended."""
        feed = self.feed
        exhausted = feed.pulls > feed.size
        fed = "body" if self.decoder.accepts == "chunks" and not self.decoder.reads_wire else self.decoder.accepts
        return Outcome(
            tuple(self.items), tuple(self.after), ended, error, feed.pulls, exhausted, fed, tuple(self.deltas)
        )


def _length(value: Any) -> int:
    """Characters or bytes of an item."""
    return len(value[1] if isinstance(value, tuple) else value)


def most_items(stream: Source) -> int:
    """How many items a decoder may give of a stream before it is taken to go on for ever."""
    return 1000 + 8 * (len(stream.body) + len(stream.parts))


def origins(error: BaseException, hidden: bool = True) -> list[BaseException]:
    """The exception and all that it comes of: causes, contexts, and what is in groups.

    Unless *hidden*, the context of one that is raised `from None` is left out, which says that nothing is behind it.
    """
    seen = [error]
    for value in seen:
        shown = hidden or value.__cause__ is not None or not value.__suppress_context__
        more = (value.__cause__, value.__context__ if shown else None, *getattr(value, "exceptions", ()))
        seen += [other for other in more if other is not None and other not in seen]
    return seen
