"""Each command of the pages is typed, in a folder as a reader has it; `places.py` says which not, and what runs those.

That takes some minutes, so `tox -e commands` does it, which sets SLICEPROOF_DOCS to `all`; `tox -e docs` types those
of the page that it sets it to.
"""

import os
import re
import shutil
import signal
import subprocess
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest

from blocks import Command
from judging import faults
from places import commands_typed, needing
from reader import Done, environment, laid_out, ran
from servers import start, wait_for  # noqa: F401 - a fixture

PAGE = os.environ.get("SLICEPROOF_DOCS", "")
if not PAGE:
    pytest.skip("tox -e commands types the commands", allow_module_level=True)

TYPED = [command for command in commands_typed() if PAGE in ("all", command.page)]
assert TYPED, f"SLICEPROOF_DOCS={PAGE} is neither a page with commands nor `all`"
JUDGED = "sliceproof check broken:decodes_parts_alone --dialect tgi-sse --requirement U1 --json"
EXPORTED = "sliceproof export --conformance 2026.1 --dialect tgi-sse vectors.json"
FIRST = {
    "compare before.json after.json": [f"{JUDGED} before.json", f"{JUDGED} after.json"],
    "docs/vectors.md: pytest test_vectors.py": [EXPORTED, "sed -i s/sound/broken/ test_vectors.py"],
    "README.md: pytest test_vectors.py": [EXPORTED],
}
"""What a reader has typed before."""


def named(command: Command) -> str:
    needed = needing(command)
    return f"{needed.needs + '-' if needed else ''}{command.where}-{command.text[:80]}"


@pytest.mark.parametrize("command", TYPED, ids=named)
def test_a_command_does_what_its_page_says(command: Command, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    needed = needing(command)
    if needed and not there(needed.needs):
        pytest.skip(f"there is no {needed.needs}; {', '.join(needed.by)} runs it, or the like")
    folder = laid_out(tmp_path, command)
    if "{redis}" in command.words:
        url = request.getfixturevalue("start")().url
        command = command._replace(words=tuple(word.replace("{redis}", url) for word in command.words))
    for name, lines in FIRST.items():
        for line in lines if f"{command.page}: {command.text}".endswith(name) else ():
            assert ran(command._replace(words=tuple(line.split()), given=()), folder).code in (0, 1)
    done = kept_up(command, folder) if "--port" in command.words else ran(command, folder)
    assert list(faults(command, done, folder)) == [], f"{command.text}\n{done.out[-5000:]}\n{done.err[-5000:]}"


def there(name: str) -> bool:
    """Whether there is a module or a program."""
    return find_spec(name) is not None if name in ("litellm", "boto3", "atheris") else shutil.which(name) is not None


def kept_up(command: Command, folder: Path) -> Done:
    """A server: started, asked once and ended. `record` is put before one of ours, and what it recorded is there."""
    if "{server}" in command.words:
        behind, url = begun(command._replace(words=("sliceproof", "serve", "--port", "0")), folder)
        command = command._replace(words=tuple(word.replace("{server}", url) for word in command.words))
        shutil.rmtree(folder / "recorded")
        try:
            return kept_up(command, folder)
        finally:
            ended(behind)
    process, url = begun(command, folder)
    path = "/endpoints/tgi-sse/invocations-response-stream"
    with urllib.request.urlopen(f"{url}{path}", b"{}", timeout=60) as response:
        assert b"PayloadPart" in response.read()
    if "record" in command.words:
        wait_for(lambda: list((folder / "recorded").glob("*.json")), "what was recorded")
    return ended(process)


def begun(command: Command, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A server and its URL."""
    process = subprocess.Popen(
        command.words, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    while not (found := re.search(rb"http://127\.0\.0\.1:[1-9]\d*", line := process.stdout.readline())):
        assert line, process.communicate()[1].decode()
    return process, found[0].decode()


def ended(process: subprocess.Popen[bytes]) -> Done:
    """What a server showed until it was told to end, which it does with 0 or by the signal's number."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    code = process.returncode
    return Done(0 if code in (0, 130, -signal.SIGINT) else code, out.decode(), err.decode())
