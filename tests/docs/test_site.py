"""The site that `tox -e docs` has built: it loads nothing from elsewhere, and no link in it leads nowhere."""

import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

if "SLICEPROOF_SITE" not in os.environ:
    pytest.skip("tox -e docs builds the site that is looked at", allow_module_level=True)

SITE = Path(os.environ["SLICEPROOF_SITE"])
PAGES = sorted(SITE.rglob("*.html"))
LOADING = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload", "manifest"}
ELSEWHERE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
ASKS_NOBODY = {
    "https://api.github.com/": "the stars of a repository that the configuration names; it names none",
    "https://clipboardjs.com/": "a comment",
    "https://bit.ly/": "a comment",
    "http://tartarus.org/": "a comment",
    "http://lunrjs.com": "a comment",
    "http://www.w3.org/": "the name of a namespace",
    "https://www.w3.org/": "the name of a namespace",
}
"""What scripts of the theme name and why that is not fetched; the browser's own test proves it."""


class Read(HTMLParser):
    """What a page loads, links to, and has as anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        self.loads += [found[name] for name in ("src", "srcset", "poster", "data") if name in found and tag != "a"]
        self.loads += [value for name, value in found.items() if name == "style" and "url(" in value]
        if tag == "link" and LOADING & set(found.get("rel", "").split()):
            self.loads.append(found.get("href", ""))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])


def from_elsewhere(text: str) -> list[str]:
    """What a page would load from another server."""
    return [each for each in Read(text).loads if ELSEWHERE.match(each) or re.search(r"url\(['\"]?(https?:)?//", each)]


def imports(style: str) -> list[str]:
    return re.findall(r"@import[^;]*|url\(['\"]?(?:https?:)?//[^)]*", style)


def test_there_is_a_page_for_each_document() -> None:
    assert len(PAGES) > 35
    there = {path.parent.relative_to(SITE).as_posix() for path in PAGES}
    assert {".", "tutorial", "api", "changelog", "examples/node"} <= there


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(SITE).as_posix())
def test_a_page_loads_nothing_from_elsewhere(path: Path) -> None:
    assert from_elsewhere(path.read_text("utf-8")) == []


def test_styles_and_scripts_load_nothing_from_elsewhere() -> None:
    for path in SITE.rglob("*.css"):
        assert imports(path.read_text("utf-8")) == [], path
    named = {
        (path.name, url)
        for path in SITE.rglob("*.js")
        for url in re.findall(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s\"'`)]*", path.read_text("utf-8"))
    }
    assert {each for each in named if not each[1].startswith(tuple(ASKS_NOBODY))} == set()


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://elsewhere.example/x.js"></script>',
        '<link rel="stylesheet" href="//elsewhere.example/x.css">',
        '<img src="http://elsewhere.example/x.png">',
        "<p style=\"background: url('https://elsewhere.example/x.png')\">",
    ],
)
def test_what_comes_from_elsewhere_is_seen(text: str) -> None:
    assert from_elsewhere(text)
    assert imports("@import 'https://elsewhere.example/x.css';")
    assert not from_elsewhere('<a href="https://elsewhere.example/">a link is no load</a>')


def dangling(path: Path) -> Iterator[str]:
    """The links of a page that lead nowhere in the site."""
    for link in Read(path.read_text("utf-8")).links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        there = path if not parts.path else Path(os.path.normpath(path.parent / unquote(parts.path)))
        there = there / "index.html" if there.is_dir() else there
        if path.name == "404.html" or not there.is_relative_to(SITE):
            continue
        if not there.is_file() or (
            parts.fragment and there.suffix == ".html" and not _has(there, unquote(parts.fragment))
        ):
            yield link


KNOWN: dict[Path, set[str]] = {}


def _has(path: Path, anchor: str) -> bool:
    if path not in KNOWN:
        KNOWN[path] = Read(path.read_text("utf-8")).anchors
    return anchor in KNOWN[path]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(SITE).as_posix())
def test_each_link_inside_the_site_leads_somewhere(path: Path) -> None:
    assert list(dangling(path)) == []


def test_no_page_shows_a_link_as_text() -> None:
    """Markdown that the parser did not take for a link."""
    for path in PAGES:
        text = re.sub(r"<(pre|code|script)\b.*?</\1>", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"\]\([\w./#-]+\)", text), path
