"""What a test suite inherits: `StreamDecoderTests`, a test of each requirement in each dialect; needs pytest.

from sliceproof.testing import StreamDecoderTests

class TestMine(StreamDecoderTests):
    dialects = ["tgi-sse"]

    def decoder(self):
        return decode
"""

from sliceproof.conformance.plugin.inherited import StreamDecoderTests

__all__ = ["StreamDecoderTests"]
