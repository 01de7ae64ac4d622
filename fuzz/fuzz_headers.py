"""Header blocks of any bytes, in a message that is right: through every framing decoder, each compared with ours."""

from collections.abc import Iterator

from sliceproof.fuzz.fuzz_messages import Messages
from sliceproof.fuzz.mutation import PLAIN
from sliceproof.fuzz.target import Suspect
from sliceproof.fuzz.wire_edit import Piece


class Headers(Messages):
    """The target `headers`: an input is what stands behind the headers of a part."""

    mutates = False

    def run(self, data: bytes) -> Iterator[Suspect]:
        """Compare each decoder with ours on one message."""
        return super().run(Piece(PLAIN.block + data, PLAIN.payload).wire())


if __name__ == "__main__":
    from sliceproof.fuzz.engine import script

    script("headers", __file__)
