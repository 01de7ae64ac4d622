"""An environment of its own for one package: made, filled, measured, and thrown away.

What goes wrong here is an InstallError with the last lines of whoever failed: a row of the matrix, and
not the end of the run.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
INSTALL_SECONDS = 1800
UNITS = {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}
NOT_SOURCE = ("build", "dist", "node_modules", "*.egg-info", "__pycache__", ".*")


class InstallError(Exception):
    """The environment could not be made; the message says in one line why."""


@dataclass
class Place:
    """A folder that holds one environment; `megabytes` were fetched for it, and programs see its `variables`."""

    folder: Path
    megabytes: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    def command(self, name: str) -> str:
        """A program of the environment."""
        return str(self.folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / name)

    def run(
        self, words: Sequence[str], what: str, limit: float, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program, its time noted under *what*; InstallError if it is not over within *limit* seconds."""
        begun = time.monotonic()
        try:
            return subprocess.run(
                words,
                cwd=cwd or self.folder,
                capture_output=True,
                text=True,
                timeout=limit,
                check=False,
                env=_variables() | self.variables,
            )
        except subprocess.TimeoutExpired:
            raise InstallError(f"{what} was not over after {limit:.0f} s") from None
        except OSError as error:
            raise InstallError(f"{what}: {words[0]} cannot be started: {error.strerror}") from None
        finally:
            self.seconds[what] = self.seconds.get(what, 0.0) + time.monotonic() - begun


def _variables() -> dict[str, str]:
    """The environment's variables, without those that would lead back to the Python that runs this."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    }
    return kept | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1", "COLUMNS": "200"}


@contextmanager
def place(kept: Path | None = None) -> Iterator[Place]:
    """A folder for one environment: *kept*, which is emptied first, or one that is gone afterwards."""
    if kept is not None:
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        yield Place(kept)
        return
    with tempfile.TemporaryDirectory(prefix="matrix-", ignore_cleanup_errors=True) as folder:
        yield Place(Path(folder))


def wheel(folder: Path) -> Path:
    """sliceproof's wheel, built from a copy of the sources, so that nothing of an older build gets into it."""
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*NOT_SOURCE))
    words = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(source)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False, env=_variables())
    shutil.rmtree(source)
    built = list(folder.glob("*.whl"))
    if ran.returncode or not built:
        raise InstallError(f"the wheel cannot be built: {last_lines(ran.stderr)}")
    return built[0]


def install(here: Place, python: str, requirements: Sequence[str]) -> None:
    """Make the environment with *python*, and install what it needs; counts what pip fetches."""
    made = here.run([python, "-m", "venv", "venv"], "install", 300)
    if made.returncode:
        raise InstallError(f"no environment can be made: {last_lines(made.stderr + made.stdout)}")
    words = [here.command("python"), "-m", "pip", "install", "--no-cache-dir", "--progress-bar", "off", *requirements]
    ran = here.run(words, "install", INSTALL_SECONDS)
    here.megabytes += fetched(ran.stdout)
    if ran.returncode:
        raise InstallError(f"pip cannot install it: {last_lines(ran.stderr)}")


def install_npm(here: Place, folder: str) -> None:
    """A copy of an example's folder at the same place, with what its package.json asks for."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise InstallError("Node.js and npm are not installed here")
    copy = here.folder / folder
    shutil.copytree(ROOT / folder, copy, ignore=shutil.ignore_patterns("node_modules"))
    cache = here.folder / "npm-cache"
    words = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--cache", str(cache)]
    ran = here.run(words, "install", INSTALL_SECONDS, copy)
    here.megabytes += sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) / 1e6
    if ran.returncode:
        raise InstallError(f"npm cannot install it: {last_lines(ran.stderr)}")


def fetched(text: str) -> float:
    """The megabytes that pip says it fetched: its lines `Downloading NAME (1.5 MB)`, and `Processing FILE`.

    The latter are wheels of an index on this machine, which another machine would download.
    """
    sizes = re.findall(r"^\s*Downloading .+ \(([0-9.]+) (bytes|kB|MB|GB)\)\s*$", text, re.MULTILINE)
    local = map(Path, re.findall(r"^\s*Processing (\S+\.(?:whl|tar\.gz))(?: \(from .+\))?\s*$", text, re.MULTILINE))
    there = sum(file.stat().st_size for file in local if file.is_file() and not file.name.startswith("sliceproof-"))
    return sum(float(size) * UNITS[unit] for size, unit in sizes) + there / 1e6


def last_lines(text: str, most: int = 400) -> str:
    """What a program said last, on one line; what pip says of itself is no error."""
    lines = [
        line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("WARNING", "[notice]"))
    ]
    return " ".join(lines)[-most:].lstrip() or "it said nothing"
