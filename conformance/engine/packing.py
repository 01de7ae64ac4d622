"""A result as bytes that another process reads back: a worker packs it, the process that reports unpacks it.

Decoders and requirements stay where they are and are named. An exception comes over as one of the same name and
text, and an item that cannot be copied as its `repr`: judging is done by then, and reports show no more of them.
"""

import pickle
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

from sliceproof.conformance.engine.case_argument import parse
from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.harness.outlet import error_text
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Broken

_PLAIN = ("verdict", "streams", "examples_to_failure", "reason", "standing", "replayed", "seeds", "seconds")


def packed(result: Result) -> str:
    """The result as ASCII text."""
    finding = result.finding
    parts: dict[str, Any] = {name: getattr(result, name) for name in _PLAIN}
    parts |= {"dialect": result.dialect, "requirement": result.requirement.id, "finding": None}
    if finding is not None:
        stream, mode, breach, outcome = finding.broken
        shown_of = (finding.layer, finding.follows, finding.inherited, dict(finding.modes or {}))
        parts["finding"] = (repr(stream), mode, breach, _bare(outcome), _named(outcome.error), shown_of)
    return b64encode(pickle.dumps(parts)).decode("ascii")


def unpacked(text: str, decoder: Decoder) -> Result:
    """The result of *decoder* that was `packed`."""
    parts = pickle.loads(b64decode(text))
    requirement = REQUIREMENTS[parts.pop("requirement")]
    dialect, carried = parts.pop("dialect"), parts.pop("finding")
    result = Result(decoder, dialect, requirement, **parts)
    if carried is None:
        return result
    text, mode, breach, outcome, error, (layer, follows, inherited, modes) = carried
    broken = Broken(parse(text, bounded=False), mode, breach, replace(outcome, error=_raised(error)))
    return replace(result, finding=Finding(requirement, decoder, broken, layer, follows, inherited, modes))


def _bare(outcome: Outcome) -> Outcome:
    """An outcome whose items can be copied, without its exception."""
    bare = replace(outcome, error=None)
    try:
        pickle.loads(pickle.dumps(bare))
    except Exception:
        bare = replace(bare, items=tuple(map(_copied, bare.items)))
    return bare


def _copied(item: Any) -> Any:
    """An item, each of its values that cannot be copied as its `repr`."""
    if isinstance(item, tuple):
        return tuple(map(_copied, item))
    if isinstance(item, str | bytes):
        return str(item) if isinstance(item, str) else bytes(item)
    return item if item is None else repr(item)


def _named(error: BaseException | None) -> tuple[str, str] | None:
    return None if error is None else (type(error).__name__, error_text(error))


def _raised(named: tuple[str, str] | None) -> BaseException | None:
    return None if named is None else type(named[0], (Exception,), {})(named[1])
