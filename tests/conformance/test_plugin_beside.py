"""The plugin beside the plugins that its users have: the verdicts are the same, whatever else is loaded.

Each run is a process of its own, with the real plugins.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

for name in ("xdist", "pytest_asyncio", "pytest_timeout", "pytest_randomly"):
    pytest.importorskip(name)

Run = Callable[..., pytest.RunResult]
Verdict = tuple[str, str, str]

INI = """
    sliceproof_decoders = broken:wants_whole_records reference
    sliceproof_requirements = U1 L1 R1 MIX
    sliceproof_dialects = tgi-sse
    sliceproof_examples = 8
    asyncio_default_fixture_loop_scope = function
"""
CONFTEST = """
import json
import os

def pytest_runtest_logreport(report):
    told = getattr(report, "sliceproof", None)
    if told and "PYTEST_XDIST_WORKER" not in os.environ:
        with open("verdicts.jsonl", "a") as file:
            file.write(json.dumps([report.nodeid, told["verdict"], told["follows"] + told["case"]]) + "\\n")
"""


def verdicts(project: Run, folder: Path, *arguments: str, **files: str) -> list[Verdict]:
    """Node id, verdict, root and case of every item of a run, by node id."""
    written = folder / "verdicts.jsonl"
    written.unlink(missing_ok=True)
    result = project(*arguments, ini=INI, alone=False, **{"conftest": CONFTEST, **files})
    assert result.ret == pytest.ExitCode.TESTS_FAILED, result.stderr.str()
    return sorted(tuple(json.loads(line)) for line in written.read_text().splitlines())


PROFILE = """
from hypothesis import Phase, settings

settings.register_profile("odd", derandomize=True, max_examples=1, phases=[Phase.explicit], deadline=1)
"""


def test_verdicts_are_the_same_whatever_else_is_loaded(project: Run, pytester: pytest.Pytester) -> None:
    folder = pytester.path
    plain = verdicts(project, folder, "-p", "no:randomly")
    assert {verdict for _, verdict, _ in plain} == {"pass", "fail"}
    assert verdicts(project, folder, "-n", "2", "-p", "no:randomly") == plain
    assert verdicts(project, folder, "--randomly-seed", "3") == plain
    odd = ("--hypothesis-profile", "odd", "--hypothesis-seed", "9", "--timeout", "60", "--asyncio-mode", "auto")
    assert verdicts(project, folder, *odd, conftest=PROFILE + CONFTEST) == plain
    alone = verdicts(project, folder, "-k", "U1 and broken", "-p", "no:randomly")
    assert alone == [one for one in plain if "U1" in one[0] and "broken" in one[0]]


ASYNC = """
    import asyncio
    import pytest
    from app import asound

    async def waits(chunks):
        async for text in asound(chunks):
            await asyncio.sleep(0)
            yield text

    here = pytest.mark.sliceproof(dialects=["text"], requirements="U1 F1", examples=2)

    @here
    @pytest.mark.parametrize("decode", [asound, waits])
    def test_sync(sliceproof, decode):
        sliceproof.check(decode)

    @here
    @pytest.mark.asyncio
    @pytest.mark.parametrize("decode", [asound, waits])
    async def test_async(sliceproof, decode):
        await asyncio.sleep(0)
        sliceproof.check(decode)
"""


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_async_decoders_are_judged_inside_a_loop_and_outside(project: Run, mode: str) -> None:
    ini = f"    asyncio_mode = {mode}\n    asyncio_default_fixture_loop_scope = function"
    result = project("-p", "no:randomly", ini=ini, alone=False, test_own=ASYNC)
    result.assert_outcomes(passed=8)


SPINS = """
import time
from app import sound

def spins(chunks):
    for text in sound(chunks):
        yield text
    while True:
        pass

def crawls(chunks):
    for text in sound(chunks):
        time.sleep(0.1)
        yield text
"""
WATCHED = """
    sliceproof_dialects = text
    sliceproof_requirements = F1 L1 E1
    sliceproof_examples = 400
"""


def test_a_hang_is_a_finding_within_the_users_timeout(project: Run) -> None:
    patient = "from sliceproof.conformance.harness import watchdog\nwatchdog.PATIENCE = 0.6"
    result = project(
        *("--timeout", "50", "-p", "no:randomly", "--sliceproof-decoders", "own:spins", "-k", "F1"),
        ini=WATCHED,
        alone=False,
        own=SPINS,
        conftest=patient,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["F1 message cut across reads: own:spins in text never ends"])


def test_a_timeout_ends_the_item_and_is_not_laid_to_the_decoder(project: Run) -> None:
    result = project(
        *("--timeout", "4", "-p", "no:randomly", "--sliceproof-decoders", "own:crawls app:sound", "-k", "F1 or L1"),
        ini=WATCHED,
        alone=False,
        own=SPINS,
    )
    result.assert_outcomes(failed=2, passed=2)
    result.stdout.re_match_lines([r".*Timeout .*4\.0s.*"] * 2)
    result.stdout.no_fnmatch_line("*raises on a sound stream*")
    result.stdout.no_fnmatch_line("*could not be judged*")


def test_a_failure_whose_place_has_no_line_is_told_all_the_same(project: Run) -> None:
    """CPython 3.11 has instructions without one; a time limit that strikes there was an error inside pytest."""
    nowhere = """
import pytest

def unable(item, excinfo, style=None):
    raise TypeError("unsupported operand type(s) for -: 'NoneType' and 'int'")

pytest.Item.repr_failure = unable

def pytest_runtest_call(item):
    pytest.fail("Timeout (>4.0s) from somewhere")
"""
    result = project("--sliceproof-decoders", "app:sound", "-k", "F1", ini=WATCHED, alone=False, conftest=nowhere)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Failed: Timeout (>4.0s) from somewhere"])


def test_a_random_seed_is_the_same_for_all_workers(project: Run, pytester: pytest.Pytester) -> None:
    text = """
def pytest_sessionfinish(session):
    plugin = session.config.pluginmanager.getplugin("sliceproof-collection")
    with open("seeds", "a") as file:
        print(plugin.settings.plan.seed, file=file)
"""
    project("-n", "2", "--sliceproof-seed", "random", "-k", "R1", ini=INI, alone=False, conftest=text)
    seeds = (pytester.path / "seeds").read_text().split()
    assert (len(seeds), len(set(seeds))) == (3, 1)
