"""The pytest plugin: each requirement in each dialect is a test of its own.

This module is all that a run pays for in which nothing is judged: it imports pytest and nothing of
the suite. The rest comes in when a decoder is configured, or a test asks for `sliceproof`.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sliceproof.conformance.engine.project import Project
    from sliceproof.conformance.plugin.fixture import Asked

__all__ = ["SliceproofWarning"]

ROOT = "sliceproof"
"""What the node ids of items without a file begin with."""

TOLD = pytest.StashKey[dict[str, Any]]()
"""What an item's verdict was; goes with its report, also from an xdist worker."""

CHECKED = pytest.StashKey[bool]()
"""Whether a test that has the fixture has asked anything."""

MISTAKE = pytest.StashKey[str]()
"""What is wrong with the marker of a test."""

_PROJECT = pytest.StashKey["Project | None"]()

_SEED = pytest.StashKey[int]()

FLAG = "--sliceproof-update-baseline"

OPTIONS = (
    # name, type in the ini file, metavar, help
    ("decoders", "args", "D", "what is judged: registered names, module:name or path/file.py:name"),
    ("dialects", "args", "ID", "dialects; those that the decoder claims or reads, if none is named"),
    ("requirements", "args", "ID", "requirements; all, if none is named"),
    ("level", "string", "must|should", "only requirements of this level"),
    ("profile", "string", "quick|ci|dev|deep", "how far to search (ci; quick for whole clients)"),
    ("seed", "string", "N|random", "another seed draws other streams (0)"),
    ("examples", "string", "N", "examples a search, instead of the profile's"),
    ("seconds", "string", "S", "at most this many seconds a search"),
    ("conformance", "string", "SET", "ask a frozen set whole, such as 2026.1, and say whether it is met"),
    ("accepts", "string", "A", "what your callables take: chunks, events, parts or endpoint (chunks)"),
    ("yields", "string", "Y", "what they give: text, deltas, lines or messages (text)"),
    ("envelope", "string", "E", "how bytes travel to them: sagemaker or http (sagemaker)"),
    ("corpus", "args", "DIR", "folders of cases that are replayed too"),
    ("save", "string", "DIR", "save the stream of each finding as a case in this folder"),
    ("baseline", "string", "FILE", "known failures; only what differs from them counts"),
)

MARKERS = (
    "sliceproof(*, dialects, requirements, level, accepts, yields, envelope, profile, seed, examples, seconds, "
    "conformance): "
    "what the fixture `sliceproof` asks of a decoder; every item that judges one has this marker",
    "sliceproof_must: judges a requirement that no decoder may break",
    "sliceproof_should: judges a requirement that a decoder should meet; broken, it warns",
)


FIXTURES = ("sliceproof", "sliceproof_endpoint")


