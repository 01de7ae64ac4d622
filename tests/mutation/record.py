"""What is kept of a module's mutation testing between runs, as JSON that reads well in review."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Self

from copies import Result, Survivor

_PACKAGES = ("cosmic-ray", "pytest", "hypothesis")


@dataclass(frozen=True)
class Record:
    """A result, when and with what it came about, and the digest of the files it is about."""

    module: str
    tests: tuple[str, ...]
    date: str
    versions: str
    digest: str
    result: Result

    @classmethod
    def of(cls, root: Path, module: str, tests: Sequence[str], result: Result) -> Self:
        """The record of a result of today."""
        used = ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in _PACKAGES)])
        return cls(module, tuple(tests), date.today().isoformat(), used, digest(root, module, tests), result)


def digest(root: Path, module: str, tests: Sequence[str]) -> str:
    """The content of a module and of its tests, in 16 hexadecimal digits."""
    files = [root / module, *(root / "tests" / test.partition("::")[0] for test in tests)]
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def load(path: Path) -> dict[str, Record]:
    """The records by module; none if there is no such file."""
    if not path.exists():
        return {}
    return {module: _record(module, kept) for module, kept in json.loads(path.read_text("utf-8")).items()}


def _record(module: str, kept: Mapping[str, object]) -> Record:
    told = dict(kept)
    result = dict(told.pop("result"))  # type: ignore[call-overload]
    result["survivors"] = tuple(Survivor(**one) for one in result["survivors"])
    return Record(module, tuple(told.pop("tests")), result=Result(**result), **told)  # type: ignore[arg-type]


def save(path: Path, records: Mapping[str, Record]) -> None:
    """Write the records, those of the same content to the same bytes."""
    told = {module: asdict(record) for module, record in sorted(records.items())}
    for one in told.values():
        del one["module"]
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
