"""A page taken apart as a browser would: which elements and attributes there are, and the text between them."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br"}


class Parsed(HTMLParser):
    """`elements` are (tag, attributes) in order, `texts` what stands between them, `open` what was never closed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.comments: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def handle_comment(self, data):
        self.comments.append(data)

    @property
    def text(self) -> str:
        """All of the text, in one line."""
        return " ".join(" ".join(self.texts).split())

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...], str | None]]:
        """Which elements there are, with the names of their attributes and their looks, in no order."""
        return sorted((tag, tuple(sorted(attrs)), attrs.get("class") or "") for tag, attrs in self.elements)

    def of(self, tag: str, look: str = "") -> list[dict[str, str | None]]:
        """The attributes of the elements of that tag, and that look."""
        found = [attrs for name, attrs in self.elements if name == tag]
        return [attrs for attrs in found if not look or look in (attrs.get("class") or "").split()]
