"""Decoders of any shape: the recipes of docs/shapes.md, each judged, and what cannot be one."""

import re
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import sliceproof
from sliceproof.conformance.decoders.loading import load, wrapped
from sliceproof.conformance.decoders.shapes import decoder
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.contract import Decoder, TargetError
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.stream import Stream

PAGE = (Path(__file__).parents[2] / "docs/shapes.md").read_text("utf-8")
STREAM = Stream("text", ["a", "b"])


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The page's code in one module."""
    path = tmp_path_factory.mktemp("shapes") / "shapes_of_the_page.py"
    path.write_text("\n\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), "utf-8")
    yield path
    sys.modules.pop(path.stem, None)


def judged(found: Decoder, *ids: str) -> dict[str, str]:
    asked = [requirement for requirement in REQUIREMENTS.values() if requirement.id in ids or not ids]
    results = run(found, Plan(asked, PROFILES["quick"]), ("tgi-sse",))
    return {result.requirement.id: result.verdict for result in results}


@pytest.mark.parametrize(
    ("name", "weak"),
    [
        ("Parser", {"L3", "L5", "S3", "U5-bom"}),
        ("opened", {"L3", "L5", "S3", "U5-bom"}),
        ("both", {"L3", "L5", "S3", "U5-bom"}),
        ("objects", {"L3", "L5", "S3", "U5-bom"}),
        ("told_apart", {"L3", "L5", "S3", "U5-bom"}),
        ("at_once", {"L3", "L5", "S3", "U5-bom"}),
    ],
)
def test_each_recipe_of_the_page_conforms(recipes: Path, name: str, weak: set[str]) -> None:
    verdicts = judged(load(f"{recipes}:{name}"))
    assert {id_ for id_, verdict in verdicts.items() if verdict in ("fail", "error")} == set()
    assert {id_ for id_, verdict in verdicts.items() if verdict == "warn"} <= {*weak, "Q1", "E2", "E3", "F2-malformed"}
    assert sum(verdict == "pass" for verdict in verdicts.values()) > 40
    assert verdicts["X2"] == ("pass" if name == "both" else "n/a")
    assert (verdicts["W1"], verdicts["T3"]) == (("n/a", "n/a") if name == "at_once" else ("pass", "pass"))


class Feeds:
    """Gives what it is told to give."""

    given: Any = None

    def feed(self, data: bytes) -> Any:
        return data.decode() if type(self).given is None else type(self).given


class Ends(Feeds):
    """Has something left."""

    def feed(self, data: bytes) -> None:
        self.data = getattr(self, "data", b"") + data

    def flush(self) -> str:
        return self.data.decode()


class Asks(Feeds):
    """Cannot be made without arguments."""

    def __init__(self, size: int) -> None:
        self.size = size


def parts(chunks: Iterable[bytes]) -> Iterator[str]:
    for chunk in chunks:
        yield chunk.decode()


async def awaited(chunks: Any) -> AsyncIterator[str]:
    async for chunk in chunks:
        yield chunk.decode()


async def whole(chunks: Any) -> str:
    return "".join([chunk.decode() async for chunk in chunks])


async def stream(chunks: Any) -> AsyncIterator[str]:
    return awaited(chunks)


class TestAClassWithFeed:
    @pytest.mark.parametrize(("kind", "items"), [(Feeds, ("a", "b")), (Ends, ("ab",))])
    def test_is_fed_and_ended(self, kind: type[Any], items: tuple[str, ...]) -> None:
        assert drive(wrapped(kind, "it", accepts="parts"), "sync", STREAM).items == items

    def test_may_give_nothing_or_several(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Feeds, "given", ["x", "y"])
        assert drive(wrapped(Feeds, "it", accepts="parts"), "sync", STREAM).items == ("x", "y", "x", "y")
        monkeypatch.setattr(Feeds, "given", ())
        assert drive(wrapped(Feeds, "it", accepts="parts"), "sync", STREAM).items == ()

    def test_is_made_anew_for_each_stream(self) -> None:
        made = wrapped(Ends, "it", accepts="parts")
        assert [drive(made, "sync", STREAM).items for _ in range(2)] == [("ab",), ("ab",)]

    def test_that_needs_more_is_told(self) -> None:
        with pytest.raises(TargetError, match="it has `feed`, but cannot be made without arguments"):
            wrapped(Asks, "it")


class TestACoroutine:
    @pytest.mark.parametrize(("target", "items"), [(stream, ("a", "b")), (whole, ("ab",))])
    def test_is_awaited(self, target: Callable[..., Any], items: tuple[str, ...]) -> None:
        made = wrapped(target, "it", accepts="parts")
        assert (tuple(made.modes), drive(made, "async", STREAM).items) == (("async",), items)


class TestADecoder:
    def test_has_a_mode_for_each_way(self) -> None:
        made = decoder(parts, awaited, accepts="parts", name="both", version="1.2", dialects=["text"])
        assert (tuple(made.modes), made.name, made.version(), made.dialects) == (
            ("sync", "async"),
            "both",
            "1.2",
            ("text",),
        )
        assert {drive(made, mode, STREAM).items for mode in made.modes} == {("a", "b")}

    def test_has_at_most_one_of_each(self) -> None:
        with pytest.raises(TargetError, match="one sync and one async"):
            decoder(parts, parts)
        with pytest.raises(TargetError, match="needs a function of chunks"):
            decoder()

    def test_says_what_is_not_asked_and_why(self) -> None:
        made = decoder(parts, whole=True, by_design={"U1": "ASCII only"})
        assert "the whole answer at once" in made.declines("W1", "text")
        assert made.declines("U1", "text") == "ASCII only"
        assert made.declines("T3", "text") != ""

    def test_is_found_by_name_and_replayed_by_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "own_shapes.py").write_text(
            "import sliceproof\n\n\ndef broken(parts):\n    for part in parts:\n"
            "        yield part.decode('utf-8', 'ignore')\n\n\nown = sliceproof.decoder(broken, accepts='parts')\n"
        )
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(str(tmp_path))
        found = load("own_shapes:own")
        (result,) = run(found, Plan([REQUIREMENTS["U1"]], PROFILES["quick"]), ("text",))
        assert result.finding is not None
        assert "own_shapes:own --requirement U1" in result.finding.replay
        module: ModuleType = sys.modules.pop("own_shapes")
        assert sliceproof.decoder is decoder
        assert isinstance(module.own, Decoder)
