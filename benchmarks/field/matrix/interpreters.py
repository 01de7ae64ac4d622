"""Which Python an environment is made with: the one that runs, or one on PATH that really starts.

A shim on PATH may only say that it has no such version, so each is asked before it is believed.
"""

import subprocess
import sys
from collections.abc import Sequence
from shutil import which

OLDEST, NEWEST = (3, 11), (3, 13)


def interpreter(least: str, given: Sequence[str] = ()) -> tuple[str, str]:
    """A command for a Python of version *least* or later, and its version; ("", "") if there is none.

    *given* are commands that a person named; the oldest Python that will do is taken.
    """
    wanted = _numbers(least)
    interpreters = [(version, command) for command in (sys.executable, *given) if (version := version_of(command))]
    for minor in range(OLDEST[1], NEWEST[1] + 1):
        if (found := which(f"python3.{minor}")) and (version := version_of(found)):
            interpreters.append((version, found))
    fit = [(version, command) for version, command in interpreters if wanted <= _numbers(version)[:2] <= NEWEST]
    if not fit:
        return "", ""
    version, command = min(fit, key=lambda interpreter: _numbers(interpreter[0])[:2])
    return command, version


def version_of(command: str) -> str:
    """The version of the Python that *command* starts; "" if it starts none."""
    code = "import platform, venv; print(platform.python_version())"
    try:
        ran = subprocess.run([command, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
