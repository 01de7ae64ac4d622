"""What can be wrong with a message: one class for each kind of fault.

Every error says where and what. `offset` is where the offending place begins on the wire, in bytes since the
decoder started; `reason` is the fault in words. An error of the encoder has no place on a wire, so its offset
is None. All are ValueErrors too, for code that knows nothing of this package.
"""

__all__ = [
    "HeaderError",
    "IncompleteMessageError",
    "LengthError",
    "MessageChecksumError",
    "MessageError",
    "PreludeChecksumError",
    "SliceproofError",
]


class SliceproofError(Exception):
    """The base of every error that this package raises on purpose."""


class MessageError(SliceproofError, ValueError):
    """A message that the event-stream format does not allow.

    `reason` is the fault in words. `offset` is the byte of the wire at which the offending place begins: the
    message's first byte, or the header's for a HeaderError; None if the message was being written, not read.
    """

    place = "message"

    def __init__(self, reason: str, offset: int | None = None) -> None:
        super().__init__(reason, offset)
        self.reason = reason
        self.offset = offset

    def __str__(self) -> str:
        where = "" if self.offset is None else f" at byte {self.offset}"
        return f"{self.place}{where}: {self.reason}"


class PreludeChecksumError(MessageError):
    """The first eight bytes of a message do not match their checksum, so its lengths cannot be trusted."""


class MessageChecksumError(MessageError):
    """A message does not match the checksum in its last four bytes."""


class LengthError(MessageError):
    """A declared length is impossible (total under 16, headers past the message) or over a limit."""


class HeaderError(MessageError):
    """A header that cannot be read, or cannot be written as asked."""

    place = "header"


class IncompleteMessageError(MessageError):
    """The wire ended inside a message."""
