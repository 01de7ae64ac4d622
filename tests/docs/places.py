"""Where each command of the pages is run: as it stands, with words that a test can have in its own, or elsewhere."""

import itertools
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from blocks import NOT_WHOLE, PAGES, Command, commands, strangers


class Elsewhere(NamedTuple):
    """Commands that are not typed here: a pattern of `PAGE: COMMAND`, why, and the environments of tox, tests or files
    that run them or the like."""

    pattern: str
    why: str
    by: tuple[str, ...]


class Needing(NamedTuple):
    """Commands that are typed here only where a program or a module is; else what of tox runs them or the like."""

    pattern: str
    needs: str
    by: tuple[str, ...]


NETWORK = "it asks a registry of packages"
MINUTES = "it takes minutes and more"

ELSEWHERE = (
    Elsewhere(r".*: tox\b.*", "an environment is a run of its own", ("tox.ini",)),
    Elsewhere(r".*: (python -m )?pip install\b.*", NETWORK, ("tox:downstream",)),
    Elsewhere(r".*: npm (install|test)\b.*", NETWORK, ("tox:node", "tox:vendor")),
    Elsewhere(r".*: apt-get install\b.*", NETWORK, (".github/workflows/ci.yml",)),
    Elsewhere(r".*: python -m (build|twine)\b.*", NETWORK, ("tox:downstream",)),
    Elsewhere(r".*: git tag\b.*", "it makes a release", ("docs/releasing.md",)),
    Elsewhere(r".*: (docker|kubectl)\b.*", "it needs a cluster, or Docker's daemon", ("tox:manifests",)),
    Elsewhere(r".*: go (build|test)\b.*", "it needs Go", ("tox:go", "tox:vendor")),
    Elsewhere(r".*: sliceproof run .*-- \./client", "it needs Go, and the SDK that Debian packages", ("tox:go",)),
    Elsewhere(r".*: sliceproof run .*-- ruby .*", "it needs Ruby, and the decoder that Debian packages", ("tox:ruby",)),
    Elsewhere(r".*: sliceproof run .*-- node .*", "it needs the SDK for Node.js", ("tox:node",)),
    Elsewhere(r"examples/gateway/README.md: sliceproof run .*", "it needs LiteLLM's proxy", ("tox:gateway",)),
    Elsewhere(r".*: python benchmarks/(report|messages|coverage|search|exchange|endpoints|memory)\.py", MINUTES,
              ("tox:benchmarks", "tests/benchmarks/test_report.py")),
    Elsewhere(r".*: python benchmarks/(power|soundness|vectors)\.py.*", MINUTES,
              ("tox:power", "tox:soundness", "tox:vectors")),
    Elsewhere(r".*: python benchmarks/plugin_cost\.py .*", "it needs LiteLLM 1.106.2", ("tox:litellm-1.106.2",)),
    Elsewhere(r".*: python tools/(fill|choose)\.py .*", MINUTES,
              ("tests/corpus/test_shipped.py", "tests/conformance/test_vectors_file.py")),
    Elsewhere(r"docs/vectors.md: pytest --timeout 10", "a runner stands beside it, which is run without a limit",
              ("tests/examples/test_vendor.py",)),
    Elsewhere(r"CONTRIBUTING.md: pytest", "all tests would run in a test", ("tox:py313",)),
    Elsewhere(r"docs/downstream.md: pytest.*", "a project of its own, with the wheel", ("tox:downstream",)),
    Elsewhere(r"docs/pytest.md: pytest( -k 'U1.*| -v| -v -rs| -rx .*|)", "with the files of its section, compared",
              ("tests/conformance/test_plugin_docs.py",)),
    Elsewhere(r"docs/tutorial.md: (sliceproof|pytest) .*", "one step after the other, compared",
              ("tests/docs/test_pages_run.py",)),
    Elsewhere(r"docs/recipes.md: (python -m pytest|sliceproof check (myapp/(?!streams)|broken:)).*",
              "one step after the other, compared", ("tests/docs/test_pages_run.py",)),
    Elsewhere(r"docs/fuzzing.md: sliceproof fuzz streams .* --crash .*", "a crash must be there",
              ("tests/fuzz/test_command.py",)),
    Elsewhere(r"docs/fuzzing.md: python -m sliceproof.fuzz.fuzz_streams -merge=1 .*", "libFuzzer's own work",
              ("tox:continuous",)),
)  # fmt: skip

NEEDING = (
    Needing(r".*\blitellm-(completion|repaired)\b.*", "litellm", ("tox:commands-litellm",)),
    Needing(r"(README|docs/endpoint)\.md: .* myapp/client\.py:client .*", "litellm", ("tox:commands-litellm",)),
    Needing(r"docs/endpoint\.md: .* myapp/bedrock\.py:client .*", "boto3", ("tox:commands",)),
    Needing(r".*: sliceproof check 'exec:node .*", "node", ("tox:node",)),
    Needing(r".*: (sliceproof fuzz|python -m sliceproof\.fuzz\.).*", "atheris", ("tox:commands",)),
    Needing(r".* redis://.*", "redis-server", ("tox:commands",)),
)

