"""Whether an answer is whole: its finish mark has been seen, and is never looked for in its text."""

from typing import Any


class FinishMark:
    def __init__(self) -> None:
        self.seen = False

    def is_end(self, data: str) -> bool:
        """Whether the data of an event is the sentinel: as a whole, not somewhere in it."""
        self.seen = self.seen or data == "[DONE]"
        return data == "[DONE]"

    def look(self, record: dict[str, Any]) -> None:
        """Notes the mark; the text of the same record counts all the same."""
        ended = (choice.get("finish_reason") for choice in record.get("choices") or [])
        self.seen = self.seen or any(ended) or record.get("generated_text") is not None

    def close(self) -> None:
        if not self.seen:
            raise EOFError("the body ended before its finish mark")
