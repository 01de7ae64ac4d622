"""The text of a record as it is: nothing stripped, normalised, compared or dropped."""

from typing import Any


def text_of(record: dict[str, Any]) -> str:
    token = record.get("token") or {}
    if token and not token.get("special"):  # the record says what is special; the text does not
        return str(token["text"])  # and not `generated_text`, which says all of it once more
    for choice in record.get("choices") or []:  # none in a record of usage
        if choice.get("index", 0) == 0:
            return (choice.get("delta") or {}).get("content") or choice.get("text") or ""
    return ""
