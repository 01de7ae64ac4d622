"""Tool calls out of fragments: a call is known by its choice and its index, and its arguments are pieces of text."""

from typing import Any


class ToolCalls:
    def __init__(self) -> None:
        self.calls: dict[tuple[int, int], dict[str, str]] = {}

    def add(self, choice: int, fragment: dict[str, Any]) -> tuple[dict[str, str], str]:
        """The id and the name of the call that a fragment goes on with, and its piece of the arguments."""
        call = self.calls.setdefault((choice, fragment["index"]), {"id": "", "name": ""})
        function = fragment.get("function") or {}
        for key, value in (("id", fragment.get("id")), ("name", function.get("name"))):
            call[key] = call[key] or value or ""  # told once; later fragments lack them, or have them as null
        return call, function.get("arguments") or ""  # parse them as JSON when the call is over, and not before