class SliceproofWarning(UserWarning):
    """A SHOULD is broken. `-W error::sliceproof.conformance.plugin.SliceproofWarning` makes it a failure."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """One group of options, each but the flag also in the ini file as sliceproof_NAME."""
    group = parser.getgroup("sliceproof", "sliceproof: decoders of SageMaker response streams")
    for name, kind, metavar, help_ in OPTIONS:
        more: dict[str, Any] = {"action": "append"} if kind == "args" else {}
        group.addoption(f"--sliceproof-{name}", dest=f"sliceproof_{name}", metavar=metavar, help=help_, **more)
        parser.addini(f"sliceproof_{name}", help_, type=kind, default=[] if kind == "args" else "")  # type: ignore[arg-type]
    group.addoption(
        FLAG, dest="sliceproof_update_baseline", action="store_true", help="write what fails now into the baseline"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register markers, and the collection of configured decoders if this run is to have it."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    config.pluginmanager.register(Heard(config), "sliceproof-heard")
    chosen = _chosen(config)
    if chosen or (_has_decoders(config) and _wanted(config)):
        from sliceproof.conformance.plugin.items import Collection

        config.pluginmanager.register(Collection(config, chosen), "sliceproof-collection")


def _has_decoders(config: pytest.Config) -> bool:
    if config.option.sliceproof_decoders or config.getini("sliceproof_decoders"):
        return True
    found = project(config)
    return found is not None and bool(found.words("decoders"))


def project(config: pytest.Config) -> "Project | None":
    """`[tool.sliceproof]` of the root folder; where its pyproject.toml has none, nothing is imported to see that."""
    if _PROJECT not in config.stash:
        config.stash[_PROJECT] = _project(config)
    return config.stash[_PROJECT]


def _project(config: pytest.Config) -> "Project | None":
    file = config.rootpath / "pyproject.toml"
    with suppress(OSError):
        if b"sliceproof" in file.read_bytes():
            from sliceproof.conformance.engine.project import ProjectError, read

            try:
                return read(file)
            except ProjectError as error:
                raise pytest.UsageError(f"sliceproof: {error}") from None
    return None


def random_seed(config: pytest.Config) -> int:
    """A seed drawn once for a run and all its xdist workers."""
    given = getattr(config, "workerinput", {}).get("sliceproof_seed")
    return config.stash.setdefault(_SEED, int.from_bytes(os.urandom(4)) if given is None else given)


def _chosen(config: pytest.Config) -> tuple[str, ...]:
    """The node ids on the command line that are ours, taken out: pytest would look for files of that name."""
    chosen = tuple([arg for arg in config.args if arg == ROOT or arg.startswith(f"{ROOT}::")])
    if any("::" in argument for argument in chosen) or (chosen and not (config.invocation_params.dir / ROOT).exists()):
        config.args[:] = [arg for arg in config.args if arg not in chosen]
        return chosen
    return ()


def _wanted(config: pytest.Config) -> bool:
    """Whether this run asks for more than certain files: then it has the configured decoders too."""
    if config.option.sliceproof_decoders or config.args_source is not pytest.Config.ArgsSource.ARGS:
        return True
    here = config.invocation_params.dir
    return any("::" not in arg and not (here / arg).is_file() for arg in config.args)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `sliceproof` becomes an item for each dialect and requirement."""
    for fixture in FIXTURES:
        if _is_asked(metafunc, fixture):
            from sliceproof.conformance.plugin.fixture import parametrize

            parametrize(metafunc, fixture)


def _is_asked(metafunc: pytest.Metafunc, fixture: str) -> bool:
    """Whether a test takes our fixture, not one of its own project that has the name."""
    found = metafunc._arg2fixturedefs.get(fixture)
    return found is not None and len(found) > 0 and found[-1].func.__module__ == __name__


@pytest.fixture
def sliceproof(request: pytest.FixtureRequest) -> "Asked | None":
    """One requirement in one dialect; `sliceproof.check(decode)` asks it of a decoder."""
    from sliceproof.conformance.plugin.fixture import asked

    return asked(request)


@pytest.fixture
def sliceproof_endpoint(request: pytest.FixtureRequest) -> "Asked | None":
    """The same of a whole client: `sliceproof_endpoint.check(lambda url, name: ...)` gives it an endpoint to ask."""
    from sliceproof.conformance.plugin.fixture import asked

    return asked(request)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """A test that has the fixture and asks nothing has proved nothing: it fails."""
    mistake = pyfuncitem.stash.get(MISTAKE, "")
    if not mistake and pyfuncitem.get_closest_marker(ROOT) and not {*FIXTURES} & {*pyfuncitem.fixturenames}:
        mistake = f"{pyfuncitem.nodeid} is marked sliceproof but does not take the fixture `sliceproof`"
    if mistake:
        pytest.fail(mistake, pytrace=False)
    report = yield
    if not pyfuncitem.stash.get(CHECKED, True):
        pytest.fail("the test takes `sliceproof` and asks nothing: call sliceproof.check(decode) in it", pytrace=False)
    return report


class Heard:
    """Puts verdicts into reports, and hears them again where the reports come together."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.rows: list[dict[str, Any]] = []
        self.lines: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        """Give the report of an item its verdict."""
        report: pytest.TestReport = yield  # type: ignore[assignment]
        if call.when == "call" and TOLD in item.stash:
            report.sliceproof = item.stash[TOLD]  # type: ignore[attr-defined]
        return report  # type: ignore[return-value]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear it, also from an xdist worker."""
        row = getattr(report, "sliceproof", None)
        if row is not None:
            self.rows.append({**row, "nodeid": report.nodeid, "outcome": report.outcome, "text": report.longreprtext})

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Update the baseline and tell GitHub, where the reports come together."""
        if self.rows and not hasattr(self.config, "workerinput"):
            from sliceproof.conformance.plugin.reporting import conclude

            self.lines = conclude(self.rows, session)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """A few lines in the summary."""
        if self.lines:
            terminalreporter.write_sep("=", "sliceproof")
            for line in self.lines:
                terminalreporter.write_line(line)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Let an xdist worker draw from the same seed."""
        node.workerinput["sliceproof_seed"] = random_seed(self.config)
