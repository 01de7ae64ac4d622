"""Broken decoders by name, and how a mistake becomes one of them."""

from dataclasses import dataclass
from typing import Any, ClassVar

from sliceproof.conformance.decoders.endpoint.client import client
from sliceproof.conformance.decoders.sound import named
from sliceproof.conformance.decoders.sound.deltas import GivesDeltas
from sliceproof.conformance.decoders.sound.steps import Lines, Messages
from sliceproof.conformance.harness.contract import Decoder, Mode


@dataclass(frozen=True, eq=False)
class Broken:
    """A decoder that breaks the requirements `breaks` (the first is its own), judged in `dialect`."""

    name: str
    about: str
    breaks: tuple[str, ...]
    dialect: str
    modes: dict[str, Mode]
    accepts: str = "chunks"
    yields: str = "text"
    module: str = __name__

    def decoder(self) -> Decoder:
        """The adapter; its name is the target that finds it."""
        modules = (self.module, Lines.__module__)
        name, dialects = f"broken:{self.name}", (self.dialect,)
        if self.accepts == "endpoint":
            return client(name, self.modes, dialects, modules=modules)
        return Decoder(name, self.modes, dialects, self.accepts, self.yields, modules=modules)


@dataclass
class Registry:
    """Collects broken decoders by name, in the order in which they are defined."""

    found: ClassVar[dict[str, Broken]] = {}

    @classmethod
    def add(cls, broken: Broken) -> None:
        """One more."""
        cls.found[broken.name] = broken


_GIVE = {Lines: "lines", Messages: "messages", GivesDeltas: "deltas"}


def breaks(*ids: str, dialect: str = "tgi-sse") -> Any:
    """Register a subclass of Sound, Lines or Messages as the decoder that breaks *ids* and nothing else.

    Its name is the class's in snake case, what it does wrong is its docstring.
    """

    def register(kind: type[Any]) -> type[Any]:
        name, about = named(kind)
        mode = Mode(lambda id_, form: lambda fed: kind(id_).decode(fed))
        accepts = "events" if issubclass(kind, Lines) else "chunks"
        yields = next((name for base, name in _GIVE.items() if issubclass(kind, base)), "text")
        Registry.add(Broken(name, about, ids, dialect, {"sync": mode}, accepts, yields, kind.__module__))
        return kind

    return register
