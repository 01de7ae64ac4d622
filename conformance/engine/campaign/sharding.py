"""A worker's share: which tasks of a campaign are one worker's, the same in every process that asks.

A task is a requirement in a dialect with a seed. Tasks are dealt like cards, the longest first, so each worker
gets as many as the others, give or take one, and as much to do. Nobody hands them out: a worker knows its own
from its number alone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sliceproof.conformance.engine.plan import Task
from sliceproof.wire.errors import SliceproofError


class WorkerError(SliceproofError):
    """A worker that cannot be: `str(error)` says how to write one."""


@dataclass(frozen=True)
class Worker:
    """Number *index*, from 0, of *of* workers."""

    index: int = 0
    of: int = 1

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"

    def share(self, tasks: Sequence[Task], dealt: int = 0) -> list[Task]:
        """This worker's of *tasks*, when *dealt* were dealt before them; the first seeds and the quick ones first."""
        mine = [task for number, task in enumerate(_longest_first(tasks), dealt) if number % self.of == self.index]
        return sorted(mine, key=lambda task: (task.turn, task.requirement.id == "MIX"))


def worker(given: str) -> Worker:
    """The worker that I/N names, I from 0 to N - 1, as Kubernetes numbers the pods of an indexed Job."""
    matched = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", given)
    if matched is None or not int(matched[1]) < int(matched[2]):
        raise WorkerError(f"--worker {given} is none; write I/N, I from 0 to N - 1: of two, 0/2 and 1/2")
    return Worker(int(matched[1]), int(matched[2]))


def _longest_first(tasks: Iterable[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: (task.requirement.id != "MIX", not task.requirement.searched))
