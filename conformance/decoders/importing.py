"""The Python that brings a decoder out of its file, for a snippet that is run where the command ran."""

import ast
import sys
from importlib.machinery import PathFinder
from pathlib import Path


def import_of(path: Path, name: str) -> str:
    """The statements after which *name* is what the file defines under it.

    The file is a module by its path from here, as whoever wrote it imports it, where that is one; else its folder is
    searched first, as judging does, or it is run as it is.
    """
    here, whole = Path.cwd(), path.resolve()
    shown = whole.relative_to(here.resolve()) if whole.is_relative_to(here.resolve()) else whole
    folder, beside = shown.parent, _imports_a_neighbour(path)
    if not path.stem.isidentifier() or path.suffix != ".py":
        found = f"{name} = runpy.run_path({str(shown)!r})[{name!r}]"
        return f"import runpy\nimport sys\n\n{_searching(folder)}\n{found}" if beside else f"import runpy\n\n{found}"
    if folder == Path():
        return f"from {path.stem} import {name}"
    if not beside and _is_package(folder, here) and not path.with_suffix("").is_dir():
        return f"from {'.'.join((*folder.parts, path.stem))} import {name}"
    return f"import sys\n\n{_searching(folder)}\nfrom {path.stem} import {name}"


def _searching(folder: Path) -> str:
    return f"sys.path.insert(0, {str(folder)!r})"


def _is_package(folder: Path, here: Path) -> bool:
    """Whether Python, run here, takes a folder for a package: one of the same name that is installed may come first."""
    if folder.is_absolute() or not all(part.isidentifier() for part in folder.parts):
        return False
    spec = PathFinder.find_spec(folder.parts[0], [str(here), *sys.path])
    found = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not found or Path(found[0]).resolve() != (here / folder.parts[0]).resolve():
        return False
    inner = [here / Path(*folder.parts[:number]) for number in range(2, len(folder.parts) + 1)]
    return not any(each.with_name(f"{each.name}.py").exists() for each in inner)


def _imports_a_neighbour(path: Path) -> bool:
    """Whether a file imports a module that lies beside it, as it can where its folder is searched."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return False
    nodes = list(ast.walk(tree))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    tops = {name.partition(".")[0] for name in names}
    return any((path.parent / f"{top}.py").is_file() or (path.parent / top).is_dir() for top in tops)
