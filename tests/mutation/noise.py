"""Which mutants say nothing about the tests, and are left out of the count."""

import ast
import warnings
from collections.abc import Iterator
from itertools import chain

from cosmic_ray.work_item import MutationSpec

ANNOTATION = "in a type annotation, which nothing evaluates or reads"
IDENTITY = "`==` for `is` or `is` for `==`, which differ by what the interpreter caches"
NO_PROGRAM = "no Python: the mutated file does not compile"

_IDENTITY = ("Is_Eq", "IsNot_NotEq", "Eq_Is", "NotEq_IsNot")

Place = tuple[int, int]


class Noise:
    """What is noise in one module's source."""

    def __init__(self, source: str) -> None:
        self._typed = list(_annotations(ast.parse(source)))

    def kind(self, mutant: MutationSpec) -> str:
        """Why a mutant is left out; "" if it is not."""
        if any(start <= mutant.start_pos and mutant.end_pos <= stop for start, stop in self._typed):
            return ANNOTATION
        if mutant.operator_name.endswith(tuple(f"ComparisonOperator_{pair}" for pair in _IDENTITY)):
            return IDENTITY
        return ""


def no_program(mutated: str) -> str:
    """Why a mutated module is left out; "" if it is Python."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(mutated, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return NO_PROGRAM
    return ""


def _annotations(tree: ast.Module) -> Iterator[tuple[Place, Place]]:
    """Where the annotations of a module begin and end, those of parameters and results and the values of aliases."""
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(annotation=ast.Name("TypeAlias"), value=ast.expr() as value):
                yield _span(value)
            case ast.AnnAssign(annotation=annotation):
                yield _span(annotation)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _signature(node)


def _signature(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[Place, Place]]:
    arguments = function.args
    every = chain(arguments.posonlyargs, arguments.args, arguments.kwonlyargs, (arguments.vararg, arguments.kwarg))
    for annotation in (*(argument.annotation for argument in every if argument), function.returns):
        if annotation is not None:
            yield _span(annotation)


def _span(node: ast.expr) -> tuple[Place, Place]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
