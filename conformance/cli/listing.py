"""What there is: decoders that can be named, dialects, requirements, shipped cases."""

from collections.abc import Sequence

import click

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.reporting.terminal import Terminal
from sliceproof.conformance.requirements import FAMILIES, REQUIREMENTS, requirements
from sliceproof.corpus import shipped
from sliceproof.profiles import frozen_set, names
from sliceproof.wire.dialects import BEDROCK, DIALECTS


def listed(what: str, ids: Sequence[str], terminal: Terminal) -> None:
    """Show one of the lists, or each of the requirements with these *ids* in full."""
    if ids and what != "requirements":
        raise click.UsageError(f"list {what} takes no more words; list requirements takes ids")
    if ids:
        from sliceproof.conformance.cli.teaching import taught

        for requirement in requirements(tuple(ids)):
            taught(requirement, terminal)
        return
    shown = {"decoders": _decoders, "dialects": _dialects, "requirements": _requirements, "cases": _cases}
    shown["conformance"] = _conformance
    shown[what](terminal)


def _decoders(terminal: Terminal) -> None:
    from sliceproof.conformance.decoders.broken import BROKEN
    from sliceproof.conformance.decoders.sound import SOUND

    for name, about in DECODERS.items():
        extra = f" (pip install '{about.extra}')" if about.extra else ""
        terminal.line(f"{name:<36} {about.about}{extra}")
    for name, build in SOUND.items():
        weak = f" (weak at {' '.join(build.weak)})" if build.weak else ""
        terminal.line(f"{'sound:' + name:<36} {build.about}{weak}")
    for name, broken in BROKEN.items():
        terminal.line(f"{'broken:' + name:<36} breaks {' '.join(broken.breaks)}: {broken.about}")


def _dialects(terminal: Terminal) -> None:
    for dialect in (*DIALECTS.values(), *BEDROCK.values()):
        terminal.line(f"{dialect.id:<24} {dialect.media_type:<36} {dialect.source}")


def _requirements(terminal: Terminal) -> None:
    for about, ids in FAMILIES.items():
        terminal.line(about, "bold")
        for requirement in map(REQUIREMENTS.__getitem__, ids):
            terminal.line(
                f"  {requirement.id:<12} {requirement.level.upper():<6} {requirement.title}: {requirement.rule}"
            )
            terminal.line(f"  {'':<19} {requirement.level} because {requirement.why}", "dim")


def _cases(terminal: Terminal) -> None:
    for case in sorted(shipped(), key=lambda each: (list(REQUIREMENTS).index(each.requirement), each.stream.dialect)):
        terminal.line(f"{case.id}  {case.requirement:<12} {case.stream.dialect:<24} {case.title}")
        for found in case.found:
            terminal.line(f"{'':<14}found in {found}", "dim")


def _conformance(terminal: Terminal) -> None:
    for frozen in map(frozen_set, names()):
        terminal.line(f"{frozen.name}: {len(frozen.cases)} cases, seed {frozen.seed}", "bold")
        terminal.line(f"  {'dialects':<10} {' '.join(frozen.dialects)}")
        for level in ("must", "should"):
            ids = frozen.of_level(level)
            terminal.line(f"  {level.upper():<10} {len(ids)}: {' '.join(ids)}")
        for id_, reason in frozen.unscored.items():
            terminal.line(f"  {'not scored':<10} {id_}: {reason}", "dim")
