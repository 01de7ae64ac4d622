"""A page of HTML as a strict reader sees it: each tag closed where it must be, ids, links, and what it would load."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "col", "br", "input", "link", "img", "hr"}


@dataclass
class Page(HTMLParser):
    """What a page has; `problems` are what no page should have."""

    text: str
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self.feed(self.text)
        self.close()
        if self._open:
            self.problems.append(f"not closed: {self._open}")
        if len(set(self.ids)) < len(self.ids):
            self.problems.append("an id is there twice")
        self.problems += [
            f"leads nowhere: {link}" for link in self.links if link[0] == "#" and link[1:] not in self.ids
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag not in VOID:
            self._open.append(tag)
        self.problems += [f"a handler: {tag} {name}" for name in found if name.startswith("on")]
        self.problems += [f"loads {found[name]}" for name in ("src", "srcset", "data", "action") if name in found]
        self.problems += [f"names twice: {tag}"] if len(found) < len(attrs) else []
        if "id" in found:
            self.ids.append(found["id"])
        if "href" in found:
            self.links.append(found["href"])
            if tag != "a" or not found["href"].startswith(("#", "https://github.com/")):
                self.problems.append(f"{tag} leads to {found['href']}")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"{tag} is closed where it is not open")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def said(self) -> str:
        """All text, spaces made one."""
        return " ".join("".join(self.words).split())

    def having(self, name: str) -> list[dict[str, str]]:
        """The attributes of the elements of a class."""
        return [found for _, found in self.tags if name in found.get("class", "").split()]
