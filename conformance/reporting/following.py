"""In which order findings are told, everywhere: who explains most first, and right behind it what follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sliceproof.conformance.engine.attribution import PLAIN
from sliceproof.conformance.engine.result import GRAVITY
from sliceproof.conformance.requirements import REQUIREMENTS


class Broken(NamedTuple):
    """A requirement that is broken: the gravest verdict, and what it follows from wherever it is broken, or ""."""

    id: str
    verdict: str
    follows: str = ""


class Family(NamedTuple):
    """A root and what follows from it, directly or through others; PLAIN may be a root without being asked."""

    root: str
    followers: tuple[str, ...] = ()


def broken(id_: str, found: Iterable[tuple[str, str | None]]) -> Broken:
    """What is told of a requirement, of its verdict and what it follows from (None: nothing was found) by dialect."""
    pairs = list(found)
    follows = {from_ for _, from_ in pairs if from_ is not None}
    verdict = min((verdict for verdict, _ in pairs), key=GRAVITY.index)
    return Broken(id_, verdict, follows.pop() if len(follows) == 1 else "")


def families(all_: Sequence[Broken]) -> list[Family]:
    """Each in one family: a plain stream that fails first, then by gravity and by how much follows from the root,
    then in the order in which they are asked.

    What follows from nothing that is told here, such as a failure that a baseline knows, is a root.
    """
    by_id, order = {each.id: each for each in all_}, list(REQUIREMENTS)
    led: dict[str, list[Broken]] = {}
    for each in sorted(all_, key=lambda one: (GRAVITY.index(one.verdict), order.index(one.id))):
        root = _root(each.id, by_id)
        led.setdefault(root, []).extend([] if root == each.id else [each])

    def place(root: str) -> tuple[bool, int, int, int]:
        gravity = GRAVITY.index(by_id[root].verdict) if root in by_id else 0
        return not (root == PLAIN and bool(led[root])), gravity, -len(led[root]), order.index(root)

    return [Family(root, tuple(each.id for each in led[root])) for root in sorted(led, key=place)]


def listed(found: Sequence[Broken], verdict: str) -> str:
    """The ids that are broken with *verdict*, each behind the root that it follows from: R1 (hence U1 L2) T2."""
    graded = {each.id for each in found if each.verdict == verdict}
    parts = []
    for root, followers in families(found):
        ids = " ".join(id_ for id_ in followers if id_ in graded)
        if root in graded:
            parts.append(f"{root} (hence {ids})" if ids else root)
        elif ids:
            parts.append(f"{ids} (from {root})")
    return " ".join(parts)


def _root(id_: str, by_id: Mapping[str, Broken]) -> str:
    """The end of the chain of what *id_* follows from: the last that is told, or PLAIN."""
    seen = [id_]
    while (from_ := by_id[id_].follows) and from_ != PLAIN and from_ in by_id and from_ not in seen:
        id_ = from_
        seen.append(id_)
    return PLAIN if from_ == PLAIN else min(seen) if from_ in seen else id_
