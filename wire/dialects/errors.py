"""What can be wrong with a body, and what a container says that went wrong."""

from sliceproof.wire.errors import SliceproofError


class BodyError(SliceproofError):
    """A body that cannot be read: `offset` is the byte at which the offending record begins."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"body at byte {offset}: {reason}")
        self.reason = reason
        self.offset = offset


class RecordError(BodyError):
    """A record that is not what its dialect writes, or is longer than the limit."""


class UnfinishedError(BodyError):
    """The body ended inside a record, or without the finish mark of its dialect."""


class ModelError(SliceproofError):
    """The container reported an error in the stream: `message` as it said it, `code` if it gave one."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message if code is None else f"{code}: {message}")
        self.message = message
        self.code = code
