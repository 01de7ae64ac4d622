"""What there is: decoders that can be named, dialects, requirements."""

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.requirements import FAMILIES
from sliceproof.conformance.terminal import Terminal
from sliceproof.wire.dialects import DIALECTS


def listed(what: str, terminal: Terminal) -> None:
    """Show one of the lists."""
    {"decoders": _decoders, "dialects": _dialects, "requirements": _requirements}[what](terminal)


def _decoders(terminal: Terminal) -> None:
    from sliceproof.conformance.broken import BROKEN
    from sliceproof.conformance.sound import SOUND

    for name, known in DECODERS.items():
        extra = f" (pip install '{known.extra}')" if known.extra else ""
        terminal.line(f"{name:<36} {known.about}{extra}")
    for name, build in SOUND.items():
        weak = f" (weak at {' '.join(build.weak)})" if build.weak else ""
        terminal.line(f"{'sound:' + name:<36} {build.about}{weak}")
    for name, broken in BROKEN.items():
        terminal.line(f"{'broken:' + name:<36} breaks {' '.join(broken.breaks)}: {broken.about}")


def _dialects(terminal: Terminal) -> None:
    for known in DIALECTS.values():
        terminal.line(f"{known.id:<16} {known.media_type:<36} {known.source}")


def _requirements(terminal: Terminal) -> None:
    for family in FAMILIES:
        terminal.line((family.__doc__ or "").splitlines()[0], "bold")
        for requirement in family.REQUIREMENTS:
            terminal.line(
                f"  {requirement.id:<10} {requirement.level.upper():<7} {requirement.title}: {requirement.rule}"
            )
            terminal.line(f"  {'':<18} {requirement.level} because {requirement.why}", "dim")
