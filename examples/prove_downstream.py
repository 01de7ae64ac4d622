"""Installs sliceproof's wheel in a project of its own, as a user would: runs it green, puts a bug in, runs it red.

    python examples/prove_downstream.py [--write]

Everything happens in a temporary folder, in a fresh virtual environment. With --write, what pytest
printed goes to docs/downstream.md, without the paths of this machine and without times.
"""

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "examples" / "downstream"
PAGE = ROOT / "docs" / "downstream.md"

SOUND = 'if not line.startswith(b"data:"):'
BUG = 'if not line.startswith(b"data: "):'
"""TGI up to 2.0.4 wrote no space there."""


def main(arguments: Sequence[str]) -> None:
    """Green, then red; the exit code is 0 if both are as they should be."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        python = installed(folder)
        green = tested(folder / "downstream", python, (), 0)
        with_bug(folder / "downstream")
        red = tested(folder / "downstream", python, ("-m", "sliceproof_must"), 1)
    for wanted, output in ((" xfailed", green), ("P3 `data:` without a space", red), ("::error", red)):
        if wanted not in output:
            raise SystemExit(f"pytest did not say {wanted!r}:\n{output}")
    if "--write" in arguments:
        PAGE.write_text(page(green, red), "utf-8")
    print("downstream: green as it is, red with a bug")


def installed(folder: Path) -> Path:
    """The Python of a fresh virtual environment with the built wheel and the project."""
    shutil.copytree(PROJECT, folder / "downstream")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    called(python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder / "dist"), str(ROOT))
    (wheel,) = (folder / "dist").glob("sliceproof-*.whl")
    called(python, "-m", "pip", "install", "--quiet", str(wheel), "-e", f"{folder / 'downstream'}[test]")
    return python


def with_bug(project: Path) -> None:
    """Put a bug into the copy of the project."""
    module = project / "src" / "streamchat" / "decoding.py"
    source = module.read_text("utf-8")
    assert SOUND in source
    module.write_text(source.replace(SOUND, BUG), "utf-8")


def tested(project: Path, python: Path, choice: Sequence[str], expected: int) -> str:
    """What pytest prints in the project, as on GitHub; SystemExit if it does not end as *expected*."""
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", *choice]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "GITHUB"))}
    ran = subprocess.run(
        command,
        cwd=project,
        env={**kept, "GITHUB_ACTIONS": "true", "COLUMNS": "100", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if ran.returncode != expected:
        raise SystemExit(f"pytest ended with {ran.returncode}, not {expected}:\n{ran.stdout}{ran.stderr}")
    return normal(ran.stdout, project)


def normal(text: str, project: Path) -> str:
    """The same without what is this machine's or this minute's."""
    text = text.replace(str(project), "downstream").replace(str(project.parent), "…")
    text = re.sub(r"\bin \d+\.\d+s( \([\d:]+\))?", "in …s", text)
    text = re.sub(r"^platform .*\n|^plugins: .*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"^(::\w+ .{160}).*$", r"\1…", text, flags=re.MULTILINE)


def page(green: str, red: str) -> str:
    """docs/downstream.md."""
    return f"""# A project downstream

[examples/downstream](../examples/downstream) is a small package with a decoder of its own: its ini lines, one test,
its known failures, its workflow. `tox -e downstream` builds sliceproof's wheel, installs both in a fresh virtual
environment, runs pytest, puts a bug into the decoder (`{BUG}`), and runs it again. This page
is what it printed, as on GitHub (`tox -e downstream -- --write`).

## As it is

```console
$ pytest
{green.strip()}
```

## With the bug

```console
$ pytest -m sliceproof_must
{red.strip()}
```
"""


def called(*command: str | Path) -> None:
    """Run a command; SystemExit with what it said if it fails."""
    ran = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}:\n{ran.stdout}{ran.stderr}")


if __name__ == "__main__":
    main(sys.argv[1:])
