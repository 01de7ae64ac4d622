"""The bodies of corpus/bodies, with what their index says of each."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sliceproof.wire.dialects import Delta, Style

FOLDER = Path(__file__).parents[2] / "corpus" / "bodies"


@dataclass(frozen=True)
class Golden:
    """One body as a server writes it; the fields are those of the index."""

    name: str
    dialect: str
    tokens: tuple[str, ...]
    server: str
    version: str
    source: str
    checked: str
    style: Style
    error: str | None = None
    writes: bool = True
    deltas: tuple[Delta, ...] = ()

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return (FOLDER / f"{self.name}.body").read_bytes()


def _golden(told: dict[str, Any]) -> Golden:
    style = Style(**{**told.pop("style", {}), "form": told.pop("form", "")})
    deltas = tuple([Delta(**delta) for delta in told.pop("deltas", [])])
    return Golden(**{**told, "tokens": tuple(told["tokens"])}, style=style, deltas=deltas)


INDEX = tomllib.loads((FOLDER / "index.toml").read_text("utf-8"))
COMMON = {(one["dialect"], one["form"]): one["why"] for one in INDEX["common"]}
GOLDEN = {one["name"]: _golden(dict(one)) for one in INDEX["body"]}
