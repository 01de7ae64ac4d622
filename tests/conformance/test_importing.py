"""The snippet of a decoder in a file runs where the command ran, wherever that file lies."""

import subprocess
import sys
from pathlib import Path

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.finding import snippet
from sliceproof.wire.stream import Stream

DECODER = """{imports}

def decode(chunks):
    yield "decoded " + str(sum(map(len, chunks)))
"""
BY_FOLDER = "import sys\n\nsys.path.insert(0, {!r})\nfrom {} import decode"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "modules", {**sys.modules})
    return tmp_path


def shown(file: str, imports: str = "") -> str:
    """The snippet of a decoder in a file, once it has run here."""
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(DECODER.format(imports=imports))
    stream = Stream("text", ("x",))
    code = snippet(load(f"{file}:decode"), stream, "sync")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout == f"'decoded {len(stream.wire)}'\n", ran.stderr
    return code


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("streams_of_mine.py", "from streams_of_mine import decode"),
        ("myapp/streams.py", "from myapp.streams import decode"),
        ("myapp/inner/streams.py", "from myapp.inner.streams import decode"),
        ("./myapp/streams.py", "from myapp.streams import decode"),
        ("my-app/streams.py", BY_FOLDER.format("my-app", "streams")),
        ("json/streams.py", BY_FOLDER.format("json", "streams")),  # a package of that name is installed
        ("my-app/my-streams.py", "import runpy\n\ndecode = runpy.run_path('my-app/my-streams.py')['decode']"),
    ],
)
def test_a_file_is_imported_as_its_place_allows(file: str, statement: str) -> None:
    assert shown(file).startswith(f"{statement}\n\nchunks = [")


def test_a_file_elsewhere_is_found_by_its_whole_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(f"{folder}/myapp/streams.py").startswith("from myapp.streams import decode\n")
    (folder / "inside").mkdir()
    monkeypatch.chdir(folder / "inside")
    assert shown("../streams.py").startswith(BY_FOLDER.format(str(folder.resolve()), "streams"))


@pytest.mark.parametrize("file", ["myapp/streams.py", "myapp/my-streams.py"])
def test_what_imports_a_module_beside_it_finds_that(folder: Path, file: str) -> None:
    (folder / "myapp").mkdir()
    (folder / "myapp" / "lines_beside.py").write_text("")
    assert "sys.path.insert(0, 'myapp')" in shown(file, "import lines_beside")
