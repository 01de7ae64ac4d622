"""Cases as plain files of bytes, text and lengths, for tests in languages that have no sliceproof.

The same cases give the same bytes. What the folder holds besides is left alone; a folder that is
not empty and was not written so is refused.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from sliceproof.corpus.case import Case, CaseError
from sliceproof.corpus.saving import write_whole
from sliceproof.wire.dialects.delta import Channel, identified

FORMAT, VERSION = "sliceproof-vectors", 1
ABOUT = "Response streams of SageMaker endpoints, and what a sound decoder makes of them; see README.md."
INDEX, README = "index.json", "README.md"
OURS = re.compile(r"[A-Z][A-Za-z0-9-]*-[0-9a-f]{12}\.(?:wire|chunks\.json|expected\.txt|channels\.json|error\.json)")


def export(cases: Iterable[Case], folder: str | os.PathLike[str]) -> None:
    """Write *cases* as vectors into *folder*, in the place of those that were there; CaseError if it cannot be."""
    root = Path(folder)
    vectors = sorted(cases, key=lambda case: case.name)
    wanted = {name: data for case in vectors for name, data in _files(case)}
    try:
        before = _exported(root)
        root.mkdir(parents=True, exist_ok=True)
        for name, data in wanted.items():
            write_whole(root / name, data)
        write_whole(root / README, files("sliceproof.corpus").joinpath("vectors.md").read_bytes())
        write_whole(root / INDEX, _json(_index(vectors)))
        for name in before - wanted.keys():
            (root / name).unlink(missing_ok=True)
    except OSError as error:
        raise CaseError(f"{error.filename or root} cannot be written: {error.strerror}") from error


def _exported(root: Path) -> set[str]:
    """The files that an earlier export left in *root*; CaseError if something else is there."""
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return set()
    try:
        data = json.loads((root / INDEX).read_bytes())
        if data["format"] != FORMAT:
            raise KeyError("format")
        named = {str(name) for vector in data["vectors"] for name in vector["files"].values()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CaseError(f"{root} is no empty folder and holds no earlier export; give a new folder") from None
    return {name for name in named if OURS.fullmatch(name)}


def _files(case: Case) -> Iterator[tuple[str, bytes]]:
    names = _names(case)
    yield names["wire"], case.stream.wire
    yield names["chunks"], (json.dumps([len(chunk) for chunk in case.stream.chunks]) + "\n").encode()
    yield names["expected"], case.expected.text.encode()
    if case.stream.deltas:
        yield names["channels"], _json(_channels(case))
    if case.expected.error is not None:
        yield names["error"], _json(dict(case.expected.error))


def _channels(case: Case) -> list[dict[str, Any]]:
    """What comes out in each channel, in the order in which they begin; tool calls with their ids and names."""
    found: dict[Channel, dict[str, Any]] = {}
    for delta in identified(case.stream.deltas):
        channel = delta.channel
        entry = found.setdefault(channel, {**asdict(channel), "text": ""})
        entry["text"] += delta.text
        entry |= {name: value for name in ("id", "name") if (value := getattr(delta, name))}
    return list(found.values())


def _names(case: Case) -> dict[str, str]:
    kinds = {"wire": "wire", "chunks": "chunks.json", "expected": "expected.txt"}
    kinds |= {"channels": "channels.json"} if case.stream.deltas else {}
    kinds |= {"error": "error.json"} if case.expected.error is not None else {}
    return {kind: f"{case.name}.{suffix}" for kind, suffix in kinds.items()}


def _index(vectors: list[Case]) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, "about": ABOUT, "vectors": [_entry(case) for case in vectors]}


def _entry(case: Case) -> dict[str, Any]:
    return {
        "name": case.name,
        "id": case.id,
        "requirement": case.requirement,
        "title": case.title,
        "dialect": case.stream.dialect,
        "files": _names(case),
        "bytes": len(case.stream.wire),
        "error": None if case.expected.error is None else dict(case.expected.error),
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=True) + "\n").encode()
