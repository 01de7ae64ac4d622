"""Mistakes with bytes and characters."""

import re
import unicodedata
from collections.abc import Iterator

from sliceproof.conformance.decoders.broken.registry import breaks
from sliceproof.conformance.decoders.sound.steps import Sound


@breaks("U1")
class DecodesPartsAlone(Sound):
    """Decodes each part by itself and drops what is half a character."""

    def characters(self, payload: bytes) -> str:
        return payload.decode("utf-8", "ignore")


@breaks("U1")
class ReplacesHalvesOfCharacters(Sound):
    """Decodes each part by itself with errors="replace"."""

    def characters(self, payload: bytes) -> str:
        return payload.decode("utf-8", "replace")


@breaks("U2")
class DecodesLatin1(Sound):
    """Takes ISO-8859-1 for granted, as a media type without a charset once meant."""

    def characters(self, payload: bytes) -> str:
        return payload.decode("latin-1")


@breaks("U3")
class DropsReplacementCharacters(Sound):
    """Takes a U+FFFD in the text for an error of its own and drops it."""

    def delta(self, text: str) -> Iterator[str]:
        yield from super().delta(text.replace("\ufffd", ""))


@breaks("U4", dialect="djl-outputs")
class UndoesEscapesByPart(Sound):
    r"""Undoes \u escapes in each part before it looks for records, so halves of pairs stay alone."""

    def characters(self, payload: bytes) -> str:
        def undone(match: re.Match[str]) -> str:
            return chr(int(match[1], 16))

        text = re.sub(r"(?<!\\)\\u([dD][89a-fA-F][0-9a-fA-F]{2})", undone, super().characters(payload))
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@breaks("U5")
class StripsEveryByteOrderMark(Sound):
    """Strips U+FEFF from the start of each delta."""

    def delta(self, text: str) -> Iterator[str]:
        yield from super().delta(text.lstrip("\ufeff"))


@breaks("U5-bom")
class KeepsTheByteOrderMark(Sound):
    """Takes a byte order mark for the start of the first field's name."""

    def text(self, text: str) -> Iterator[str]:
        self.started = True
        yield from super().text(text)


@breaks("U6")
class Normalises(Sound):
    """Normalises the text to NFC."""

    def delta(self, text: str) -> Iterator[str]:
        yield from super().delta(unicodedata.normalize("NFC", text))


@breaks("U6")
class DropsFormatCharacters(Sound):
    """Drops control and format characters, but for white space and U+FEFF."""

    def delta(self, text: str) -> Iterator[str]:
        kept = "\t\n\r\ufeff\x85"
        yield from super().delta("".join(c for c in text if c in kept or unicodedata.category(c) not in ("Cc", "Cf")))


@breaks("U6")
class DropsTags(Sound):
    """Drops tag characters, which flags of regions are made with."""

    def delta(self, text: str) -> Iterator[str]:
        yield from super().delta("".join(c for c in text if not 0xE0020 <= ord(c) <= 0xE007F))


@breaks("U6")
class MergesLineEnds(Sound):
    """Makes one line end of a CR at a delta's end and the LF that begins the next."""

    after_cr = False

    def delta(self, text: str) -> Iterator[str]:
        if self.after_cr:
            text = text.removeprefix("\n")
        self.after_cr = text.endswith("\r")
        yield from super().delta(text)
