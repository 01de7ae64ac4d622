"""One file, or a few classes, of an installed package, run without what the rest of the package would import.

The packages of model servers import CUDA libraries of several GB. What writes their records needs none of
that, so it is taken out of the wheel as it is.
"""

import __future__

import ast
import importlib.util
import logging
import sys
import time
import typing
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def version(package: str) -> str:
    """The package's version; the test is skipped if it is not installed."""
    try:
        return distribution(package).version
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed; tox -e servers has it")


def source(package: str, file: str) -> Path:
    """Where a file of the package is."""
    version(package)
    return Path(str(distribution(package).locate_file(file)))


def module(package: str, file: str) -> ModuleType:
    """One file of the package, run by itself."""
    name = f"{package}.{file}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, source(package, file))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def definitions(package: str, file: str, names: tuple[str, ...], **given: Any) -> dict[str, Any]:
    """What a file of the package calls so: its classes, functions and constants, by *given*, the names that they use.

    What stands in annotations needs no name.
    """
    path = source(package, file)
    found: dict[str, Any] = {"__name__": __name__, **given}
    wanted = [node for node in ast.parse(path.read_text("utf-8")).body if _named(node) in names]
    exec(compile(ast.Module(wanted, []), str(path), "exec", __future__.annotations.compiler_flag), found)
    return found


def _named(node: ast.stmt) -> str:
    """What a statement gives a name to."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return node.name
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return targets[0].id if targets and isinstance(targets[0], ast.Name) else ""


def classes(package: str, named: dict[str, tuple[str, ...]], **instead: Any) -> dict[str, Any]:
    """Classes of pydantic models and functions, from the files that define them, each behind those that it builds on.

    *instead* are names of others that they mention and never make.
    """
    import pydantic

    found: dict[str, Any] = {**vars(typing), **{name: getattr(pydantic, name) for name in pydantic.__all__}}
    found |= {"time": time, "logger": logging.getLogger(package), "random_uuid": lambda: "0", "__name__": __name__}
    found |= instead
    for file, names in named.items():
        path = source(package, file)
        tree = ast.parse(path.read_text("utf-8"))
        bodies = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
        for name in names:
            exec(compile(ast.Module([bodies[name]], []), str(path), "exec"), found)
    return found
