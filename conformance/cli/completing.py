"""Completion of what a person types in bash, zsh or fish: decoders, dialects, requirements, profiles, cases, files.

`attach` gives each parameter of the command what completes it, by its name, or by whether it takes a FILE or a DIR.
"""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

SHELLS = ("bash", "zsh", "fish")
Items = Iterable[CompletionItem]


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that lets a shell complete `sliceproof`.

    \b
    bash  eval "$(sliceproof completion bash)"                 in ~/.bashrc
    zsh   eval "$(sliceproof completion zsh)"                  in ~/.zshrc
    fish  sliceproof completion fish > ~/.config/fish/completions/sliceproof.fish
    """
    from sliceproof.conformance.cli.main import cli

    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(cli, {}, "sliceproof", "_SLICEPROOF_COMPLETE").source())


def attach(cli: click.Group) -> None:
    """Let the parameters of all commands complete."""
    cli.add_command(completion)
    for command in cli.commands.values():
        for param in command.params:
            complete = _BY_NAME.get(param.name or "") or _BY_METAVAR.get(param.metavar or "")
            if complete is not None:
                setattr(param, "shell_complete", partial(_completed, complete, param))  # noqa: B010 - a method of click


def _completed(
    complete: Callable[[str, tuple[str, ...]], Items], param: click.Parameter, context: click.Context, incomplete: str
) -> list[CompletionItem]:
    """What fits; bash makes words of their own of a colon and what stands beside it, and fills in the last alone."""
    given = tuple(context.params.get(param.name or "") or ()) if param.nargs == -1 else ()
    before = ""
    if incomplete == ":" and given:
        before, incomplete = f"{given[-1]}:", ""
    elif len(given) > 1 and given[-1] == ":":
        before = f"{given[-2]}:"
    whole = f"{before}{incomplete}"
    found = [item for item in complete(whole, given) if item.type != "plain" or item.value.startswith(whole)]
    for item in found:
        item.value = item.value.removeprefix(before)
    return found


def _decoders(incomplete: str, given: tuple[str, ...]) -> Items:
    """Registered names, ours, the functions of a file, or else files."""
    from sliceproof.conformance.decoders import DECODERS
    from sliceproof.conformance.decoders.loading import functions

    path, colon, _ = incomplete.rpartition(":")
    if colon and Path(path).is_file():
        return [CompletionItem(f"{path}:{name}") for name in functions(Path(path))]
    if incomplete.startswith(("broken:", "sound:")):
        return list(_ours())
    items = [CompletionItem(name, help=about.about) for name, about in DECODERS.items()]
    items += [CompletionItem(f"{kind}:", help=f"one of ours, {kind} on purpose") for kind in ("broken", "sound")]
    return [item for item in items if item.value.startswith(incomplete)] or [CompletionItem(incomplete, type="file")]


def _ours() -> Items:
    from sliceproof.conformance.decoders.broken import BROKEN
    from sliceproof.conformance.decoders.sound import SOUND

    yield from (CompletionItem(f"broken:{name}", help=each.about) for name, each in BROKEN.items())
    yield from (CompletionItem(f"sound:{name}", help=each.about) for name, each in SOUND.items())


def _dialects(incomplete: str, given: tuple[str, ...]) -> Items:
    from sliceproof.wire.dialects import BEDROCK, DIALECTS

    return [CompletionItem(each.id, help=each.source) for each in (*DIALECTS.values(), *BEDROCK.values())]


def _requirements(incomplete: str, given: tuple[str, ...]) -> Items:
    from sliceproof.conformance.requirements import REQUIREMENTS

    return [CompletionItem(each.id, help=each.title) for each in REQUIREMENTS.values()]


def _sets(incomplete: str, given: tuple[str, ...]) -> Items:
    """Frozen sets."""
    from sliceproof.profiles import names

    return [CompletionItem(name) for name in names()]


def _cases(incomplete: str, given: tuple[str, ...]) -> Items:
    """Ids of shipped cases, else files; and once a case is given decoders too."""
    from sliceproof.corpus import shipped

    items = [CompletionItem(case.id, help=case.title) for case in shipped() if case.id.startswith(incomplete)]
    if not given:
        return items or [CompletionItem(incomplete, type="file")]
    items = items if incomplete else []
    decoders = list(_decoders(incomplete, given))
    return items if items and decoders[0].type == "file" else [*decoders, *items]


def _words(name: str) -> Callable[[str, tuple[str, ...]], Items]:
    def words(incomplete: str, given: tuple[str, ...]) -> Items:
        from sliceproof.conformance.engine.plan import PROFILES
        from sliceproof.conformance.harness.contract import ACCEPTS, ENVELOPES, YIELDS

        known = {"profile": dict.fromkeys(filter(None, PROFILES), ""), "accepts": ACCEPTS, "yields": YIELDS}
        known["envelope"] = ENVELOPES
        return [CompletionItem(word, help=about or None) for word, about in known[name].items()]

    return words


def _path(kind: str) -> Callable[[str, tuple[str, ...]], Items]:
    return lambda incomplete, given: [CompletionItem(incomplete, type=kind)]


_BY_NAME: dict[str, Callable[[str, tuple[str, ...]], Items]] = {
    "targets": _decoders,
    "decoders": _decoders,
    "dialects": _dialects,
    "dialect": _dialects,
    "requirements": _requirements,
    "id_": _requirements,
    "ids": _requirements,
    "given": _cases,
    "conformance": _sets,
    **{name: _words(name) for name in ("profile", "accepts", "yields", "envelope")},
}
_BY_METAVAR = {"FILE": _path("file"), "DIR": _path("dir"), "URL|DIR": _path("dir")}
