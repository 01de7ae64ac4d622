"""From what a person typed to a decoder: a registered name, `module:name`, `file.py:name`, `exec:` or `run:COMMAND`.

Every way in which this can fail is one TargetError that says what to do.
"""

import ast
import sys
import traceback
from dataclasses import replace
from difflib import get_close_matches
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.importing import import_of
from sliceproof.conformance.decoders.shapes import called
from sliceproof.conformance.harness.contract import Decoder, TargetError, of_callable
from sliceproof.conformance.harness.outlet import error_text

if TYPE_CHECKING:
    from sliceproof.conformance.decoders.broken import Broken
    from sliceproof.conformance.decoders.sound import Build


def importable(target: Any) -> tuple[str, str] | None:
    """The module and the dotted name that lead to a callable; None if its names do not."""
    module: str = getattr(target, "__module__", None) or ""
    name: str = getattr(target, "__qualname__", None) or ""
    found: Any = sys.modules.get(module)
    for step in name.split("."):
        found = getattr(found, step, None)
    return (module, name) if name and found is not None and bool(found == target) else None


def load(
    target: str, *, accepts: str = "chunks", yields: str = "text", dialects: tuple[str, ...] | None = None
) -> Decoder:
    """The decoder that *target* names; *accepts*, *yields* and *dialects* are for a callable of one's own."""
    kind, _, name = target.partition(":")
    if kind in ("broken", "sound"):
        return _ours(kind, name)
    if kind == "exec":
        from sliceproof.conformance.decoders.subprocess import pool

        return pool.decoder(target, accepts=accepts, yields=yields, dialects=dialects)
    if kind == "run":
        from sliceproof.conformance.decoders.endpoint import program

        return program.decoder(target, dialects=dialects)
    if target in DECODERS:
        return _registered(target)
    module_name, colon, name = target.rpartition(":")
    if not colon or not module_name or not name:
        path = Path(target.removesuffix(":"))
        if path.suffix == ".py" and path.is_file():
            raise TargetError(f"{path} is a file; say which of its functions: {_functions(path)}")
        raise TargetError(_unknown(target))
    if module_name.endswith(".py") or Path(module_name).is_file() or "/" in module_name or "\\" in module_name:
        module, statement = _from_file(Path(module_name)), import_of(Path(module_name), name.split(".")[0])
    else:
        module, statement = _from_module(module_name), f"from {module_name} import {name.split('.')[0]}"
    found = _attribute(module, module_name, name)
    builds_on = _BOTOCORE if _reads_with_botocore(module) else ()
    if isinstance(found, Decoder):
        return replace(found, target=target, builds_on=found.builds_on or builds_on)
    made = wrapped(found, target, dialects=dialects, accepts=accepts, yields=yields, where=(statement, name))
    return replace(made, builds_on=made.builds_on or builds_on)


_BOTOCORE = ("botocore", "sliceproof.conformance.decoders.adapters.botocore_bedrock:EVENTS")
"""The decoders that are what botocore alone makes of an event stream."""


def _reads_with_botocore(module: ModuleType) -> bool:
    """Whether a module has botocore's reader of event streams among its names, so that what fails there fails here."""
    reader = "botocore.eventstream"
    there = sys.modules.get(reader)  # None if nobody imported it, and None is a value of many modules
    values = [value for value in vars(module).values() if value is not None]
    return any(getattr(value, "__module__", "") == reader or value is there for value in values)


def wrapped(
    target: Any,
    name: str,
    *,
    dialects: tuple[str, ...] | None = None,
    accepts: str = "chunks",
    yields: str = "text",
    where: tuple[str, str] | None = None,
) -> Decoder:
    """The decoder that a callable is, or the client: TargetError if it cannot be called with what it *accepts*."""
    if accepts == "endpoint":
        from sliceproof.conformance.decoders.endpoint import client

        if yields not in ("text", "deltas"):
            raise TargetError(f"{name} is a client, which yields text or deltas and not {yields}")
        return client.decoder(target, name, dialects=dialects, where=where, yields=yields)
    call = called(target, name)
    return of_callable(target, name, dialects=dialects, accepts=accepts, yields=yields, where=where, call=call)


