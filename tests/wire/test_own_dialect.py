"""A dialect of somebody's own: found by its name, looked at before it is used, and told what is wrong with it."""

import base64
import re
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import sliceproof
from sliceproof import Dialect, Framing, ModelError, Reading
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.options import Options
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case, CaseError, save
from sliceproof.corpus import load as load_case
from sliceproof.wire.dialects import DIALECTS, UnknownDialectError, dialect
from sliceproof.wire.dialects.own import faults
from sliceproof.wire.stream import Stream

NUMBERS = count()
TICKER = f"{Path(__file__).parents[2] / 'examples/dialect/ticker.py'}:TICKER"


def read(found: Any) -> Reading:
    if "error" in found:
        raise ModelError(found["error"])
    return Reading(found["t"], found["last"])


def made(**changes: Any) -> Dialect:
    fields: dict[str, Any] = {
        "id": "mine",
        "media_type": "text/event-stream",
        "framing": Framing.SSE,
        "source": "a test",
        "record": lambda index, text, full, form: {"t": text, "last": full is not None},
        "read": read,
        "error": lambda message: {"error": message},
    }
    return Dialect(**{**fields, **changes})


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Writes a module of this name and gives it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def write(text: str) -> str:
        name = f"own_{abs(hash(text))}"
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
        return name

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


class TestADefinition:
    def test_that_is_sound_has_no_fault(self) -> None:
        assert list(faults(made())) == []
        assert list(faults(dialect(TICKER))) == []

    @pytest.mark.parametrize("id_", [id_ for id_ in DIALECTS if DIALECTS[id_].framing is not Framing.DOCUMENT])
    def test_of_ours_is_sound_too(self, id_: str) -> None:
        assert list(faults(DIALECTS[id_])) == []

    @pytest.mark.parametrize(
        ("changes", "what"),
        [
            (
                {"read": lambda found: Reading(found["t"].strip(), found["last"])},
                "'x', ' ' and 'y' are read back as 'xy'",
            ),
            ({"read": lambda found: Reading(found["text"])}, "cannot be read: .*no mine record: KeyError"),
            ({"encode": lambda text: text.encode("ascii").decode()}, "'你好' cannot be written: UnicodeEncodeError"),
            ({"encode": lambda text: base64.b64encode(text.encode()).decode()}, "are read back as"),
            ({"read": lambda found: Reading(found["t"], True)}, "a body that ends early is read as whole"),
            ({"error": lambda message: {"t": message, "last": False}}, "its error record is read as"),
            ({"framing": Framing.DOCUMENT}, "the framing DOCUMENT cannot be a dialect of one's own"),
        ],
    )
    def test_that_is_not_is_told_what_is_wrong(self, changes: dict[str, Any], what: str) -> None:
        assert re.search(what, next(faults(made(**changes))))


class TestAName:
    def test_of_a_module_or_a_file_is_the_dialect_s_id(self, module: Callable[[str], str]) -> None:
        source = Path(TICKER.rpartition(":")[0]).read_text("utf-8")
        name = module(source)
        assert dialect(f"{name}:TICKER").id == f"{name}:TICKER"
        assert dialect(f"{name}.py:TICKER").id == f"{name}.py:TICKER"
        assert f"{name}:TICKER" not in list(DIALECTS)

    def test_is_taken_by_streams_and_options(self) -> None:
        stream = Stream(TICKER, ("é", "y"))
        assert (stream.text, base64.b64encode("é".encode()) in stream.body) == ("éy", True)
        assert Options((TICKER,)).dialects == (TICKER,)

    @pytest.mark.parametrize(
        ("text", "attribute", "what"),
        [
            ("X = 1", "X", "is no sliceproof.Dialect: it is a int"),
            ("X = 1", "Y", "is no sliceproof.Dialect: there is no such name"),
            ("1 / 0", "X", "cannot be had: ZeroDivisionError: division by zero"),
        ],
    )
    def test_of_something_else_is_told(
        self, module: Callable[[str], str], text: str, attribute: str, what: str
    ) -> None:
        with pytest.raises(UnknownDialectError, match=what):
            dialect(f"{module(text)}:{attribute}")

    def test_of_nothing_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(UnknownDialectError, match="No module named 'nowhere'"):
            dialect("nowhere:X")
        with pytest.raises(UnknownDialectError, match="there is no file"):
            dialect(f"{tmp_path / 'nowhere.py'}:X")

    def test_of_a_wrong_definition_is_told_at_once(self, module: Callable[[str], str]) -> None:
        source = """
from sliceproof import Dialect, Framing, Reading

X = Dialect("x", "", Framing.LINES, "a test", lambda *_: {"t": "@TEXT@"}, lambda _: Reading("?"), finishes=False)
"""
        name = module(source)
        with pytest.raises(UnknownDialectError, match="X is defined wrongly: 'x', 'Hello' and 'y' are read back as"):
            dialect(f"{name}:X")


