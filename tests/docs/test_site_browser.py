"""The site in a real Chromium: it asks no other server, search answers, and axe finds nothing that keeps people out."""

import functools
import json
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

if "SLICEPROOF_SITE" not in os.environ:
    pytest.skip("tox -e docs-browser builds the site that is looked at", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="tox -e docs-browser has playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("there is no chromium", allow_module_level=True)

SITE = Path(os.environ["SLICEPROOF_SITE"])
AXE = Path(os.environ.get("SLICEPROOF_AXE", "node_modules")) / "axe-core" / "axe.min.js"
MAIN = ["", "tutorial/", "recipes/", "pytest/", "faults/", "matrix/", "api/", "changelog/"]
SHOWN = [("light", "wide"), ("dark", "wide"), ("light", "narrow")]
SIZES = {"wide": (1280, 900), "narrow": (390, 800)}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page of the width and the scheme that a test asks for, with all requests that it makes."""
    scheme, size = getattr(request, "param", ("light", "wide"))
    width, height = SIZES[size]
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height})
    made = context.new_page()
    made.asked = []
    made.on("request", lambda asked: made.asked.append(asked.url))
    yield made
    context.close()


def foreign(urls: list[str], address: str) -> list[str]:
    return [url for url in urls if not url.startswith((address, "data:", "blob:"))]


@pytest.mark.parametrize("path", MAIN)
def test_a_page_asks_nobody_else(page: Any, address: str, path: str) -> None:
    page.goto(address + path, wait_until="networkidle")
    assert len(page.asked) > 3
    assert foreign(page.asked, address) == []


def test_a_request_to_another_server_is_seen(page: Any, address: str) -> None:
    page.goto(address, wait_until="networkidle")
    page.evaluate("fetch('http://127.0.0.1:1/x').catch(() => 0)")
    assert foreign(page.asked, address) == ["http://127.0.0.1:1/x"]


def test_search_answers_without_asking_anybody(page: Any, address: str) -> None:
    page.goto(address, wait_until="networkidle")
    page.keyboard.press("/")
    page.keyboard.type("baseline")
    page.wait_for_selector(".md-search-result__item, .md-search__result li", timeout=30_000)
    assert foreign(page.asked, address) == []


@pytest.mark.parametrize("page", SHOWN, indirect=True, ids="-".join)
@pytest.mark.parametrize("path", MAIN)
def test_axe_finds_nothing(page: Any, address: str, path: str) -> None:
    page.goto(address + path, wait_until="networkidle")
    page.add_script_tag(content=AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")["violations"]
    told = [(each["id"], each["nodes"][0]["html"][:200], len(each["nodes"])) for each in found]
    assert told == [], json.dumps(told, indent=1)


@pytest.mark.parametrize("page", [("light", "narrow")], indirect=True, ids="-".join)
@pytest.mark.parametrize("path", MAIN)
def test_a_narrow_page_does_not_scroll_sideways(page: Any, address: str, path: str) -> None:
    page.goto(address + path, wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["narrow"][0]