_OURS = ("tomlkit", "packaging.version", "packaging.markers", "botocore.exceptions", "msgspec")
"""Packages that are imported only when they are needed, and must be found then."""


def _registered(target: str) -> Decoder:
    registered = DECODERS[target]
    try:
        return registered.load()
    except ImportError as error:
        hint = f"; pip install '{registered.extra}'" if registered.extra else ""
        raise TargetError(f"{target} cannot be imported ({' '.join(str(error).split())}){hint}") from error


def _ours(kind: str, name: str) -> Decoder:
    """One of the decoders that are broken, or sound, on purpose."""
    from sliceproof.conformance.decoders.broken import BROKEN
    from sliceproof.conformance.decoders.sound import SOUND

    builds: dict[str, Broken | Build] = {**BROKEN} if kind == "broken" else {**SOUND}
    if name not in builds:
        near = get_close_matches(name, builds, 1, 0.7)
        hint = f"did you mean {kind}:{near[0]}?" if near else "`sliceproof list decoders` shows all"
        raise TargetError(f"no {kind} decoder is called {name!r}: {hint}")
    return builds[name].decoder()


def _unknown(target: str) -> str:
    near = get_close_matches(target, DECODERS, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"registered are {', '.join(DECODERS)}."
    return f"{target!r} names no decoder: {hint} Give your own as module:name, path/to/file.py:name or exec:COMMAND"


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise TargetError(f"there is no file {path}; give the path of a Python file, then a colon and the name in it")
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise TargetError(f"{path} is no Python file; give one whose name ends in .py")
    module = module_from_spec(spec)
    for name in _OURS:  # before a neighbour of the file can take its name
        import_module(name)
    sys.path.insert(0, str(path.resolve().parent))
    sys.modules.setdefault(path.stem, module)
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        if sys.modules.get(path.stem) is module:
            del sys.modules[path.stem]
        if isinstance(error, KeyboardInterrupt):
            raise
        raise TargetError(f"{path} cannot be imported: {_reason(error)}") from error
    return module


def _from_module(name: str) -> ModuleType:
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise TargetError(
                f"there is no module {error.name!r}; install it, run from its folder, or give path/to/file.py:name"
            ) from error
        raise TargetError(f"module {name} cannot be imported: {_reason(error)}") from error
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise TargetError(f"module {name} cannot be imported: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1:]
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg} ({error.filename}, line {error.lineno})"
    where = f" ({last[0].filename}, line {last[0].lineno})" if last else ""
    reason = error_text(error)
    return f"{type(error).__name__}{': ' if reason else ''}{reason}{where}"


def _is_of(value: Any, module: ModuleType) -> bool:
    return callable(value) and getattr(value, "__module__", None) == module.__name__


def functions(path: Path) -> list[str]:
    """What a file defines, without running it."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in tree.body if isinstance(node, kinds) and node.name[:1] != "_"]


def _functions(path: Path) -> str:
    """The same as targets."""
    return ", ".join(f"{path}:{name}" for name in functions(path)[:12]) or f"{path}:NAME"


def _attribute(module: ModuleType, module_name: str, name: str) -> Any:
    found: Any = module
    for step in name.split("."):
        if not hasattr(found, step):
            near = get_close_matches(step, [attribute for attribute in dir(found) if attribute[:1] != "_"], 1, 0.4)
            there = [
                attribute
                for attribute in dir(found)
                if attribute[:1] != "_" and _is_of(getattr(found, attribute, None), module)
            ]
            more = f"it has {', '.join(there[:12])}" if there else "check the name after the colon"
            hint = f"did you mean {near[0]}?" if near else more
            raise TargetError(f"{module_name} has no {step!r}: {hint}")
        found = getattr(found, step)
    return found
