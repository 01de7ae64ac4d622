"""Text out of parts that end inside characters: one decoder a stream, which keeps the half until the rest comes."""

import codecs


class Utf8:
    def __init__(self, encoding: str = "utf-8") -> None:  # utf-8-sig: one byte order mark before everything is no text
        self.decoder = codecs.getincrementaldecoder(encoding)()

    def feed(self, part: bytes) -> str:
        return self.decoder.decode(part)

    def close(self) -> str:
        return self.decoder.decode(b"", final=True)  # raises if the body ended inside a character
