"""A row of a report in one line."""

from collections.abc import Mapping
from typing import Any

from sliceproof.conformance.harness.outlet import shown
from sliceproof.conformance.requirements import REQUIREMENTS


def name(row: Mapping[str, Any], between: str = " ") -> str:
    """What a row is about: U1 code point cut between parts."""
    return shown(f"{row['requirement']}{between}{REQUIREMENTS[row['requirement']].title}")


def headline(row: Mapping[str, Any]) -> str:
    """What came of it: the decoder, where, and what it does or why it was not judged."""
    decoder = f"{row['decoder']} {row['version']}".strip()
    standing, reason, finding = row.get("standing", ""), row["reason"], row["finding"]
    if standing == "stale":
        told = f" is no known failure any more: {reason}"
    elif row["verdict"] == "error":
        told = f" could not be judged: {reason}"
    elif finding is None:
        told = f": {reason}" if reason else ""
    else:
        told = f" {finding['what']}"
        told += f", which is not how it is known: {reason}" if standing == "changed" else ""
        told += f" ({reason})" if standing == "known" and reason else ""
    return line(f"{decoder} in {row['dialect']}{told}")


def line(text: str) -> str:
    """A text in one line, without what no file of text should have."""
    return shown(" ".join(text.split()))
