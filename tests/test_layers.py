"""The layers: imports point one way, the package is what the folders hold, and every module says what it is for."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
ALL = ("wire", "strategies", "corpus", "profiles", "conformance", "fuzz")
LAYERS = [name for name in ALL if (ROOT / name / "__init__.py").exists()]

MUST_NOT = {
    "wire": {"strategies", "corpus", "profiles", "conformance", "fuzz"},
    "strategies": {"corpus", "profiles", "conformance", "fuzz"},
    "corpus": {"strategies", "profiles", "conformance", "fuzz"},
    "profiles": {"strategies", "corpus", "conformance", "fuzz"},
    "conformance": {"fuzz"},
    "fuzz": set(),
}
FOREIGN = {
    "wire": {"hypothesis", "botocore", "litellm", "click", "rich"},
    "strategies": {"botocore", "litellm", "click", "rich"},
    "corpus": {"hypothesis", "botocore", "litellm", "click", "rich"},
    "profiles": {"hypothesis", "botocore", "litellm", "click", "rich"},
    "conformance": {"atheris"},
    "fuzz": set(),
}
ROOMS = ("harness", "decoders", "requirements", "engine", "reporting", "plugin", "cli")
"""The rooms of conformance, from the ground up."""
MODULES = sorted(path for name in (*LAYERS, "package") for path in (ROOT / name).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The full names of what a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def packages() -> set[str]:
    """What the folders are as packages; `package/` is the root."""
    folders = {path.parent.relative_to(ROOT) for path in MODULES if path.name == "__init__.py"}
    return {
        "sliceproof" if folder == Path("package") else ".".join(("sliceproof", *folder.parts)) for folder in folders
    }


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_nothing_above_it(layer: str) -> None:
    for path in (ROOT / layer).rglob("*.py"):
        for full in imported(path):
            first, *rest = full.split(".")
            assert not (first == "sliceproof" and rest and rest[0] in MUST_NOT[layer]), f"{name(path)}: {full}"
            assert first not in FOREIGN[layer], f"{name(path)}: {full}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_of_conformance_imports_nothing_above_it(room: str) -> None:
    above = set(ROOMS[ROOMS.index(room) + 1 :])
    for path in (ROOT / "conformance" / room).rglob("*.py"):
        for full in imported(path):
            rooms = full.removeprefix("sliceproof.conformance.").split(".")[:1]
            inside = full.startswith("sliceproof.conformance.")
            assert not (inside and above.intersection(rooms)), f"{name(path)}: {full}"


def test_every_module_of_conformance_is_in_a_room() -> None:
    assert {path.name for path in (ROOT / "conformance").iterdir() if path.name[:2] != "__"} == set(ROOMS)


def test_no_module_imports_another_by_its_folder_alone() -> None:
    """`import wire` works from the repository's root and nowhere else."""
    for path in MODULES:
        assert not {full.split(".")[0] for full in imported(path)} & set(MUST_NOT), name(path)


def test_the_packages_are_the_folders() -> None:
    assert sorted(SETTINGS["packages"]) == sorted(packages())


def test_each_package_is_where_its_folder_is() -> None:
    for package in packages():
        assert (folder_of(package) / "__init__.py").is_file(), package


def folder_of(package: str) -> Path:
    parts = package.split(".")
    return ROOT / SETTINGS["package-dir"][".".join(parts[:2])] / Path(*parts[2:])


def test_the_data_files_of_the_packages_exist() -> None:
    for package, files in SETTINGS["package-data"].items():
        assert all(any(folder_of(package).glob(file)) for file in files), package


def test_every_data_file_belongs_to_a_package() -> None:
    """A file that code reads at run time and no wheel holds is missed only after release."""
    declared = {
        path
        for package, files in SETTINGS["package-data"].items()
        for file in files
        for path in folder_of(package).glob(file)
    }
    for layer in LAYERS:
        assert set((ROOT / layer).rglob("*.json")) <= declared, layer


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    told = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert told
    assert told.splitlines()[0].strip()
