"""How to mend a decoder that breaks a requirement: a few sentences, and sound code that does it right.

The sentences are in `hints.toml`, the code in `snippets`, where it is a module that tests run.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

__all__ = ["Hint", "hint"]


class Hint(NamedTuple):
    """`sentences` say what to do, the first by itself; `snippet` is the module that does it."""

    sentences: tuple[str, ...]
    snippet: str

    @property
    def code(self) -> str:
        """The Python of the snippet, for reading and copying; read when asked for, as a frozen program has none."""
        return files(f"{__package__}.snippets").joinpath(f"{self.snippet}.py").read_text("utf-8").rstrip("\n")

    @property
    def first(self) -> str:
        """What to do, in one sentence."""
        return self.sentences[0]

    @property
    def text(self) -> str:
        """All sentences."""
        return " ".join(self.sentences)


@cache
def _table() -> dict[str, dict[str, list[str] | str]]:
    return tomllib.loads(files(__package__).joinpath("hints.toml").read_text("utf-8"))


@cache
def hint(id_: str) -> Hint:
    """The hint of the requirement with this id; KeyError if there is none."""
    entry = _table()[id_]
    return Hint(tuple(entry["say"]), str(entry["code"]))
