"""A stream from text: the constructor call that a finding shows, read without running it.

Only literals, `Stream`, `Style`, `Fault`, `range` and repetition (`"x" * 8000`) are understood.
"""

import ast
import json
from pathlib import Path
from typing import Any, NamedTuple

from sliceproof.wire.dialects import Style
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.stream import Fault, Stream

MOST = 32 * 1024 * 1024  # characters or items that a repetition may come to
LARGEST_FILE = 64 * 1024 * 1024


class CaseError(SliceproofError, ValueError):
    """What was given as a case is none."""


class Case(NamedTuple):
    """A stream to replay, and the requirement it was found for ("" if that is not told)."""

    stream: Stream
    requirement: str = ""


def cases(given: str) -> list[Case]:
    """The cases that *given* stands for: one constructor call, or the findings of a JSON report."""
    if given.lstrip().startswith("Stream("):
        return [Case(parse(given))]
    path = Path(given)
    if not path.is_file():
        raise CaseError(f"there is no file {given!r}; give a report written with --json, or a Stream(...) call")
    if path.stat().st_size > LARGEST_FILE:
        raise CaseError(f"{given} has more than {LARGEST_FILE // 2**20} MiB and is no report")
    try:
        report = json.loads(path.read_text("utf-8"))
        findings = [(row["requirement"], row["finding"]) for row in report["results"] if row["finding"]]
        told = [(requirement + "", finding["stream"] + "") for requirement, finding in findings]
    except (ValueError, KeyError, TypeError) as error:
        raise CaseError(f"{given} is no report of sliceproof: {type(error).__name__}: {error}") from error
    if not told:
        raise CaseError(f"{given} holds no finding, so there is nothing to replay")
    return [Case(parse(text), requirement) for requirement, text in told]


def parse(text: str) -> Stream:
    """The stream of a constructor call; CaseError says what cannot be understood."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
        value = _value(tree.body)
        if not isinstance(value, Stream):
            raise CaseError("it is no Stream(...) call")
        value.chunks  # noqa: B018 - so that a stream that cannot be made fails here
    except SyntaxError as error:
        raise CaseError(f"the stream cannot be read: {error.msg} at column {error.offset}") from None
    except CaseError:
        raise
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        raise CaseError(f"the stream cannot be made: {type(error).__name__}: {error}") from None
    except SliceproofError as error:
        raise CaseError(f"the stream cannot be made: {error}") from None
    return value


_CALLS = {"Stream": Stream, "Style": Style, "Fault": Fault, "range": range}


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.List(items) | ast.Tuple(items):
            return tuple([_value(item) for item in items])
        case ast.UnaryOp(ast.USub(), ast.Constant(int(number))):
            return -number
        case ast.BinOp(left, ast.Mult(), right):
            return _repeated(_value(left), _value(right))
        case ast.Call(ast.Name(name), args, keywords) if name in _CALLS:
            named = {keyword.arg: _value(keyword.value) for keyword in keywords if keyword.arg}
            if len(named) != len(keywords):
                raise CaseError("** is not understood")
            made = _CALLS[name](*map(_value, args), **named)
            return _listed(made) if isinstance(made, range) else made
    raise CaseError(f"{ast.unparse(node)[:60]!r} is not understood; write literals, Stream, Style, Fault or range")


def _listed(numbers: range) -> tuple[int, ...]:
    if numbers and abs(numbers[-1] - numbers[0]) // abs(numbers.step) >= MOST:
        raise CaseError(f"a range may come to {MOST:,} at most")
    return tuple(numbers)


def _repeated(value: Any, times: Any) -> Any:
    if not isinstance(value, str | tuple) or not isinstance(times, int) or times < 0:
        raise CaseError("only text and lists can be repeated")
    weight = len(value) if isinstance(value, str) else sum(len(one) if isinstance(one, str) else 1 for one in value)
    if weight * times > MOST or any(isinstance(one, tuple) for one in value):
        raise CaseError(f"a repetition may come to {MOST:,} at most")
    return value * times
