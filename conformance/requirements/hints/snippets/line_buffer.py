"""Lines out of text that is cut anywhere: LF, CRLF and CR end one, U+2028 and its kin do not."""

import re

LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")  # a CR at the end waits: an LF may follow
LONGEST = 25 * 1024 * 1024  # characters of a line


class LineBuffer:
    def __init__(self) -> None:
        self.pieces: list[str] = []  # of the unfinished line; joined once it ends, so that the cost stays linear
        self.size = 0

    def feed(self, text: str) -> list[str]:
        waits = bool(self.pieces) and self.pieces[-1].endswith("\r")
        self.pieces.append(text)
        self.size += len(text)
        lines: list[str] = []
        if text and (waits or "\n" in text or "\r" in text):
            *lines, rest = LINE_END.split("".join(self.pieces))
            self.pieces, self.size = [rest], len(rest)
        if self.size > LONGEST:
            raise ValueError(f"a line of more than {LONGEST} characters")  # an error: to drop it would lose text
        return lines

    def close(self) -> list[str]:
        """The last line, which may lack its line end."""
        rest = "".join(self.pieces).removesuffix("\r")
        self.pieces = []
        return [rest] if rest else []
