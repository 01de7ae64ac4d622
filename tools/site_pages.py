"""Hooks of mkdocs: the pages that stand outside of docs/, and links that lead out of the site.

README.md and the others are pages of the site too, and so are those of the examples; a case is a file of it. A link to
another file of the repository becomes its text, with the path to hover over, as the site does not know where the
repository is. One that leads nowhere is a warning, and so an error of the strict build.
"""

import html
import logging
import os
import posixpath
import re
import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGES = {
    "index.md": "README.md",
    "architecture.md": "ARCHITECTURE.md",
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "security.md": "SECURITY.md",
    **{
        f"examples/{path.parent.name}.md": path.relative_to(ROOT).as_posix()
        for path in sorted(ROOT.glob("examples/*/README.md"))
    },
}
"""Pages of the site, and the files of the repository that they are."""

LINK = re.compile(r"(!?)\[((?:[^\[\]`]|`[^`]*`|\[[^\]]*\])*)\]\(([^()\s]+)(?:\s+\"([^\"]*)\")?\)")
FENCE = re.compile(r"^( *)(```+|~~~+).*?^\1\2`*[ \t]*$", re.MULTILINE | re.DOTALL)

log = logging.getLogger("mkdocs.hooks.site_pages")


def on_files(files: Any, config: Any) -> Any:
    """Add the pages and the cases."""
    from mkdocs.structure.files import File

    for page, source in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    for path in sorted((ROOT / "corpus" / "cases").glob("*.json")):
        files.append(File.generated(config, f"cases/{path.name}", abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Turn the links of a page into those of the site."""
    return rewritten(markdown, page.file.src_uri)


def rewritten(markdown: str, page: str) -> str:
    """The text of *page* with links as the site has them; what is in fences stays."""
    parts, end = [], 0
    for fence in FENCE.finditer(markdown):
        parts += [_linked(markdown[end : fence.start()], page), fence[0]]
        end = fence.end()
    return "".join([*parts, _linked(markdown[end:], page)])


def _linked(text: str, page: str) -> str:
    return LINK.sub(lambda found: _link(found, page), text)


def _link(found: re.Match[str], page: str) -> str:
    target, hash_, anchor = found[3].partition("#")
    if not target or re.match(r"[a-z]+:", target):
        return found[0]
    source = PAGES.get(page, f"docs/{page}")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
    there = address(path)
    if there is not None:
        title = f' "{found[4]}"' if found[4] else ""
        return f"{found[1]}[{found[2]}]({os.path.relpath(there, posixpath.dirname(page) or '.')}{hash_}{anchor}{title})"
    if not (ROOT / path).exists():
        log.warning("%s links to %s, which is not in the repository", source, path)
    hint = f"{path}, {found[4]}" if found[4] else path
    return f'<span class="in-repository" title="{html.escape(hint)}">{found[2]}</span>'


def address(path: str) -> str | None:
    """Where a file of the repository is in the site, or None."""
    for page, source in PAGES.items():
        if path in (source, posixpath.dirname(source) or source):
            return page
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if re.fullmatch(r"corpus/cases/[^/]+\.json", path):
        return path.removeprefix("corpus/")
    return None


def on_nav(nav: Any, config: Any, files: Any) -> Any:
    """Put pages that the table of contents forgot at its end, so that none is out of reach."""
    from mkdocs.structure.nav import Section

    known = {page.file.src_uri for page in nav.pages}
    more = [file.page for file in files.documentation_pages() if file.src_uri not in known and file.page is not None]
    if more:
        section = Section("More", more)
        for page in more:
            page.parent = section
        nav.items.append(section)
        nav.pages.extend(more)
    return nav


def on_post_build(config: Any) -> None:
    """Cut what the theme's script would fetch for diagrams and for browsers without ResizeObserver: nothing leaves."""
    for path in Path(config["site_dir"]).glob("assets/javascripts/bundle.*.js"):
        path.write_text(path.read_text("utf-8").replace("https://unpkg.com/", "data:text/javascript,//"), "utf-8")
    shutil.rmtree(Path(config["site_dir"]) / "assets" / "javascripts" / "lunr", ignore_errors=True)  # other languages
    for path in Path(config["site_dir"]).rglob("*.map"):
        path.unlink()  # of use to the theme's developers; nothing may name what is not there
    for path in Path(config["site_dir"]).glob("assets/**/*.min.*s*"):
        path.write_text(re.sub(r"\n?/[/*]# sourceMappingURL=.*$", "", path.read_text("utf-8")), "utf-8")
