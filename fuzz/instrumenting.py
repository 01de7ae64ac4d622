"""Makes the code of chosen modules tell atheris where it goes; nothing else is slowed down by that.

Modules are imported plainly and their functions changed in place, because an import hook would take all of
a large package with it (LiteLLM: a minute).
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any


def functions(module: ModuleType) -> Iterator[FunctionType]:
    """The functions that a module defines, and the methods of its classes."""
    for value in vars(module).values():
        if getattr(value, "__module__", None) == module.__name__:
            if isinstance(value, FunctionType):
                yield value
            elif isinstance(value, type):
                yield from _methods(value)


def _methods(kind: type) -> Iterator[FunctionType]:
    for value in vars(kind).values():
        inner: Any = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if isinstance(inner, FunctionType):
            yield inner


def instrument(names: Iterable[str]) -> int:
    """Change the functions of these modules; how many they are."""
    import atheris

    found = {function for name in dict.fromkeys(names) for function in functions(import_module(name))}
    for function in found:
        atheris.instrument_func(function)
    return len(found)
