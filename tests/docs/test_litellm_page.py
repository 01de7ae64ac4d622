"""The snippets of docs/litellm.md give what the page says, in the releases that they are about.

The last two blocks, a repair and its use, are run by tests/conformance/test_litellm_repaired.py.
"""

import re
from importlib.metadata import version
from typing import Any

import pytest

from blocks import ROOT

pytest.importorskip("litellm")
RELEASE = tuple(map(int, version("litellm").split(".")[:2]))
if RELEASE < (1, 109):
    pytest.skip("the page's snippets are about 1.109.1 and later", allow_module_level=True)

PAGE = (ROOT / "docs" / "litellm.md").read_text("utf-8")
FOUND = re.findall(
    r"^### (\S+) .*?\n\n`Stream\(.*?\)`: expected .*?, got '(.*?)'(?:, then (.*?))?\.\n\n```python\n(.*?)```",
    PAGE,
    re.MULTILINE | re.DOTALL,
)


def came(code: str) -> tuple[str, str]:
    """What a snippet's decoder gives, as text, and how it ends: `a normal end`, or the exception."""
    text = ""

    def told(item: Any) -> None:
        nonlocal text
        if item is not None:  # what it makes of a record without text
            text += item["text"] if isinstance(item, dict) else item.choices[0].delta.content or ""

    try:
        exec(compile(code, "<docs/litellm.md>", "exec"), {"print": told, "__name__": __name__})
    except Exception as error:
        return text, f"{type(error).__name__}: {error}"
    return text, ""


def test_each_finding_has_its_snippet() -> None:
    assert [id_ for id_, *_ in FOUND] == ["K1", "U5-bom", "S1-whole", "S3", "T1", "T2"]


@pytest.mark.parametrize(("id_", "text", "end", "code"), FOUND, ids=[id_ for id_, *_ in FOUND])
def test_a_snippet_gives_what_the_page_says(id_: str, text: str, end: str, code: str) -> None:
    assert came(code) == (text, end.removeprefix("a normal end"))
