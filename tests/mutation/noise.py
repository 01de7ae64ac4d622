"""Which mutants say nothing about the tests, and are left out of the count."""

import ast
import warnings
from collections.abc import Iterator
from itertools import chain

from cosmic_ray.work_item import MutationSpec

ANNOTATION = "in a type annotation, which nothing reads when the program runs"
IDENTITY = "`is` for `==` or `==` for `is`, which differ by what the interpreter caches"
ALPHABET = "`<`, `<=`, `>` or `>=` for `==` or `!=` with a literal name, which differ by the alphabet"
STAR = "a star that is no operator: an unpacking, or the mark of keyword-only parameters"
NO_PROGRAM = "no Python: the mutated file does not compile"

_IDENTITY = ("Is_Eq", "IsNot_NotEq", "Eq_Is", "NotEq_IsNot")
_ALPHABET = tuple(f"{equal}_{order}" for equal in ("Eq", "NotEq") for order in ("Lt", "LtE", "Gt", "GtE"))

Place = tuple[int, int]
Span = tuple[Place, Place]


class Noise:
    """What is noise in one module's source."""

    def __init__(self, source: str) -> None:
        tree = ast.parse(source)
        lines = [line.encode() for line in source.split("\n")]
        operators = (_between(node.left, node.right) for node in ast.walk(tree) if isinstance(node, ast.BinOp))
        self._typed, self._operators, self._names = (
            [(_in_characters(lines, start), _in_characters(lines, stop)) for start, stop in spans]
            for spans in (_annotations(tree), operators, _comparisons_with_names(tree))
        )

    def kind(self, mutant: MutationSpec) -> str:
        """Why a mutant is left out; "" if it is not."""
        family, _, change = mutant.operator_name.removeprefix("core/").partition("_")
        if _within(mutant, self._typed):
            return ANNOTATION
        if family == "ReplaceComparisonOperator" and change in _IDENTITY:
            return IDENTITY
        if family == "ReplaceComparisonOperator" and change in _ALPHABET and _within(mutant, self._names):
            return ALPHABET
        if family == "ReplaceBinaryOperator" and not _within(mutant, self._operators):
            return STAR
        return ""


def no_program(mutated: str) -> str:
    """Why a mutated module is left out; "" if it is Python."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(mutated, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return NO_PROGRAM
    return ""


def _in_characters(lines: list[bytes], place: Place) -> Place:
    """A place of ast's, whose columns are bytes, as cosmic-ray counts it."""
    line, column = place
    return line, len(lines[line - 1][:column].decode())


def _within(mutant: MutationSpec, spans: list[Span]) -> bool:
    return any(start <= mutant.start_pos and mutant.end_pos <= stop for start, stop in spans)


def _annotations(tree: ast.Module) -> Iterator[Span]:
    """Where the annotations of a module stand, those of parameters and results and the values of aliases."""
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(annotation=ast.Name("TypeAlias"), value=ast.expr() as value):
                yield _span(value)
            case ast.AnnAssign(annotation=annotation):
                yield _span(annotation)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _signature(node)


def _signature(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Span]:
    arguments = function.args
    every = chain(arguments.posonlyargs, arguments.args, arguments.kwonlyargs, (arguments.vararg, arguments.kwarg))
    for annotation in (*(argument.annotation for argument in every if argument), function.returns):
        if annotation is not None:
            yield _span(annotation)


def _comparisons_with_names(tree: ast.Module) -> Iterator[Span]:
    """Where the operators of comparisons with a literal str or bytes stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for left, right in zip([node.left, *node.comparators], node.comparators, strict=False):
                if any(
                    isinstance(side, ast.Constant) and isinstance(side.value, str | bytes) for side in (left, right)
                ):
                    yield _between(left, right)


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def _span(node: ast.expr) -> Span:
    return (node.lineno, node.col_offset), _end(node)


def _between(left: ast.expr, right: ast.expr) -> Span:
    return _end(left), (right.lineno, right.col_offset)


def _end(node: ast.expr) -> Place:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return node.end_lineno, node.end_col_offset
