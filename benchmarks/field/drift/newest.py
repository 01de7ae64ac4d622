"""The newest release of a package that its registry has."""

import re
import shutil
import subprocess
import sys

from packaging.version import Version

from matrix.environment import InstallError, last_lines

SECONDS = 120


def newest(package: str, npm: bool = False, below: str = "", python: str = "3.11") -> str:
    """The version that pip, or npm, would install here and now; InstallError if it knows of none.

    *below* is a version that it has to be older than, *python* the Python that would run it.
    """
    if npm and shutil.which("npm") is None:
        raise InstallError("npm is not installed here")
    pip = [sys.executable, "-m", "pip", "index", "versions", "--python-version", python, package]
    words = ["npm", "view", package, "version"] if npm else pip
    try:
        ran = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise InstallError(f"{words[0]} did not say which versions of {package} there are within {SECONDS} s") from None
    there = re.findall(r"[^,\s]+", ran.stdout if npm else ran.stdout.partition("Available versions:")[2].split("\n")[0])
    fit = [version for version in there if not below or Version(version) < Version(below)]
    if ran.returncode or not fit:
        raise InstallError(f"no version of {package} is known: {last_lines(ran.stderr)}")
    return fit[0]
