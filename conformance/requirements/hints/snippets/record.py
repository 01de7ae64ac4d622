"""A record out of the data of an event, or out of a line: whole JSON, parsed once by a parser."""

import json
from typing import Any


class ModelError(Exception):
    """What the container says went wrong."""


def record_of(data: str) -> dict[str, Any]:
    """ValueError for what is no JSON: it goes to the consumer, and nothing is passed over in silence."""
    record: dict[str, Any] = json.loads(data)  # reads NaN and Infinity, which servers write beside the text
    if record.get("error"):
        raise ModelError(json.dumps(record, ensure_ascii=False))  # an object or a string, with all that it says
    return record
