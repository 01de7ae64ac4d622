"""Which of the definitions that the index of bodies names as a source are written otherwise in another release.

`tests/servers` runs what writes the records. What strings them together in a server's handler needs an engine and was
read, so here the two releases' code is compared: by its syntax tree, without comments, docstrings and line breaks.
"""

import ast
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MOST = 6


@dataclass(frozen=True)
class Named:
    """A file that a source names, as far as it does, and the definitions; none for the whole file."""

    file: str
    names: tuple[str, ...] = ()


def named(source: str) -> Iterator[Named]:
    """The Python files in a source of the index: `owner/name folder/a.py Class, function; b.py`."""
    words = re.split(r"[\s,;]+", source.partition(" ")[2])
    file, names = "", list[str]()
    for word in [*words, ".py"]:
        if not word.endswith(".py"):
            names.append(word)
            continue
        if file:
            yield Named(file, tuple([name for name in names if re.fullmatch(r"[A-Za-z_][\w.]*", name)]))
        file, names = word, []


def changes(sources: Sequence[str], before: Path, after: Path) -> Iterator[str]:
    """A line for each named file that differs between two wheels, with what in it does.

    *sources* are of one server. A file is looked for by the end of its path, next to the one named before it.
    """
    old, new = zipfile.ZipFile(before), zipfile.ZipFile(after)
    wanted: dict[str, set[str]] = {}
    with old, new:
        for source in sources:
            folder = ""
            for each in named(source):
                path = _path(each.file, folder, old.namelist())
                if not path:
                    continue
                folder = str(PurePosixPath(path).parent)
                wanted.setdefault(path, set()).update(each.names or {""})
        for path, names in sorted(wanted.items()):
            if path not in new.namelist():
                yield f"{path} is gone"
                continue
            was, is_ = definitions(old.read(path).decode()), definitions(new.read(path).decode())
            differ = [name for name in {**was, **is_} if was.get(name) != is_.get(name) and _asked(name, names)]
            if differ:
                more = f" and {len(differ) - MOST} more" if len(differ) > MOST else ""
                yield f"{path}: {', '.join(differ[:MOST])}{more}"


def _path(file: str, folder: str, files: Sequence[str]) -> str:
    """The one of *files* that ends as *file* does and has most in common with *folder*.

    A repository may keep its package in a folder, which its wheel does not have: `python/sglang/…`.
    """
    parts, wanted = PurePosixPath(folder).parts, file
    while not (fit := [path for path in files if f"/{path}".endswith(f"/{wanted}")]) and "/" in wanted:
        wanted = wanted.partition("/")[2]

    def common(path: str) -> int:
        return sum(1 for a, b in zip(parts, PurePosixPath(path).parts, strict=False) if a == b)

    return max(fit, key=lambda path: (common(path), -len(path)), default="")


def _asked(name: str, names: set[str]) -> bool:
    """Whether a definition is one of *names*, part of one, or a method that is called so."""
    return "" in names or any(name == one or name.startswith(f"{one}.") or name.endswith(f".{one}") for one in names)


def definitions(code: str) -> dict[str, str]:
    """Each function, and what else a module or a class has, by name: the syntax tree as text."""
    return dict(_definitions(ast.parse(code).body, ""))


def _definitions(body: Sequence[ast.stmt], inside: str) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield f"{inside}{node.name}", ast.dump(ast.Tuple([*node.bases, *node.decorator_list], ast.Load()))
            yield from _definitions(node.body, f"{inside}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]  # a docstring
            yield f"{inside}{node.name}", ast.dump(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield f"{inside}{ast.unparse(targets[0])}", ast.dump(node)
