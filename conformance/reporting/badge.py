"""A badge of what a run says, and of nothing else: as shields.io reads it, or an SVG of our own drawing."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from sliceproof.conformance.engine.claim import CONFORMS, DOES_NOT, IN_PART
from sliceproof.conformance.harness.outlet import OutputError

LABEL = "sliceproof"
SUFFIXES = (".json", ".svg")
_COLOURS = {"green": "#2e7d32", "red": "#b3261e", "yellow": "#8a6100", "blue": "#1f5f99", "lightgrey": "#5f6368"}
"""Names that shields.io knows, each with a shade on which white text is read easily."""


class Badge(NamedTuple):
    """What stands on it, and the name of its colour."""

    message: str
    colour: str


def badge_file(name: str) -> None:
    """OutputError for a file whose form cannot be told by its name."""
    if not name.lower().endswith(SUFFIXES):
        raise OutputError(f"--badge {name}: a badge is a file that ends in {' or '.join(SUFFIXES)}")


def badge(report: Mapping[str, Any], name: str) -> str:
    """The badge of a report, in the form that the file's name asks for."""
    found = _of(report)
    return drawn(found) if name.lower().endswith(".svg") else _endpoint(found)


def _of(report: Mapping[str, Any]) -> Badge:
    if "incomplete" in report:
        return Badge("not judged to the end", "lightgrey")
    if "conformance" in report:
        return _of_set(report["conformance"]["set"], [each["verdict"] for each in report["conformance"]["decoders"]])
    must: dict[tuple[str, str], list[str]] = {}
    for row in report["results"]:
        if row["level"] == "must" and row["verdict"] != "n/a":
            must.setdefault((row["decoder"], row["requirement"]), []).append(row["verdict"])
    if not must:
        return Badge("no MUST asked", "lightgrey")
    if any("error" in verdicts for verdicts in must.values()):
        return Badge("could not be judged", "lightgrey")
    held = sum("fail" not in verdicts for verdicts in must.values())
    return Badge(f"MUST {held}/{len(must)}", "blue" if held == len(must) else "red")


def _of_set(name: str, verdicts: list[str]) -> Badge:
    """Of one decoder its verdict, of several how many conform."""
    conforming = verdicts.count(CONFORMS)
    if len(verdicts) > 1:
        return Badge(
            f"{conforming} of {len(verdicts)} conform to {name}", "green" if conforming == len(verdicts) else "red"
        )
    told = {
        CONFORMS: Badge(f"conforms to {name}", "green"),
        IN_PART: Badge(f"conforms in part to {name}", "yellow"),
        DOES_NOT: Badge(f"does not conform to {name}", "red"),
    }
    return told.get(next(iter(verdicts), ""), Badge("not judged to the end", "lightgrey"))


def _endpoint(found: Badge) -> str:
    """JSON as shields.io reads it from an endpoint, https://shields.io/badges/endpoint-badge."""
    fields = {"schemaVersion": 1, "label": LABEL, "message": found.message, "color": found.colour}
    return json.dumps(fields, indent=1) + "\n"


# The drawing

HEIGHT, SIZE, SPACE = 20, 11, 7  # pixels: of the badge, of the letters, beside a text
_NARROW, _WIDE = "fijlrt.,:;|!'/()[] ", "mwMW"


def width(text: str) -> int:
    """About how wide a text is in pixels; `textLength` lets any font fit it."""
    return round(sum(4.2 if letter in _NARROW else 9.6 if letter in _WIDE else 6.9 for letter in text))


def drawn(found: Badge) -> str:
    """The badge as SVG, with a title for who does not see it."""
    left, right = width(LABEL) + 2 * SPACE, width(found.message) + 2 * SPACE
    title, size = f"{LABEL}: {found.message}", f'width="{left + right}" height="{HEIGHT}"'
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label={quoteattr(title)}>
<title>{escape(title)}</title>
<clipPath id="r"><rect {size} rx="4"/></clipPath>
<g clip-path="url(#r)">
<rect width="{left}" height="{HEIGHT}" fill="#3c4043"/>
<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{_COLOURS[found.colour]}"/>
</g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="{SIZE}" text-anchor="middle">
{_text(LABEL, left / 2)}
{_text(found.message, left + right / 2)}
</g>
</svg>
"""


def _text(text: str, middle: float) -> str:
    return f'<text x="{middle:g}" y="14" textLength="{width(text)}">{escape(text)}</text>'