REPLACED = {
    "redis://HOST:PORT/DB": "{redis}",
    "redis://:$PASSWORD@127.0.0.1:6379/0": "{redis}",
    "https://runtime.sagemaker.eu-west-1.amazonaws.com": "{server}",
    "URL": "{server}",
    "/tmp/fresh": "fresh",
    # what goes on as long as one lets it
    "--profile deep --seeds 8": "--profile quick --seeds 2",
    "--profile dev --seeds 3": "--profile quick --seeds 3",
    "--seconds 300": "--seconds 3",
    "check reference --profile quick": "check reference --profile quick --dialect text",
    "check TARGET": "check broken:decodes_parts_alone --dialect tgi-sse",
    "check TARGET…": "check broken:decodes_parts_alone --dialect tgi-sse",
    "-max_total_time=60": "-runs=200",
    "--minutes 30": "--minutes 0.1",
    # what is filled in
    "fuzz TARGET [DECODER]…": "fuzz records --runs 100",
    "TARGET": "broken:decodes_parts_alone",
    "TARGET…": "broken:decodes_parts_alone",
    "myapp/shapes.py:NAME": "myapp/shapes.py:Parser",
    "run -- COMMAND": "run --dialect tgi-sse -- python client.py",
    "run -- COMMAND…": "run --dialect tgi-sse -- python client.py",
    "CASE": "U1-00127edc0acc",
    "CASE…": "U1-00127edc0acc",
    "requirements ID": "requirements U1",
    "ID": "U1-00127edc0acc",
    "--dialect …": "--dialect myapp/formats.py:TICKER",
    "A.json B.json": "before.json after.json",
    "--baseline FILE": "--baseline known.toml",
    "FILE": "vectors.json",
    "DIR": "folder",
    "SHELL": "bash",
}
"""Words of a page, and what a test types in their place."""

WITHOUT_LITELLM = {"sliceproof check litellm": "sliceproof check litellm-proposed-fix --dialect tgi-sse"}
"""Its like, on botocore alone, where LiteLLM is not installed: what the options do is the same."""

NAMED = (
    *(f"sliceproof {name}" for name in ("replay", "run", "record", "fuzz", "export --seeds", "run --envelope bedrock")),
    "python -m venv",
)
"""Commands that need more words; a sentence that names one alone asks for none, and so `--help` is typed."""


NO_COMMAND = re.compile(
    r"sliceproof_\w+ = .*|POST /.*|sliceproof: warning: .*|going on with .*"
    r"|\. .venv/bin/activate|PASSWORD=\$\(openssl rand -hex 16\)"
)
"""Lines of an ini file, of HTTP and of what a command says; and what a shell is told of an environment or a cluster."""


def elsewhere(command: Command) -> Elsewhere | None:
    """Where a command is run that is not typed here."""
    told = f"{command.page}: {command.text}"
    return next((each for each in ELSEWHERE if re.fullmatch(each.pattern, told)), None)


def needing(command: Command) -> Needing | None:
    """What must be there for a command to be typed."""
    told = f"{command.page}: {command.text}"
    return next((each for each in NEEDING if re.fullmatch(each.pattern, told)), None)


def typed(command: Command) -> list[Command]:
    """A command as a test types it, or several where a page has `a|b`; ValueError if more is to be filled in."""
    text = "\0".join(("", *command.words, ""))
    for words, others in (REPLACED | ({} if find_spec("litellm") else WITHOUT_LITELLM)).items():
        text = text.replace("\0".join(("", *words.split(), "")), "\0".join(("", *others.split(), "")))
    filled = text.split("\0")[1:-1]
    if " ".join(filled) in NAMED:
        filled.append("--help")
    if command.text == "sliceproof check litellm-completion":
        filled += ["--dialect", "tgi-sse"]
    if command.text == "sliceproof fuzz messages botocore":
        filled += ["--runs", "500"]
    if filled[:2] in (["sliceproof", "serve"], ["sliceproof", "record"]) and "--help" not in filled:
        filled += ["--port", "0"]
    if command.words[-1] == "test_vectors.py":
        command = command._replace(at="examples/vendor/pytest")
    several = [word.split("|") for word in filled]
    made = [command._replace(words=words) for words in itertools.product(*several)]
    if any(NOT_WHOLE.search(re.sub(r"Stream\(.*", "", word)) for one in made for word in one.words):
        raise ValueError(f"{command.where}: nothing is known to fill in: {command.text}")
    return made


def unplaced(pages: Sequence[Path] = PAGES) -> list[str]:
    """What stands on pages as a command does and is neither typed nor run elsewhere."""
    found = [f"{where}: {line}" for where, line in strangers(pages) if not NO_COMMAND.fullmatch(line)]
    for command in commands(pages):
        try:
            typed(command)
        except ValueError as error:
            found += [] if elsewhere(command) else [str(error)]
    return found


def commands_typed(pages: Sequence[Path] = PAGES) -> list[Command]:
    """All commands that are typed, in the order of the pages; what sentences of several pages name stands once."""
    seen: dict[tuple[str, ...], Command] = {}
    for command in commands(pages):
        if not elsewhere(command):
            for one in typed(command):
                seen.setdefault((one.page if one.whole else "", one.at, *one.given, *one.words), one)
    return list(seen.values())
