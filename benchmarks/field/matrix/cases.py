"""Each MUST that a decoder breaks has a case: one that is filed already, or a new one where there is none.

The corpus stays small: of the dialects in which a requirement is broken one case is enough, a filed one
before a new one, a short one before a long one.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from threading import Lock

from matrix.environment import ROOT
from matrix.record import Finding
from sliceproof.corpus import Case, load_folder, save
from sliceproof.corpus.layout import WORTH_KEEPING, text

CASES = ROOT / "corpus" / "cases"
_writing = Lock()  # environments are judged side by side, and may find the same stream


def file_case(finding: Finding, target: str, saved: Iterable[Case], ours: bool, folder: Path = CASES) -> str:
    """The name of the case that *finding* has in *folder*; "" if it has none.

    *saved* are the cases that `check --save` wrote. What else is told of a case, and a new one, is only for a MUST
    that others break.
    """
    mine = [case for case in saved if case.requirement == finding.requirement and _of(case, target)]
    mine.sort(key=lambda case: (len(case.stream.wire), case.name))
    filed = [case for case in mine if (folder / f"{case.name}.json").exists()]
    if ours or finding.level != "must":
        return filed[0].name if filed else ""
    new = [case for case in mine if len(text(case).encode()) <= WORTH_KEEPING]
    for case in (filed or new)[:1]:
        found = tuple(
            replace(found_in, thread=url(finding.thread)) for found_in in case.found if found_in.decoder == target
        )
        with _writing:
            return save(replace(case, found=found), folder).stem
    return ""


def saved(folder: Path) -> list[Case]:
    """What `check --save` left in a folder, which need not be there."""
    return list(load_folder(folder)) if folder.is_dir() else []


def url(thread: str) -> str:
    """The address of owner/repository#number."""
    repository, _, number = thread.partition("#")
    return f"https://github.com/{repository}/issues/{number}" if thread else ""


def _of(case: Case, target: str) -> bool:
    return any(found.decoder == target for found in case.found)
