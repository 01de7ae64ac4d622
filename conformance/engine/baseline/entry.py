"""One known failure, as a baseline tells it: of whom, in what, how it fails, why, and where that counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from sliceproof.conformance.engine.case_argument import parse
from sliceproof.conformance.requirements import UnknownRequirementError, requirements
from sliceproof.corpus import Case, CaseError
from sliceproof.wire.dialects import BEDROCK, DIALECTS
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.stream import Stream

KINDS = {
    "bug": "to be mended",
    "by-design": "the decoder means it so",
    "platform": "of a Python, an operating system or a dependency",
}
REQUIRED = ("decoder", "requirement", "dialect", "kind", "reason", "what", "case")
OPTIONAL = ("thread", "versions", "when")

What = str | Mapping[str, str]
"""How it fails: in one way, or in one for each mode of the decoder that fails."""


class BaselineError(SliceproofError, ValueError):
    """A baseline that cannot be used: `str(error)` names the file, the entry and the field."""


_NO_STREAM = Stream("text", ())


@dataclass(frozen=True)
class Entry:
    """A known failure. `number` is its place in the file, from 1; the other fields are those of the file.

    `versions` is a PEP 440 specifier for the decoder's version, `when` a PEP 508 marker for the
    environment; "" is any. `case` is what shows the failure, a stream or the id of a filed case, and
    `stream` that stream itself.
    """

    number: int
    decoder: str
    requirement: str
    dialect: str
    kind: str
    reason: str
    what: What
    case: str
    thread: str = ""
    versions: str = ""
    when: str = ""
    stream: Stream = field(default=_NO_STREAM, compare=False)

    def here(self) -> bool:
        """Whether its marker holds in this environment."""
        return not self.when or Marker(self.when).evaluate()

    def holds_for(self, version: str) -> bool:
        """Whether it speaks of this version of the decoder; BaselineError if versions cannot be compared."""
        if not self.versions:
            return True
        try:
            return SpecifierSet(self.versions).contains(Version(version), prereleases=True)
        except InvalidVersion:
            text = f"has the version {version!r}, which PEP 440 does not know" if version else "tells no version"
            raise BaselineError(f"{self.decoder} {text}; leave `versions` out of entry {self.number}") from None

    def __str__(self) -> str:
        return f"entry {self.number} ({self.decoder}, {self.dialect}, {self.requirement})"


def entry_of(number: int, table: Mapping[str, Any], filed: Sequence[Case] = ()) -> Entry:
    """The entry that a table of the file makes; BaselineError names the field that is wrong.

    Its case may be the id of one of the *filed*.
    """
    for name in table:
        if name not in REQUIRED + OPTIONAL:
            raise _wrong(number, name, f"there is no such field; there are {', '.join(REQUIRED + OPTIONAL)}")
    for name in REQUIRED:
        if name not in table:
            raise _wrong(number, name, f"is missing{_HINTS.get(name, '')}")
    for name, value in table.items():
        if not isinstance(value, str) and not (name == "what" and _by_mode(value)):
            raise _wrong(number, name, f"must be text, not {value!r:.60}")
    entry = Entry(number, **table)
    _check(entry)
    return replace(entry, stream=_stream(entry, filed))


def _stream(entry: Entry, filed: Sequence[Case]) -> Stream:
    """The stream of its case."""
    try:
        if entry.case.lstrip().startswith("Stream("):
            stream = parse(entry.case)
        else:
            found = [case for case in filed if entry.case in (case.id, case.name)]
            if not found:
                text = "is neither a Stream(...) call nor the id of a case; `sliceproof list cases` shows those"
                raise CaseError(f"{entry.case!r} {text}")
            stream = found[0].stream
    except CaseError as error:
        raise _wrong(entry.number, "case", str(error)) from None
    if stream.dialect != entry.dialect:
        text = f"its stream is {stream.dialect}, but the entry's dialect is {entry.dialect}"
        raise _wrong(entry.number, "case", text)
    return stream


_HINTS = {
    "what": ": how it fails, such as 'loses text'; --update-baseline writes it",
    "case": ': the stream that shows it, "Stream(...)"; --update-baseline writes it',
    "reason": ' (it may be "" until somebody knows)',
    "kind": f": one of {', '.join(KINDS)}",
}


def _by_mode(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(isinstance(inner, str) for inner in value.values())


def _wrong(number: int, name: str, text: str) -> BaselineError:
    return BaselineError(f"entry {number}: {name}: {text}")


def _check(entry: Entry) -> None:
    if entry.kind not in KINDS:
        raise _wrong(entry.number, "kind", f"{entry.kind!r} is none of {', '.join(KINDS)}")
    known = (*DIALECTS, *BEDROCK)
    if entry.dialect not in known and ":" not in entry.dialect:
        raise _wrong(entry.number, "dialect", f"there is no {entry.dialect!r}; there are {', '.join(known)}")
    try:
        found = requirements((entry.requirement,))
    except UnknownRequirementError as error:
        raise _wrong(entry.number, "requirement", str(error)) from None
    if entry.requirement not in [requirement.id for requirement in found]:
        raise _wrong(entry.number, "requirement", f"write {found[0].id}, not {entry.requirement!r}")
    _check_where(entry)


def _check_where(entry: Entry) -> None:
    try:
        SpecifierSet(entry.versions)
    except InvalidSpecifier:
        raise _wrong(
            entry.number, "versions", f"{entry.versions!r} is no PEP 440 specifier, such as '>=1.2,<2'"
        ) from None
    try:
        entry.here()
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
        example = 'sys_platform == "win32"'
        raise _wrong(entry.number, "when", f"{entry.when!r} is no PEP 508 marker, such as '{example}'") from None
