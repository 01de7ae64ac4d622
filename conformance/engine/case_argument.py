"""Cases from what a person typed: a constructor call, a report, a case file, a folder of them, or an id of one.

A constructor call is read without running it: only literals, `Stream`, `Delta`, `Style`, `Fault`, `range`
and repetition (`"x" * 8000`) are understood.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case, CaseError, load, load_folder, shipped
from sliceproof.profiles import names
from sliceproof.wire.dialects import Delta, Style
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

__all__ = ["Case", "CaseError", "cases", "parse"]

MOST = 4 * 1024 * 1024  # characters that a repetition may come to
MOST_ITEMS = 200_000  # items that a repetition or a range may come to
LONGEST = 8 * 1024 * 1024  # characters of a call
LARGEST_FILE = 64 * 1024 * 1024


def cases(given: str) -> list[Case]:
    """The cases that *given* stands for; those of a call and of a report have no title, a call no requirement."""
    if given.lstrip().startswith("Stream("):
        return [Case("", "", parse(given))]
    path = Path(given)
    if path.is_dir():
        found = load_folder(given)
        if not found:
            raise CaseError(f"there is no case in {given}; cases are its .json files")
        return list(found)
    if path.is_file():
        return _of_file(given, path)
    if re.fullmatch("(?:[A-Za-z][A-Za-z0-9-]*-)?[0-9a-f]{4,12}(?:-http)?", given):
        return [_called(given)]
    if given in REQUIREMENTS:
        raise CaseError(f"{given} is a requirement, which `sliceproof list requirements {given}` explains; give a case")
    raise CaseError(
        f"there is no file {given!r}; give a report written with --json, a case file or a folder of them, "
        "an id that `sliceproof list cases` shows or that a vector has, or a Stream(...) call"
    )


def _called(given: str) -> Case:
    """The one case of the shipped corpus, or else vector of a frozen set, whose id or name begins so."""
    found = [case for case in shipped() if given in (case.name[: len(given)], case.id[: len(given)])]
    found = found or list({case.id: case for case in _vectors(given.removesuffix("-http"))}.values())
    if len(found) == 1:
        return found[0]
    if not found:
        raise CaseError(f"no shipped case is called {given!r}, and no vector; `sliceproof list cases` shows all cases")
    raise CaseError(f"{given!r} is the beginning of {len(found)} ids: {', '.join(case.name for case in found[:8])}")


def _vectors(given: str) -> Iterator[Case]:
    """The vectors of the frozen sets whose names begin so, which have the requirement's id before the dash."""
    from sliceproof.conformance.engine.vectors import chosen  # which reads its streams by `parse`

    asked = given.rpartition("-")[0]
    for name in names() if asked in REQUIREMENTS else ():
        for id_, stream in chosen(name, asked):
            case = Case(id_, REQUIREMENTS[id_].title, stream)
            if case.name.startswith(given):
                yield case


def _of_file(given: str, path: Path) -> list[Case]:
    """The case of a case file, or the findings of a report."""
    if path.stat().st_size > LARGEST_FILE:
        raise CaseError(f"{given} has more than {LARGEST_FILE // 2**20} MiB and is no report")
    try:
        data = json.loads(path.read_bytes().decode("utf-8"))
        if isinstance(data, dict) and "results" not in data and {"id", "tokens", "wire"} & data.keys():
            return [load(path)]
        if isinstance(data, dict) and data.get("format") == "sliceproof-vector-file":
            raise _of_many(given, data)
        findings = [(row["requirement"], row["finding"]) for row in data["results"] if row["finding"]]
        calls = [(requirement + "", finding["stream"] + "") for requirement, finding in findings]
    except CaseError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CaseError(
            f"{given} is neither a case nor a report of sliceproof: {type(error).__name__}: {error}"
        ) from error
    except OSError as error:
        raise CaseError(f"{given} cannot be read: {error.strerror}") from error
    if not calls:
        raise CaseError(f"{given} holds no finding, so there is nothing to replay")
    return [Case(requirement, "", parse(text)) for requirement, text in calls]


def _of_many(given: str, data: dict[str, Any]) -> CaseError:
    """What to say of a file of vectors."""
    ids = [each["id"] for each in data["vectors"]]
    hint = f"; give the id of one, such as {ids[0]}" if ids else ""
    return CaseError(f"{given} is a file of {len(ids)} vectors{hint}")


def parse(text: str, bounded: bool = True) -> Stream:
    """The stream of a constructor call; CaseError says what cannot be understood.

    One that sliceproof itself made may be as large as it is: then it is not *bounded*.
    """
    if bounded and len(text) > LONGEST:
        raise CaseError(f"the stream has {len(text):,} characters; {LONGEST:,} at most are read")
    try:
        tree = ast.parse(text.strip(), mode="eval")
        value = _value(tree.body, bounded)
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


_CALLS = {"Stream": Stream, "Style": Style, "Fault": Fault, "Delta": Delta, "range": range}


def _value(node: ast.expr, bounded: bool = True) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.List(items) | ast.Tuple(items):
            return tuple([_value(item, bounded) for item in items])
        case ast.UnaryOp(ast.USub(), ast.Constant(int(number))):
            return -number
        case ast.BinOp(left, ast.Mult(), right):
            return _repeated(_value(left, bounded), _value(right, bounded), bounded)
        case ast.Call(ast.Name(name), args, keywords) if name in _CALLS:
            named = {keyword.arg: _value(keyword.value, bounded) for keyword in keywords if keyword.arg}
            if len(named) != len(keywords):
                raise CaseError("** is not understood")
            made = _CALLS[name](*[_value(arg, bounded) for arg in args], **named)
            return _listed(made, bounded) if isinstance(made, range) else made
    raise CaseError(
        f"{ast.unparse(node)[:60]!r} is not understood; write literals, Stream, Delta, Style, Fault or range"
    )


def _listed(numbers: range, bounded: bool) -> tuple[int, ...]:
    if bounded and numbers and abs(numbers[-1] - numbers[0]) // abs(numbers.step) >= MOST_ITEMS:
        raise CaseError(f"a range may come to {MOST_ITEMS:,} at most")
    return tuple(numbers)


def _repeated(value: Any, times: Any, bounded: bool) -> Any:
    if not isinstance(value, str | tuple) or not isinstance(times, int) or times < 0:
        raise CaseError("only text and lists can be repeated")
    if not bounded:
        return value * times
    if _weight(value) * times > MOST:
        raise CaseError(f"a repetition may come to {MOST:,} characters at most")
    if isinstance(value, tuple) and len(value) * times > MOST_ITEMS:
        raise CaseError(f"a repetition may come to {MOST_ITEMS:,} items at most")
    return value * times


def _weight(value: Any) -> int:
    """Characters and items, also those in lists."""
    if isinstance(value, tuple):
        return 1 + sum(map(_weight, value))
    return max(1, len(value.text if isinstance(value, Delta) else value)) if isinstance(value, str | Delta) else 1
