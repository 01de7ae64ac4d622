"""Write a frozen set of requirements: `python tools/freeze.py 2026.1`.

The same requirements, dialects and cases give the same file. A file that is there is not written again: a set that was
released is never changed, and one that was not may be deleted first. What is printed goes into
tests/conformance/test_frozen.py.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import shipped
from sliceproof.profiles import FORMAT, digest
from sliceproof.wire.dialects import BEDROCK, DIALECTS

FOLDER = Path(__file__).parents[1] / "profiles"

UNSCORED = {
    "MIX": "it is drawn at random from the hazards of all others, each of which is scored by itself",
    "Q1": "it measures time, and what is slow on one machine may not be on another",
    "C5": "it measures time, and a busy machine can stop any event loop",
}
"""What no set has, and why."""


def frozen(name: str) -> str:
    """The file of a set, from what there is now."""
    return "\n".join(_lines(name)) + "\n"


def _lines(name: str) -> Iterator[str]:
    yield f"# The requirement set {name}, written by `python tools/freeze.py {name}`."
    yield "# Once it is released nothing in it changes: what is demanded otherwise or besides is another set."
    yield f"format = {FORMAT}"
    yield f"set = {_text(name)}"
    yield "seed = 0"
    yield from ("dialects = [", *(f"  {_text(dialect)}," for dialect in (*DIALECTS, *BEDROCK)), "]")
    yield from ("", "[unscored]  # and why", *(f"{id_} = {_text(reason)}" for id_, reason in UNSCORED.items()))
    scored = [requirement for id_, requirement in REQUIREMENTS.items() if id_ not in UNSCORED]
    for level in ("must", "should"):
        yield from ("", f"[{level}]  # the digest of each rule")
        for requirement in scored:
            if requirement.level == level:
                yield f"{requirement.id} = {_text(digest(requirement.rule))}  # {requirement.title}"
    yield from ("", "[cases]  # of those that are shipped")
    for requirement in scored:
        ids = sorted(case.id for case in shipped() if case.requirement == requirement.id)
        if ids:
            yield f"{requirement.id} = [{', '.join(map(_text, ids))}]"


def _text(text: str) -> str:
    """A string, which TOML writes as JSON does."""
    return json.dumps(text)


if __name__ == "__main__":
    file = FOLDER / f"{sys.argv[1]}.toml"
    if file.exists():
        raise SystemExit(f"{file} is there already; a set that was released is never changed")
    file.write_text(frozen(sys.argv[1]), "utf-8", newline="\n")
    print(f'"{sys.argv[1]}": "{hashlib.sha256(file.read_bytes()).hexdigest()}",')
