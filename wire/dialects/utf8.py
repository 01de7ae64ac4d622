"""UTF-8 as its bytes come, cut anywhere."""

import codecs

from sliceproof.wire.dialects.errors import RecordError, UnfinishedError


class Utf8:
    """Decodes bytes as they come; what is not UTF-8 is an error only after the text before it."""

    def __init__(self) -> None:
        self._held = b""
        self._at = 0  # of _held, in the body
        self.read = 0

    def add(self, data: bytes) -> None:
        self._held += data
        self.read += len(data)

    def take(self) -> tuple[str, RecordError | None]:
        """The text that is there, and the error after it if there is one."""
        held = self._held
        try:
            text, used = codecs.utf_8_decode(held, "strict", False)
        except UnicodeDecodeError as error:
            text, used = held[: error.start].decode(), error.start
            self._held, self._at = held[used:], self._at + used
            return text, RecordError(f"not UTF-8: {error.reason}", self._at)
        self._held, self._at = held[used:], self._at + used
        return text, None

    def close(self) -> None:
        if self._held:
            raise UnfinishedError("it ended inside a code point", self._at)
