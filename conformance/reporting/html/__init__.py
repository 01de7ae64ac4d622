"""Reports as pages that stand alone: one file of HTML with its style and its little script, which loads nothing.

`report_page` is what `check --html` writes, `streams_page` what `explain --html` does; `stream_of` and `verdicts_of`
are their parts, for a page of somebody else's, whose head then holds `head()`.
"""

from sliceproof.conformance.reporting.html.environment import head, page
from sliceproof.conformance.reporting.html.report_page import report_page
from sliceproof.conformance.reporting.html.streams_page import stream_of, streams_page
from sliceproof.conformance.reporting.html.verdicts import Cell, Column, Table, table, verdicts_of

__all__ = [
    "Cell",
    "Column",
    "Table",
    "head",
    "page",
    "report_page",
    "stream_of",
    "streams_page",
    "table",
    "verdicts_of",
]