class TestJudging:
    def test_finds_the_reference_sound_and_a_decoder_of_its_own(self) -> None:
        mine = load(f"{TICKER.rpartition(':')[0]}:decode", dialects=(TICKER,))
        for decoder in (load("reference"), mine):
            asked = [REQUIREMENTS[id_] for id_ in ("PLAIN", "U1", "R1", "R2", "E1", "E1-record", "T1", "T3", "MIX")]
            results = list(run(decoder, Plan(asked, PROFILES["quick"]), (TICKER,)))
            assert {result.verdict for result in results} <= {"pass", "n/a"}
            assert sum(result.verdict == "pass" for result in results) >= 8

    def test_catches_a_decoder_of_parts(self) -> None:
        def decode(chunks: Any) -> Iterator[str]:
            from sliceproof.wire.messages import MessageDecoder

            frames = MessageDecoder()
            for chunk in chunks:
                for message in frames.feed(chunk):
                    for line in message.payload.decode("utf-8", "replace").splitlines():
                        import json

                        yield base64.b64decode(json.loads(line)["b64"]).decode()

        found = sliceproof.check(decode, TICKER, requirements=("R1",), profile="quick")
        assert [finding.requirement.id for finding in found.broken] == ["R1"]

    def test_keeps_cases_that_are_loaded_where_the_dialect_is(
        self, tmp_path: Path, module: Callable[[str], str]
    ) -> None:
        name = f"{module(Path(TICKER.rpartition(':')[0]).read_text('utf-8'))}:TICKER"
        case = Case("U1", "own", Stream(name, ("é", "y"), part_cuts=(5,)))
        path = save(case, tmp_path)
        assert load_case(path) == case
        path.write_text(path.read_text("utf-8").replace(name, "nowhere:TICKER"), "utf-8")
        with pytest.raises(CaseError, match="dialect: nowhere:TICKER cannot be had"):
            load_case(path)


class TestFields:
    @pytest.mark.parametrize(
        ("changes", "what"),
        [
            ({"framing": "sse"}, "its framing is 'sse', which is none of Framing.SSE"),
            ({"escapes": ("foo",)}, "its escapes are"),
            ({"forms": ("a", "b")}, "the plainest is called ''"),
            ({"asides": ("ping",)}, "its asides are"),
            ({"extras": {"ping": "ping"}}, "its record without text 'ping' is 'ping'"),
            ({"record": lambda index, text, full, form: {"t": text, "again": text}}, "`record` must put the text"),
            ({"record": lambda index, text, full, form: {"t": text.upper() + "!"}}, "`record` must put the text"),
            ({"record": lambda index, text, full, form: {"t": text, "id": next(NUMBERS)}}, "another object each time"),
            ({"record": lambda index, text, full, form: {"t": 1 / 0}}, "`record` raises ZeroDivisionError"),
        ],
    )
    def test_that_are_wrong_are_told_before_all_else(self, changes: dict[str, Any], what: str) -> None:
        assert what in next(faults(made(**changes)))

    def test_of_text_that_is_wrapped_is_sound(self) -> None:
        """What is written where there is no text is no text that could be wrapped."""
        wrapped = made(
            encode=lambda text: f"v1:{text}", read=lambda found: read({**found, "t": found.get("t", "")[3:]}), done=True
        )
        assert list(faults(wrapped)) == []

    def test_of_a_module_that_exits_are_none(self, module: Callable[[str], str]) -> None:
        name = module("import sys\n\nsys.exit(0)")
        with pytest.raises(UnknownDialectError, match="cannot be had: SystemExit: 0"):
            dialect(f"{name}:X")
        with pytest.raises(UnknownDialectError, match="cannot be had: SystemExit: 0"):
            dialect(f"{name}.py:X")

    def test_of_a_read_that_exits_are_wrong(self) -> None:
        assert "SystemExit" in next(faults(made(read=lambda found: sys.exit(3))))

    def test_may_come_from_beside_the_file(self, module: Callable[[str], str], tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        source = Path(TICKER.rpartition(":")[0]).read_text("utf-8")
        (tmp_path / "elsewhere/defined_beside.py").write_text(source, "utf-8")
        (tmp_path / "elsewhere/names_it.py").write_text("from defined_beside import TICKER\n", "utf-8")
        assert dialect("elsewhere/names_it.py:TICKER").framing is Framing.LINES
