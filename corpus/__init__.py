"""What was found, and is never forgotten: cases as files, one stream each, and what came of them."""

from sliceproof.corpus.case import Case, CaseError, Found, TooLargeError
from sliceproof.corpus.expectation import Expected
from sliceproof.corpus.reading import load, load_folder, shipped
from sliceproof.corpus.saving import save

__all__ = ["Case", "CaseError", "Expected", "Found", "TooLargeError", "load", "load_folder", "save", "shipped"]
