"""The export: bytes that a test in any language can use, the same every time, and nobody's folder is overwritten."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sliceproof.conformance.decoders.reference import decode
from sliceproof.corpus import Case, CaseError, shipped
from sliceproof.corpus.vectors import export
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

CASES = [
    Case("U1", "code point cut", Stream("tgi-sse", ("é\r\n",), part_cuts=(43,), chunk_cuts=(0, 7, 7))),
    Case("E1", "exception", Stream("tgi-sse", ("x",), fault=Fault("exception", 1))),
    Case("F6", "empty", Stream("text", ())),
]


SUFFIXES = ("wire", "chunks.json", "expected.txt")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def broken_off(chunks: list[bytes]) -> Iterator[bytes]:
    """The chunks, and then what a connection that is reset raises."""
    yield from chunks
    raise ConnectionResetError


class TestTheFiles:
    def test_are_read_by_what_the_readme_says_and_nothing_else(self, tmp_path: Path) -> None:
        """All shipped cases, as a test in another language would go through them."""
        export(shipped(), tmp_path)
        index = json.loads((tmp_path / "index.json").read_text("ascii"))
        assert (index["format"], index["version"]) == ("sliceproof-vectors", 1)
        assert len(index["vectors"]) == len(shipped())
        for vector in index["vectors"]:
            files = {kind: (tmp_path / name).read_bytes() for kind, name in vector["files"].items()}
            wire, lengths = files["wire"], json.loads(files["chunks"])
            assert sum(lengths) == len(wire) == vector["bytes"]
            chunks, at = [], 0
            for length in lengths:
                chunks.append(wire[at : at + length])
                at += length
            text, error = "", None
            breaks = vector["error"] is not None and vector["error"]["kind"] == "source-error"
            try:
                for piece in decode(broken_off(chunks) if breaks else iter(chunks), vector["dialect"]):
                    text += piece
            except Exception as raised:
                error = raised
            assert (error is None) == (vector["error"] is None), vector
            due = files["expected"].decode("utf-8")
            assert text == due if error is None else text.startswith(due), vector
            assert vector["error"] == (json.loads(files["error"]) if "error" in files else None)

    def test_of_two_exports_are_the_same_bytes(self, tmp_path: Path) -> None:
        export(CASES, tmp_path / "one")
        export(reversed(CASES), tmp_path / "two")
        assert contents(tmp_path / "one") == contents(tmp_path / "two")
        before = contents(tmp_path / "one")
        export(CASES, tmp_path / "one")
        assert contents(tmp_path / "one") == before

    def test_are_exact(self, tmp_path: Path) -> None:
        export(CASES, tmp_path)
        name = CASES[0].name
        assert (tmp_path / f"{name}.expected.txt").read_bytes() == "é\r\n".encode()
        assert json.loads((tmp_path / f"{name}.chunks.json").read_text())[:3] == [0, 7, 0]
        assert (tmp_path / f"{name}.wire").read_bytes() == CASES[0].stream.wire
        assert not (tmp_path / f"{name}.error.json").exists()
        assert json.loads((tmp_path / f"{CASES[1].name}.error.json").read_text())["name"] == "ModelStreamError"
        assert json.loads((tmp_path / f"{CASES[2].name}.chunks.json").read_text()) == []

    def test_are_all_told_in_the_readme(self, tmp_path: Path) -> None:
        export(CASES, tmp_path)
        readme = (tmp_path / "README.md").read_text("utf-8")
        for told in (
            "NAME.wire",
            "NAME.chunks.json",
            "NAME.expected.txt",
            "NAME.error.json",
            "index.json",
            "How to test",
        ):
            assert told in readme


class TestAFolder:
    def test_that_holds_something_else_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("mine")
        with pytest.raises(CaseError, match="is no empty folder and holds no earlier export; give a new folder"):
            export(CASES, tmp_path)
        assert contents(tmp_path) == {"notes.txt": b"mine"}

    @pytest.mark.parametrize("index", ["{}", "[]", '{"format": "other", "vectors": []}', "{", '{"format": 1}'])
    def test_with_an_index_of_another_kind_is_refused(self, tmp_path: Path, index: str) -> None:
        (tmp_path / "index.json").write_text(index)
        with pytest.raises(CaseError, match="is no empty folder"):
            export(CASES, tmp_path)

    def test_of_an_earlier_export_loses_what_is_gone_and_keeps_what_is_not_ours(self, tmp_path: Path) -> None:
        export(CASES, tmp_path)
        (tmp_path / "notes.txt").write_text("mine")
        export(CASES[:1], tmp_path)
        assert sorted(contents(tmp_path)) == sorted(
            ["README.md", "index.json", "notes.txt", *(f"{CASES[0].name}.{kind}" for kind in SUFFIXES)]
        )

    def test_loses_nothing_that_a_forged_index_names(self, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").write_text("mine")
        folder = tmp_path / "vectors"
        export(CASES, folder)
        index = json.loads((folder / "index.json").read_text())
        index["vectors"][0]["files"]["wire"] = "../mine.txt"
        (folder / "index.json").write_text(json.dumps(index))
        export(CASES[:1], folder)
        assert (tmp_path / "mine.txt").read_text() == "mine"
