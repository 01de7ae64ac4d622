"""Messages out of chunks that are cut anywhere: bounded, checked, and linear in their bytes."""

from collections.abc import Iterator
from zlib import crc32

LONGEST = 25 * 1024 * 1024  # bytes of a message


class MessageBuffer:
    def __init__(self) -> None:
        self.held = bytearray()

    def feed(self, chunk: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The header block and the payload of each message that a chunk completes."""
        self.held += chunk
        while len(self.held) >= 12:
            total, headers, check = (int.from_bytes(self.held[at : at + 4], "big") for at in (0, 4, 8))
            if crc32(self.held[:8]) != check:
                raise ValueError("a prelude's checksum does not match")
            if not 16 + headers <= total <= LONGEST:
                raise ValueError(f"a message of {total} bytes, {headers} of them headers")
            if len(self.held) < total:
                return
            message = bytes(self.held[:total])
            del self.held[:total]  # a bytearray only moves its start here, and copies nothing
            if crc32(message[:-4]) != int.from_bytes(message[-4:], "big"):
                raise ValueError("a message's checksum does not match")
            yield message[12 : 12 + headers], message[12 + headers : -4]

    def close(self) -> None:
        """The wire is over: it must not have ended inside a message."""
        if self.held:
            raise EOFError(f"the wire ended inside a message, {len(self.held)} bytes into it")
