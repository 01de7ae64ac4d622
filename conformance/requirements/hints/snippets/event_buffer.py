"""Server-sent events out of lines: `data` joins with line feeds, all else is skipped."""


class EventBuffer:
    def __init__(self) -> None:
        self.data: list[str] = []

    def feed(self, line: str) -> str:
        """The data of the event that a line ends, or nothing. At the end of the body feed it "" once more."""
        if not line:
            data, self.data = "\n".join(self.data), []
            return data
        name, _, value = line.partition(":")  # only the first colon counts; a comment's name is empty
        if name == "data":
            self.data.append(value.removeprefix(" "))  # one space, and it may be missing
        return ""
